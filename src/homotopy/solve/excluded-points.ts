/**
 * Systems that divide by unknowns: solved as the polynomials that they were cleared to, whose zeros where an equation
 * divides by 0 are no solutions.
 */
import type { Device } from '../../gpu/index.js';
import { exactMember, type SystemFamily } from '../../polynomial/family.js';
import { formatTerms } from '../../polynomial/format.js';
import { toNumeric } from '../../polynomial/numeric.js';
import { residual } from '../../polynomial/residual.js';
import { isCoordinate, saturate } from '../../polynomial/excluded.js';
import type { NumericSystem, PolynomialSystem } from '../../polynomial/system.js';
import { certificateCheck, countCheck } from './completeness-report.js';
import { DEFAULT_COUNT_MS, ExactCounter } from './exact-comparison.js';
import { coordinateNoise, isNegligible, residualLimit } from './residual-limit.js';
import type { Solution, SolveResult } from './solution.js';
import type { FamilyOptions, SolveOptions } from './solve-options.js';
import { solverResources } from './solver-resources.js';
import { SolutionTally } from './tally.js';
import { throughStep, throughSteps } from './unfinished.js';

/** More than the noise by less than this leaves a doubt. */
const DOUBT = 100;

/**
 * Solves a system with excluded points.
 *
 * @param solveCleared solves it without regard to them.
 */
export async function solveOutside(
  device: Device,
  system: PolynomialSystem,
  options: SolveOptions,
  solveCleared: (options: SolveOptions) => Promise<SolveResult>,
): Promise<SolveResult> {
  const points = new ExcludedPoints(system);
  const { onSolutions } = options;
  const handedOut = new SolutionTally();
  const clearedOptions: SolveOptions = {
    ...options,
    ...(onSolutions && {
      onSolutions: (batch, paths) => {
        const kept = batch.flatMap((zero, k) =>
          points.excludes(zero) ? [] : [[zero, paths[k]!] as const],
        );
        if (kept.length === 0) return;
        const solutions = kept.map(([solution]) => solution);
        handedOut.add(solutions);
        onSolutions(
          solutions,
          kept.map(([, path]) => path),
        );
      },
    }),
  };
  return throughStep(
    () => solveCleared(clearedOptions),
    (cleared) => points.drop(cleared, device, options, handedOut),
  );
}

/** The same for members of a family, followed from one whose solutions are not excluded. */
export function dropFromMembers(
  device: Device,
  family: SystemFamily,
  options: FamilyOptions,
  follow: () => Promise<SolveResult[]>,
): Promise<SolveResult[]> {
  return throughSteps(follow, (results) =>
    Promise.all(
      results.map((result) =>
        new ExcludedPoints(exactMember(family, result.parameters!)).drop(result, device, options),
      ),
    ),
  );
}

class ExcludedPoints {
  private readonly numeric: NumericSystem;
  private readonly divisors: readonly {
    readonly text: string;
    /** The unknown that it is, or -1. */
    readonly coordinate: number;
    readonly numeric: NumericSystem;
  }[];
  private readonly zeros: (Solution & { readonly where: readonly string[] })[] = [];
  private undecided = 0;

  constructor(private readonly system: PolynomialSystem) {
    const { variables, excluded = [] } = system;
    this.numeric = toNumeric(system);
    this.divisors = excluded.map((terms) => ({
      text: formatTerms(terms, variables),
      coordinate: isCoordinate(terms) ? terms[0]!.exponents.indexOf(1) : -1,
      numeric: toNumeric({ ...system, polynomials: [terms] }),
    }));
  }

  /** Whether a zero of the cleared equations is excluded; it is then in the list of those. */
  excludes(zero: Solution): boolean {
    const verdicts = this.divisors.map((divisor) => this.judge(zero, divisor));
    const where = this.divisors.flatMap(({ text }, k) =>
      verdicts[k] === 'zero' ? [`${text} = 0`] : [],
    );
    if (where.length > 0) this.zeros.push({ ...zero, where });
    else if (verdicts.includes('undecided')) this.undecided++;
    return where.length > 0;
  }

