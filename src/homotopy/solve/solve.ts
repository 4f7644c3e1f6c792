/**
 * All isolated solutions of a polynomial system or of members of a family.
 *
 * Three questions, one verb: a system from a linear-product start; a family's member likewise; and,
 * once a general member is solved, any further members by parameter homotopy, with only as many
 * paths as there are solutions.
 */
import type { Device } from '../../gpu/index.js';
import { nextTurn } from '../../math/stepwise.js';
import {
  exactMember,
  member,
  type ParameterValue,
  type SystemFamily,
} from '../../polynomial/family.js';
import { checkSquare } from '../../polynomial/canonical.js';
import { toNumeric } from '../../polynomial/numeric.js';
import { chooseScaling, chooseUnitsIfBetter, scaleSystem } from '../../polynomial/scaling.js';
import type { NumericSystem, PolynomialSystem } from '../../polynomial/system.js';
import type { SolveMember } from './check-base.js';
import type { FollowEdge, MonodromyResult } from './family-monodromy.js';
import type { Way } from './follow-members.js';
import { ProgressReporter } from './progress.js';
import { findStart } from './find-start.js';
import { fromLinearProduct } from './linear-product-start.js';
import { runHomotopy, type HomotopyJob, type SolveJob } from './run-homotopy.js';
import type { SolveResult } from './solution.js';
import { standIn } from './stand-in.js';
import {
  SolveError,
  type FamilyOptions,
  type MonodromyOptions,
  type MemberOptions,
  type SolveOptions,
} from './solve-options.js';
import { assertTrackable, type PolyhedralPlan, type StartPlan } from '../start/index.js';

const DEFAULT_MAX_PATHS = 10_000_000;

/**
 * Solves F = 0: n polynomials in n unknowns, or more, of which n random combinations are solved.
 *
 * Every isolated solution in C^n is the end of at least one path for almost every gamma
 * (Morgan, Sommese, Wampler 1995; for parameters Morgan, Sommese 1989); the result says what
 * happened to each path.
 *
 * @throws SystemError for a structure that does not support the system, or bad parameter values.
 * @throws SolveError when the start system has more paths than `maxPaths`, or `from` is unfit.
 */
export function solve(
  gpu: Device,
  system: PolynomialSystem,
  options?: SolveOptions,
): Promise<SolveResult>;
export function solve(
  gpu: Device,
  family: SystemFamily,
  options: MemberOptions,
): Promise<SolveResult>;
export function solve(
  gpu: Device,
  family: SystemFamily,
  options: FamilyOptions,
): Promise<SolveResult[]>;
export function solve(
  gpu: Device,
  family: SystemFamily,
  options: MonodromyOptions,
): Promise<MonodromyResult>;
export async function solve(
  gpu: Device,
  system: PolynomialSystem | SystemFamily,
  options: SolveOptions | MemberOptions | FamilyOptions | MonodromyOptions = {},
): Promise<SolveResult | SolveResult[]> {
  const seed = checkSeed(options.seed ?? 1);
  const isFamily = 'parameters' in system;
  if ('monodromy' in options) {
    if (isFamily) return findByMonodromy(gpu, system, options, seed);
    throw new SolveError(
      '`monodromy` is for families: read the system with parseFamily and say which of its names are parameters',
    );
  }
  if (!isFamily) return solveSystem(gpu, system, options, seed);
  if ('from' in options) return followFamily(gpu, system, options, { seed });
  if (!('parameters' in options)) {
    throw new SolveError(
      `the system has the parameters ${system.parameters.join(', ')}: give \`parameters\` (values) or \`from\` and \`targets\``,
    );
  }
  return solveMember(gpu, system, options.parameters, options, seed);
}

async function followFamily(
  gpu: Device,
  family: SystemFamily,
  options: FamilyOptions,
  way: Way,
): Promise<SolveResult[]> {
  const second: SolveMember = (parameters, structure, memberSeed) => {
    const { precision, signal } = options;
    return solveMember(
      gpu,
      family,
      parameters,
      {
        structure: structure.map((sets) =>
          sets.map((set) => set.map((name) => family.variables.indexOf(name))),
        ),
        countMilliseconds: 0,
        ...(precision && { precision }),
        ...(signal && { signal }),
      },
      memberSeed,
    );
  };
  const { followMembers } = await import('./follow-members.js');
  const follow = () => followMembers(gpu, family, options, way, second);
  if (family.excluded.length === 0) return follow();
  const { dropFromMembers } = await import('./excluded-points.js');
  return dropFromMembers(gpu, family, options, follow);
}

async function solveSystem(
  gpu: Device,
  system: PolynomialSystem,
  options: SolveOptions,
  seed: number,
): Promise<SolveResult> {
  const [equations, unknowns] = [system.polynomials.length, system.variables.length];
  const square = (each: PolynomialSystem, squareOptions: SolveOptions) =>
    solveFromStart(gpu, each, toNumeric(each), squareOptions, seed, null, each);
  const zeros = (each: PolynomialSystem) =>
    outside(gpu, each, options, async (cleared, clearedOptions) => {
      if (cleared.polynomials.length === unknowns) return square(cleared, clearedOptions);
      const { solveOverdetermined } = await import('./overdetermined.js');
      return solveOverdetermined(gpu, cleared, clearedOptions, seed, square);
    });
  const solvers = {
    device: gpu,
    square,
    follow: (family: SystemFamily, familyOptions: FamilyOptions) =>
      solve(gpu, family, familyOptions),
  };
  const whole = async (each: PolynomialSystem, slices: number) => {
    const result = await zeros(each);
    const { exactCount, partial, solutions } = result;
    const mayHide = exactCount.status !== 'equal' && solutions.some(({ singular }) => singular);
    const isListed = !options.onSolutions || options.handOut === 'checked';
    if (partial || !isListed || !(mayHide || (exactCount.dimension ?? 0) > slices)) return result;
    const { separateComponents } = await import('./witness.js');
    return separateComponents(each, slices, result, options, seed, solvers);
  };
  if (!options.slice) {
    if (equations < unknowns) checkSquare(equations, system.variables);
    return whole(system, 0);
  }
  if (equations >= unknowns) {
    throw new SolveError(
      `\`slice\` is for fewer equations than unknowns, and there are ${equations} in ${unknowns}: leave it out`,
    );
  }
  const { solveSliced } = await import('./witness.js');
  return solveSliced(system, options, seed, solvers, (sliced) =>
    whole(sliced, unknowns - equations),
  );
}

