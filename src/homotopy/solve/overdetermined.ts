/**
 * Systems of more equations than unknowns: squared up, solved, and the solutions told from those of the combinations alone
 * by what the equations themselves say.
 */
import type { Device } from '../../gpu/index.js';
import { toNumeric } from '../../polynomial/numeric.js';
import { residual } from '../../polynomial/residual.js';
import type { NumericSystem, PolynomialSystem } from '../../polynomial/system.js';
import { countCheck } from './completeness-report.js';
import { DEFAULT_COUNT_MS, ExactCounter, type ExactComparison } from './exact-comparison.js';
import { isNegligible, residualLimit } from './residual-limit.js';
import type { CompletenessCheck, Solution, SolveResult } from './solution.js';
import type { SolveOptions } from './solve-options.js';
import { solverResources } from './solver-resources.js';
import { squareUp } from './square-up.js';
import { SolutionTally } from './tally.js';
import { throughStep } from './unfinished.js';

/** A residual above the limit by less than this leaves a doubt. */
const DOUBT = 1e3;

type Verdict = 'solution' | 'excess' | 'undecided';

/**
 * Solves a system of more than n equations in n unknowns.
 *
 * @param solveSquare solves a system of n equations.
 * @param combined n combinations of the equations.
 */
export async function solveOverdetermined(
  device: Device,
  system: PolynomialSystem,
  options: SolveOptions,
  seed: number,
  solveSquare: (square: PolynomialSystem, options: SolveOptions) => Promise<SolveResult>,
  combined: PolynomialSystem = squareUp(system, seed),
): Promise<SolveResult> {
  const numeric = toNumeric(system);
  const found = { excess: 0, undecided: 0 };
  const tally = new SolutionTally();
  /** With its residual in all equations, or nothing. */
  const take = (zero: Solution): Solution[] => {
    const solution = inAllEquations(numeric, zero);
    const verdict = judge(solution);
    if (verdict !== 'solution') {
      found[verdict]++;
      return [];
    }
    tally.add([solution]);
    return [solution];
  };
  const { onSolutions } = options;
  const squareOptions: SolveOptions = {
    ...options,
    // A box of the combinations proves nothing of the system.
    certify: false,
    ...(onSolutions && {
      onSolutions: (batch, paths) => {
        const kept = batch.flatMap((zero, k) =>
          take(zero).map((solution) => ({ solution, path: paths[k]! })),
        );
        if (kept.length === 0) return;
        onSolutions(
          kept.map(({ solution }) => solution),
          kept.map(({ path }) => path),
        );
      },
    }),
  };
  const ofAllEquations = async (square: SolveResult): Promise<SolveResult> => {
    const solutions = square.solutions.flatMap(take);
    const { counts } = tally;
    const { countMilliseconds = DEFAULT_COUNT_MS, signal } = options;
    const exactCount =
      countMilliseconds > 0 && !square.partial
        ? await new ExactCounter(
            system,
            solverResources(device).pool,
            countMilliseconds,
            signal,
          ).compareSolutions(counts.distinct)
        : {
            ...square.exactCount,
            count: null,
            distinct: null,
            nonsingular: null,
            status: 'not compared' as const,
          };
    return {
      ...square,
      system: { name: system.name, variables: system.variables, degrees: system.degrees },
      overdetermined: { equations: system.polynomials.length, ...found },
      exactCount,
      solutions,
      counts,
      completeness: [
        ...square.completeness.filter(({ check }) => check === 'paths' || check === 'collisions'),
        equationCheck(counts.distinct, found),
        ...countCheck(exactCount, counts, 'of all equations together'),
      ],
      warnings: [
        ...square.warnings.map((warning) => `of the random combinations: ${warning}`),
        ...describe(found, exactCount, counts.distinct),
      ],
    };
  };
  return throughStep(() => solveSquare(combined, squareOptions), ofAllEquations);
}

/**
 * A zero of the combinations with its residual in all equations. Where every term of an equation has a factor that is 0, rounding
 * of that factor is all that there is of the equation, so such coordinates are 0 where the equations hold better then.
 */
function inAllEquations(numeric: NumericSystem, zero: Solution): Solution {
  const settled = zero.coordinates.map(([re, im], j): [number, number] =>
    isNegligible(zero, j) ? [0, 0] : [re, im],
  );
  const [asFound, asSettled] = [zero.coordinates, settled].map((point) =>
    residual(numeric, point.flat()),
  ) as [number, number];
  return asSettled < asFound
    ? { ...zero, coordinates: settled, residual: asSettled }
    : { ...zero, residual: asFound };
}

/** Whether a solution of the combinations solves every equation. */
function judge(zero: Solution): Verdict {
  const limit = residualLimit(zero);
  return zero.residual <= limit
    ? 'solution'
    : zero.residual <= DOUBT * limit
      ? 'undecided'
      : 'excess';
}

function equationCheck(
  solutions: number,
  { excess, undecided }: { readonly excess: number; readonly undecided: number },
): CompletenessCheck {
  return {
    check: 'all equations',
    value: { solutions, excess, undecided },
    proves:
      undecided > 0
        ? `nothing of ${undecided} zeros of the random combinations: rounding may be all that keeps them from solving every equation`
        : `${solutions} zeros of the random combinations satisfy every equation as far as rounding allows to say, and ${excess} clearly do not`,
  };
}

function describe(
  { undecided }: { readonly undecided: number },
  { status, distinct, dimension, prime }: ExactComparison,
  found: number,
): string[] {
  return [
    ...(undecided > 0
      ? [
          `${undecided} zeros of the random combinations nearly solve every equation and were left out: try another seed`,
        ]
      : []),
    ...(status === 'different'
      ? [
          `${found} different solutions were found, but there are ${distinct!} (exact count modulo ${prime!}): coefficients that were rounded may leave a system of more equations than unknowns without its solutions; else try another seed`,
        ]
      : []),
    ...(status === 'positive-dimensional'
      ? [
          `the solution set has dimension ${dimension!} (counted modulo ${prime!}): isolated solutions cannot be counted`,
        ]
      : []),
  ];
}