  /** @param tally of the solutions that were handed out before. */
  async drop(
    cleared: SolveResult,
    device: Device,
    options: Pick<
      SolveOptions,
      'countMilliseconds' | 'certify' | 'signal' | 'onSolutions' | 'handOut'
    >,
    tally = new SolutionTally(),
  ): Promise<SolveResult> {
    const solutions = cleared.solutions.filter((zero) => !this.excludes(zero));
    const { counts } = tally.add(solutions);
    const { undecided, zeros } = this;
    const exactCount = await this.count(cleared, counts.distinct, device, options);
    const isListed = !options.onSolutions || options.handOut === 'checked';
    const excluded = {
      where: this.divisors.map(({ text }) => `${text} = 0`),
      dropped: zeros.length,
      undecided,
      zeros: isListed ? zeros : [],
    };
    const result = { ...cleared, exactCount, solutions, counts, excluded };
    const paths = ['paths', 'collisions', 'conjugates', 'all equations'];
    return {
      ...result,
      completeness: [
        ...cleared.completeness.filter(({ check }) => paths.includes(check)),
        {
          check: 'excluded points',
          value: { where: excluded.where, dropped: zeros.length, undecided },
          proves:
            undecided > 0
              ? `nothing of ${undecided} solutions that are listed: rounding may be all that keeps them from the excluded points`
              : `${zeros.length} zeros of the cleared equations lie at excluded points and are not listed, and no solution that is listed does, as far as rounding allows to say`,
        },
        ...countCheck(exactCount, counts, 'outside the excluded points'),
        ...(options.certify && isListed && !cleared.overdetermined
          ? [certificateCheck(tally.certified, counts)]
          : []),
      ],
      warnings: [
        ...cleared.warnings.map((warning) => `of the cleared equations: ${warning}`),
        ...(undecided > 0
          ? [
              `${undecided} solutions are so close to excluded points (${excluded.where.join(', ')}) that rounding may be all that keeps them apart`,
            ]
          : []),
        ...(exactCount.status === 'different'
          ? [
              `${counts.distinct} different solutions were found outside the excluded points, but there are ${exactCount.distinct!} (exact count modulo ${exactCount.prime!}): try another seed`,
            ]
          : []),
      ],
    };
  }

  /** Of the solutions that are left, where that says more than the count of the cleared equations. */
  private count(
    { exactCount, partial, solutions }: SolveResult,
    found: number,
    device: Device,
    { countMilliseconds = DEFAULT_COUNT_MS, signal }: Parameters<ExcludedPoints['drop']>[2],
  ) {
    const isSame = exactCount.status === 'equal' && this.zeros.length + this.undecided === 0;
    const isSimple = solutions.every(({ singular }) => !singular);
    if (isSame && (isSimple || exactCount.distinct !== null)) return exactCount;
    if (partial || countMilliseconds <= 0) {
      return {
        ...exactCount,
        count: null,
        distinct: null,
        nonsingular: null,
        status: 'not compared' as const,
      };
    }
    const { pool } = solverResources(device);
    return new ExactCounter(
      saturate(this.system),
      pool,
      countMilliseconds,
      signal,
    ).compareSolutions(found);
  }

  private judge(
    zero: Solution,
    { coordinate, numeric }: ExcludedPoints['divisors'][number],
  ): 'zero' | 'other' | 'undecided' {
    const point = zero.coordinates.flat();
    if (coordinate < 0) {
      const noise = coordinateNoise(zero);
      const size = residual(numeric, point);
      return size <= noise ? 'zero' : size <= DOUBT * noise ? 'undecided' : 'other';
    }
    if (!isNegligible(zero, coordinate)) return 'other';
    // It is that small by itself where the equations do not hold without it.
    const snapped = point.fill(0, 2 * coordinate, 2 * coordinate + 2);
    const size = residual(this.numeric, snapped);
    const limit = residualLimit(zero);
    return size <= limit ? 'zero' : size <= DOUBT * limit ? 'undecided' : 'other';
  }
}