function solveMember(
  gpu: Device,
  family: SystemFamily,
  parameters: readonly ParameterValue[],
  options: SolveOptions,
  seed: number,
): Promise<SolveResult> {
  const numeric = member(family, parameters);
  const exact = exactMember(family, parameters);
  return outside(gpu, exact, options, (cleared, clearedOptions) =>
    solveFromStart(gpu, skeleton(family), numeric, clearedOptions, seed, parameters, cleared),
  );
}

/** Solves a system without regard to its excluded points, and drops what lies there. */
async function outside(
  gpu: Device,
  system: PolynomialSystem,
  options: SolveOptions,
  solveCleared: (cleared: PolynomialSystem, options: SolveOptions) => Promise<SolveResult>,
): Promise<SolveResult> {
  if (!system.excluded) return solveCleared(system, options);
  const { excluded: _, ...cleared } = system;
  const { solveOutside } = await import('./excluded-points.js');
  return solveOutside(gpu, system, options, (each) => solveCleared(cleared, each));
}

/** Edges are parameter homotopies on the CPU: few paths each, and many of them. */
async function findByMonodromy(
  gpu: Device,
  family: SystemFamily,
  options: MonodromyOptions,
  seed: number,
): Promise<MonodromyResult> {
  const { signal, monodromy } = options;
  const { randomSolution, solveByMonodromy } = await import('./family-monodromy.js');
  const from = monodromy.from ?? randomSolution(family, checkSeed(monodromy.seed));
  if (from.solutions.length === 0) {
    throw new SolveError('`monodromy.from` has no solution: monodromy needs at least one');
  }
  const { trace = false, seed: _, ...search } = monodromy;
  const begun = { ...options, monodromy: { ...search, from } };
  const followOn =
    (members: SystemFamily): FollowEdge =>
    async (start, to, edge) => {
      const [result] = await followFamily(
        gpu,
        members,
        {
          from: start,
          targets: [to],
          precision: 'f64',
          countMilliseconds: 0,
          certify: edge.certify ?? false,
          ...(signal && { signal }),
        },
        edge,
      );
      if (result === undefined) throw new SolveError('stopped before there was a result');
      return result;
    };
  if (!trace) return solveByMonodromy(begun, seed, followOn(family));
  const { solveWithTrace } = await import('./family-trace.js');
  return solveWithTrace(family, begun, seed, followOn);
}

async function solveFromStart(
  gpu: Device,
  system: PolynomialSystem,
  numeric: NumericSystem,
  options: SolveOptions,
  seed: number,
  parameters: readonly ParameterValue[] | null,
  exact: PolynomialSystem,
): Promise<SolveResult> {
  // The search for a start has a seed of its own: another seed must not need other code.
  const plan = await findStart(gpu, system, options, parameters !== null);
  await nextTurn();
  if (!options.signal?.aborted) assertTrackable(plan, options.maxPaths ?? DEFAULT_MAX_PATHS);
  const units = chooseUnitsIfBetter(numeric);
  const scaled = scaleSystem(numeric, chooseScaling(numeric, units));
  const progress = new ProgressReporter(Number(plan.paths), options.onProgress);
  const run = { ...options, seed };
  const record = async (): Promise<Omit<HomotopyJob, 'start'>> => {
    try {
      if (plan.kind !== 'polyhedral') return await fromLinearProduct(scaled, plan, run);
      const { fromMixedCells } = await import('./polyhedral-start.js');
      return await fromMixedCells(gpu, scaled, plan, run, progress);
    } catch (error) {
      if (!options.signal?.aborted) throw error;
      return standIn(numeric.variables, Number(plan.paths));
    }
  };
  const start = startRecord(plan, numeric.variables);
  const job: SolveJob = { system, exact, units, parameters, start, ...(await record()) };
  return runHomotopy(gpu, job, run, progress);
}

/** The start system as results name it. */
function startRecord(
  plan: StartPlan | PolyhedralPlan,
  variables: readonly string[],
): SolveResult['start'] {
  const name = (set: readonly number[]) => set.map((variable) => variables[variable]!);
  return {
    kind: plan.kind,
    structure: plan.kind === 'polyhedral' ? [] : plan.structure.map((sets) => sets.map(name)),
    groups: plan.groups.map(name),
    paths: Number(plan.paths),
  };
}

/** The family as a system: what the choice of a start needs, supports and degrees. */
export function skeleton(family: SystemFamily): PolynomialSystem {
  return {
    name: family.name,
    variables: family.variables,
    degrees: family.degrees,
    polynomials: family.polynomials.map((terms) =>
      // Coefficients do not matter for structures; any nonzero one of the term's serves.
      terms.map(({ exponents, coefficient }) => ({
        exponents,
        coefficient: coefficient[0]!.coefficient,
      })),
    ),
  };
}

function checkSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new SolveError(`seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
  return seed;
}
