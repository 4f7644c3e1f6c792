/**
 * Parameter homotopies: from one solved member of a family to many others.
 *
 * The parameters move, and the coefficients, polynomials in them, with them: H(x, s) = F(x; p(s)), p(s) on an arc from
 * p0 to p1 through complex values (see program.ts). For a general p0 every isolated solution of every member is the
 * end of a path that starts at a solution of p0 (Morgan, Sommese 1989). All members share one structure: nothing is
 * compiled twice.
 *
 * The way from p0 to p1 is badly scaled at one of its ends when they are of different size,
 * whatever the units of the unknowns. Members many decades away are reached by way of others in between.
 */
import { randomStream } from '../../math/random.js';
import { DeviceLostError, GpuDevice, type Device } from '../../gpu/index.js';
import { saturate } from '../../polynomial/excluded.js';
import {
  exactMember,
  member,
  memberLine,
  parameterDegrees,
  type ParameterValue,
  type SystemFamily,
} from '../../polynomial/family.js';
import {
  chooseScaling,
  chooseUnits,
  chooseUnitsIfBetter,
  scaleSystem,
  shiftExponent,
  type Scaling,
  type Units,
} from '../../polynomial/scaling.js';
import type { NumericSystem } from '../../polynomial/system.js';
import { residual } from '../../polynomial/residual.js';
import { parameterHomotopies, type Homotopy } from '../program/homotopy.js';
import { checkBase, type SolveMember } from './check-base.js';
import { DeviceLosses, lossOptions } from './device-losses.js';
import { ProgressReporter } from './progress.js';
import { trackMembersOnGpu, type DeviceBatch } from './gpu-stage.js';
import { playsEndgame, runHomotopy, usesGpu } from './run-homotopy.js';
import {
  countUndetermined,
  DECIDED_BY_ROUNDING,
  isDetermined,
  type Solution,
  type SolveResult,
} from './solution.js';
import {
  SolveError,
  type FamilyOptions,
  type SolvedMember,
  type StartSolutions,
} from './solve-options.js';
import { gammaOf } from '../start/index.js';
import { solverResources, type SolverResources } from './solver-resources.js';
import type { StartSource } from './path-scheduler.js';
import { throughSteps, UnfinishedSolveError } from './unfinished.js';

/**
 * How often another gamma is tried. Almost every gamma is right in theory, but a line through the
 * parameters that passes next to a singular member makes many paths crawl: with one gamma of 1-2-1
 * 1,250 factorisations a path instead of 100 (2026-11-23).
 */
const ATTEMPTS = 4;
/** Keeps the seeds of the attempts apart. */
const SEED_STRIDE = 7919;
/** How many powers of ten a coefficient may change by in one homotopy, in the target's units. */
const DECADES_PER_HOP = 3;
const MOST_HOPS = 100;
/** Coefficients smaller than this beside the largest of their equation. */
const NEGLIGIBLE = 1e-3;
/** Of published solutions: three digits are enough to start from. */
const LARGEST_START_RESIDUAL = 1e-3;
const PHASE_STREAM = 0x40000;
/** The exact counts of all members together may take this long, but this long each in any case. */
const COUNTS_MS = 1000;
const LEAST_COUNT_MS = 15;

/** The way from member to member. */
export interface Way {
  /** Decides gamma. */
  readonly seed: number;
  /** That from the target to the base, backwards: paths from solutions to which it led end where it began. Default false. */
  readonly isReversed?: boolean;
}

export async function followMembers(
  gpu: Device,
  family: SystemFamily,
  options: FamilyOptions,
  way: Way,
  solveMember: SolveMember,
): Promise<SolveResult[]> {
  const { targets } = options;
  const read = readBase(family, options.from);
  if (targets.length === 0) return [];
  const { base, warnings } = await chooseBase(family, read, options, way.seed, solveMember);
  const losses = gpu instanceof GpuDevice ? new DeviceLosses(gpu, lossOptions(options)) : null;
  const follower = new MemberFollower(gpu, family, base.groups, options, way);
  const origin = follower.origin(base.parameters, base.solutions);
  const results: (SolveResult | undefined)[] = targets.map(() => undefined);
  for (const [index, result] of options.resume?.results ?? []) results[index] = result;

  const found = (): SolveResult[] =>
    results
      .filter((result) => result !== undefined)
      .map((result) => ({
        ...result,
        warnings: [...warnings, ...(losses?.warnings ?? []), ...result.warnings],
      }));
  const follow = async (): Promise<readonly SolveResult[]> => {
    try {
      await followEach(follower, origin, losses, options, results);
    } catch (error) {
      if (error instanceof DeviceLostError && error.reason !== 'closed')
        throw new UnfinishedSolveError(error, []);
      throw error;
    }
    return [];
  };
  // An abort leaves out what it cut short; an error brings the one that was at work.
  return throughSteps(follow, (last) => [...found(), ...last]);
}

/** Follows all members of which there is no result yet, and enters theirs. */
async function followEach(
  follower: MemberFollower,
  origin: Origin,
  losses: DeviceLosses | null,
  options: FamilyOptions,
  results: (SolveResult | undefined)[],
): Promise<void> {
  const { targets, signal } = options;
  // The first member tells whether gamma is a lucky one; all others then use it together.
  const { result: first, attempt } = results[0]
    ? { result: results[0], attempt: options.resume!.attempt }
    : await follower.follow(origin, targets[0]!, 0);
  const done = (index: number, result: SolveResult): void => {
    results[index] = result;
    if (result.partial) return;
    options.onCheckpoint?.(() => ({
      attempt,
      results: results.flatMap((each, k) => (each && !each.partial ? [[k, each] as const] : [])),
    }));
  };
  if (!results[0]) done(0, first);
  const near: { index: number; link: Link }[] = [];
  for (let index = 1; index < targets.length && !signal?.aborted; index++) {
    const link = follower.link(origin, targets[index]!, attempt);
    if (link.hops > 1) {
      if (results[index]) continue;
      done(index, (await follower.follow(origin, targets[index]!, attempt)).result);
    } else near.push({ index, link });
  }
  for (const all of groupBy(near, ({ link }) => link.line)) {
    const links = all.filter(({ index }) => !results[index]);
    if (links.length === 0) continue;
    const { line } = links[0]!.link;
    // Decided by all, so that those that are left are followed as they would have been.
    const paths = line.source.total * all.length;
    const homotopies = links.map(({ link }) => link.homotopy);
    const tracked =
      losses && (await usesGpu(follower.gpu, homotopies[0]!, paths, options))
        ? trackSurely(losses, homotopies, line.source, options, solverResources(follower.gpu))
        : null;
    for (const { index, link } of links) {
      const batch = (await tracked?.next())?.value;
      if (signal?.aborted) break;
      const tries = new Attempts(options);
      tries.add(await follower.run(link, batch ?? undefined), attempt);
      for (let other = 1; !tries.agree && other < ATTEMPTS && !signal?.aborted; other++) {
        const again = follower.link(origin, targets[index]!, attempt + other);
        tries.add(await follower.run(again), attempt + other);
      }
      done(index, tries.best.result);
    }
  }
}

/** One batch per member, whatever becomes of the device; they end early when there is none any more. */
function trackSurely(
  losses: DeviceLosses,
  homotopies: readonly Homotopy[],
  source: StartSource,
  { signal, endgame, tracker: choice = 'auto' }: FamilyOptions,
  resources: SolverResources,
): AsyncGenerator<DeviceBatch, void, undefined> {
  const trackOn = async function* (gpu: GpuDevice, from: number, share: number) {
    const { onGpu } = playsEndgame(gpu, endgame);
    const tracker = await resources.tracker(gpu, homotopies[0]!, null, {
      endgame: onGpu,
      choice,
      paths: homotopies.length * source.total,
    });
    yield* trackMembersOnGpu(tracker, homotopies.slice(from), source, {
      signal,
      batchSize: Math.ceil(tracker.batchSize * share),
      onSmaller: losses.onSmaller,
    });
  };
  return losses.outlive(trackOn, () => 1);
}

/** The base, or a better one. */
async function chooseBase(
  family: SystemFamily,
  read: Base,
  { from, checkBase: isChecked = true }: FamilyOptions,
  seed: number,
  solveMember: SolveMember,
): Promise<{ base: Base; warnings: readonly string[] }> {
  if (!isChecked || !('system' in from)) return { base: read, warnings: [] };
  const { base, warnings } = await checkBase(family, from, seed, solveMember);
  return { base: base === from ? read : readSolved(family, base), warnings };
}

/** What `from` says. */
interface Base {
  readonly parameters: readonly ParameterValue[];
  readonly solutions: readonly Pick<Solution, 'coordinates' | 'singular'>[];
  /** Names of the unknowns of each projective space. */
  readonly groups: readonly (readonly string[])[];
}

/** A member whose solutions are known. */
interface Origin {
  readonly numeric: NumericSystem;
  readonly parameters: readonly ParameterValue[];
  /** 2n coordinates per solution, in the family's own units. */
  readonly solutions: readonly Float64Array[];
  /** Its own best units. */
  readonly units: Units;
  /** What leads away from it, by units and gamma. */
  readonly lines: Map<string, Line>;
}

/** From one origin in certain units with a certain gamma: everything but the target. */
interface Line {
  /** Of all members: the family is left when their equations are scaled differently. */
  readonly scaling: Scaling;
  readonly source: StartSource;
  readonly homotopyTo: (line: readonly NumericSystem[]) => Homotopy;
}

interface Link {
  readonly line: Line;
  readonly parameters: readonly ParameterValue[];
  /** The target in the line's units. */
  readonly numeric: NumericSystem;
  readonly homotopy: Homotopy;
  /** How many homotopies in a row the way should be; this one is the last. */
  readonly hops: number;
}

class MemberFollower {
  private readonly groups: readonly (readonly number[])[];
  private readonly degrees: readonly (readonly number[])[];

  constructor(
    readonly gpu: Device,
    private readonly family: SystemFamily,
    private readonly groupNames: Base['groups'],
    private readonly options: FamilyOptions,
    private readonly way: Way,
  ) {
    const { variables, polynomials } = family;
    this.groups = groupNames.map((group) => group.map((name) => variables.indexOf(name)));
    this.degrees = polynomials.map((terms) =>
      this.groups.map((group) =>
        Math.max(
          ...terms.map(({ exponents }) =>
            group.reduce((sum, variable) => sum + exponents[variable]!, 0),
          ),
        ),
      ),
    );
  }

  origin(parameters: readonly ParameterValue[], solutions: Base['solutions']): Origin {
    const numeric = member(this.family, parameters);
    return {
      numeric,
      parameters,
      solutions: solutions
        .filter((solution) => !solution.singular)
        .map(({ coordinates }) => Float64Array.from(coordinates.flat())),
      units: chooseUnitsIfBetter(numeric),
      lines: new Map(),
    };
  }

  link(origin: Origin, parameters: readonly ParameterValue[], attempt: number): Link {
    const numeric = member(this.family, parameters);
    const units = chooseUnits(numeric, origin.units);
    const line = this.line(origin, units, attempt);
    const way = memberLine(this.family, origin.parameters, parameters).map((system) =>
      scaleSystem(system, line.scaling),
    );
    return {
      line,
      parameters,
      numeric: way[0]!,
      homotopy: line.homotopyTo(way),
      hops: countHops(origin.numeric, numeric),
    };
  }

  private line(origin: Origin, units: Units, attempt: number): Line {
    const key = `${attempt}:${units.join()}`;
    let line = origin.lines.get(key);
    if (!line) {
      const n = units.length;
      const points = origin.solutions.map((solution) => {
        const point = new Float64Array(2 * (n + this.groups.length));
        solution.forEach((part, k) => (point[k] = shiftExponent(part, -units[k >> 1]!)));
        for (let g = 0; g < this.groups.length; g++) point[2 * (n + g)] = 1;
        return point;
      });
      const scaling = chooseScaling(origin.numeric, units);
      line = {
        scaling,
        source: { total: points.length, point: (id) => points[id]!.slice() },
        homotopyTo: parameterHomotopies(
          origin.numeric,
          parameterDegrees(this.family),
          this.groups,
          this.degrees,
          this.gamma(attempt),
        ),
      };
      origin.lines.set(key, line);
    }
    return line;
  }

  /** tau = gamma s / (1 + (gamma - 1) s) runs backwards with 1 / gamma. */
  private gamma(attempt: number): readonly [number, number] {
    const [re, im] = gammaOf(this.way.seed + SEED_STRIDE * attempt);
    return [re, this.way.isReversed ? -im : im];
  }

  /** One homotopy; with the GPU's batch when it has tracked the main stage already. */
  run(
    { line, parameters, numeric, homotopy }: Link,
    batch?: DeviceBatch,
    { certify = this.options.certify ?? false } = {},
  ): Promise<SolveResult> {
    const { gpu, family, options, way } = this;
    const { total } = line.source;
    return runHomotopy(
      gpu,
      {
        system: family,
        numeric,
        exact: saturate(exactMember(family, parameters)),
        // Of several, each is counted as if it were alone: it does not matter which came before.
        ...(options.targets.length === 1 && { kin: family }),
        units: line.scaling.units,
        homotopy,
        source: line.source,
        start: {
          kind: 'parameters',
          structure: [],
          groups: this.groupNames,
          paths: total,
        },
        parameters,
        table: null,
        ...(batch && { tracked: batch }),
      },
      {
        ...options,
        seed: way.seed,
        certify,
        countMilliseconds:
          options.countMilliseconds ?? Math.max(LEAST_COUNT_MS, COUNTS_MS / options.targets.length),
        ...(batch
          ? {}
          : { precision: 'f64' as const, endgame: 'cpu' as const, tracker: 'auto' as const }),
      },
      new ProgressReporter(total, options.onProgress),
    );
  }

  /**
   * All the way to a member, by way of others where it is far away; other gammas where paths fail.
   *
   * @returns the attempt that served, too.
   */
  async follow(
    origin: Origin,
    target: readonly ParameterValue[],
    firstAttempt: number,
  ): Promise<{ result: SolveResult; attempt: number }> {
    const tries = new Attempts(this.options);
    for (let attempt = firstAttempt; attempt < firstAttempt + ATTEMPTS; attempt++) {
      tries.add(await this.followHops(origin, target, attempt), attempt);
      if (tries.agree || this.options.signal?.aborted) break;
    }
    return tries.best;
  }

  private async followHops(
    origin: Origin,
    target: readonly ParameterValue[],
    attempt: number,
  ): Promise<SolveResult> {
    const direct = this.link(origin, target, attempt);
    if (direct.hops === 1) return this.run(direct);
    const hops = hopsTo(
      origin.parameters,
      target,
      direct.hops,
      this.way.seed + SEED_STRIDE * attempt,
    );
    let from = origin;
    for (const parameters of hops.slice(0, -1)) {
      const link = this.link(from, parameters, attempt);
      const { solutions, paths, partial } = await this.run(link, undefined, { certify: false });
      from = this.origin(parameters, solutions);
      // Members in between are general ones: whatever is lost there is lost for good.
      if (paths.failed > 0 || partial) break;
    }
    const result = await this.run(this.link(from, target, attempt));
    const lost = origin.solutions.length - from.solutions.length;
    if (lost === 0) return result;
    const { paths, start, failedPaths } = result;
    return {
      ...result,
      // Another gamma is tried for these as for any other that failed.
      start: { ...start, paths: start.paths + lost },
      paths: { ...paths, tracked: paths.tracked + lost, failed: paths.failed + lost },
      failedPaths: [
        ...failedPaths,
        ...Array.from({ length: lost }, () => ({ id: -1, reason: 'not tracked' as const, s: 1 })),
      ],
      completeness: result.completeness.map((check) =>
        check.check === 'paths'
          ? { ...check, proves: `nothing: ${lost} solutions were lost on the way` }
          : check,
      ),
      warnings: [
        ...result.warnings,
        `${lost} of ${origin.solutions.length} solutions were lost on the way, at members of the family between the solved one and this one: solutions may be missing; solve this member by itself`,
      ],
    };
  }
}

/** Solutions nearer than this, relative to their largest coordinate, count as equal: two gammas agree to more. */
const SAME_POINT = 1e-8;

interface Attempt {
  readonly result: SolveResult;
  readonly attempt: number;
}

/**
 * Ways to one member with different gammas.
 *
 * A path that passes next to infinity can go on at infinity, where it meets solutions of every member: nothing about its end
 * tells. Which paths do so depends on gamma (5-point TDOA: on three of six seeds one or two of 24), so ends at infinity
 * that the exact count does not confirm are believed when another gamma finds the same solutions. As many alone is not
 * enough: of 1,000 general targets of that family seven lost one solution at each of two gammas, another one each time.
 * How many ends lie at infinity is no matter: on a curve of solutions that reaches there, gamma decides where on it a path ends.
 */
class Attempts {
  private readonly all: Attempt[] = [];

  constructor(private readonly options: Pick<FamilyOptions, 'representatives'>) {}

  add(result: SolveResult, attempt: number): void {
    this.all.push({ result, attempt });
  }

  /** Whether there is nothing left to ask. */
  get agree(): boolean {
    const { result } = this.leading();
    if (shortfall(result) > 0) return false;
    return this.isConfirmed(result);
  }

  /** The best, with a warning when no other agrees with it. */
  get best(): Attempt {
    const best = this.leading();
    const { result } = best;
    if (result.partial || result.exactCount.status === 'equal') return best;
    const faint = countUndetermined(result.solutions);
    const warnings = [
      ...(this.isConfirmed(result)
        ? []
        : [
            `${result.paths.atInfinity} paths went to infinity and no other gamma agrees, nor is there an exact count: solutions may be missing; try another seed`,
          ]),
      ...(faint === 0
        ? []
        : [
            `${faint} solutions have condition numbers above ${DECIDED_BY_ROUNDING.toExponential(0).replace('+', '')}: the rounding of the coefficients decides whether they exist, and another seed may find others of their kind`,
          ]),
    ];
    return { ...best, result: { ...result, warnings: [...result.warnings, ...warnings] } };
  }

  private isConfirmed(result: SolveResult): boolean {
    if (result.paths.atInfinity === 0 || result.exactCount.status === 'equal') return true;
    return this.all.some(
      (other) =>
        other.result !== result &&
        haveSameSolutions(other.result, result, this.options.representatives?.invariants),
    );
  }

  private leading(): Attempt {
    return this.all.reduce((best, each) => {
      const difference = shortfall(each.result) - shortfall(best.result);
      if (difference !== 0) return difference < 0 ? each : best;
      return each.result.paths.atInfinity < best.result.paths.atInfinity ? each : best;
    });
  }
}

/** Whether each nonsingular solution of one is one of the other, too; those that rounding decides over are not asked. */
function haveSameSolutions(
  a: SolveResult,
  b: SolveResult,
  invariants: readonly number[] | undefined,
): boolean {
  const [first, second] = [a, b].map(({ solutions }) =>
    solutions.filter((each) => !each.singular && isDetermined(each)),
  );
  if (first!.length !== second!.length) return false;
  const places = invariants ?? first![0]?.coordinates.map((_, j) => j) ?? [];
  return first!.every(({ coordinates: x }) => {
    const limit = SAME_POINT * Math.max(...x.map((each) => Math.hypot(...each)));
    return second!.some(({ coordinates: y }) =>
      places.every((j) => Math.hypot(x[j]![0] - y[j]![0], x[j]![1] - y[j]![1]) <= limit),
    );
  });
}

/**
 * What another gamma may mend: paths undecided, and solutions missing while paths went to infinity. The exact count is of
 * the rounded coefficients and has what their rounding makes, too: where there is such it says nothing of the others.
 */
function shortfall({ paths, exactCount, solutions, counts }: SolveResult): number {
  const isComparable = exactCount.status === 'different' && countUndetermined(solutions) === 0;
  if (!isComparable || paths.atInfinity === 0) return paths.failed;
  const singular = solutions
    .filter((solution) => solution.singular)
    .reduce((sum, { multiplicity }) => sum + multiplicity, 0);
  return paths.failed + Math.abs(exactCount.count! - counts.nonsingular - singular);
}

/** Homotopies in a row that it takes from one member to another, at least 1. */
function countHops(from: NumericSystem, to: NumericSystem): number {
  const scaling = chooseScaling(to, chooseUnits(to));
  const [start, end] = [scaleSystem(from, scaling), scaleSystem(to, scaling)];
  let decades = 0;
  end.equations.forEach(({ coefficients }, i) => {
    const sizes = (all: Float64Array) =>
      Array.from({ length: all.length / 2 }, (_, t) => Math.hypot(all[2 * t]!, all[2 * t + 1]!));
    const ends = sizes(coefficients);
    const largest = Math.max(...ends);
    sizes(start.equations[i]!.coefficients).forEach((size, t) => {
      if (size === 0) return;
      // Towards a coefficient that hardly matters at the target the way is as good as towards 0.
      const matters = ends[t]! > NEGLIGIBLE * largest;
      const ratio = Math.log10(size / (matters ? ends[t]! : largest));
      decades = Math.max(decades, matters ? Math.abs(ratio) : ratio);
    });
  });
  return Math.min(MOST_HOPS, Math.max(1, Math.ceil(decades / DECADES_PER_HOP)));
}

/**
 * `count` parameters on the way, the target last: geometric in modulus, linear in argument, with a random phase so
 * that the members in between are general. Parameters that are equal at both ends stay equal on the way, so that exchanging
 * them stays a symmetry: where only one solution of each orbit is followed, two would arrive at copies of one.
 */
function hopsTo(
  p0: readonly ParameterValue[],
  p1: readonly ParameterValue[],
  count: number,
  seed: number,
): (readonly ParameterValue[])[] {
  return Array.from({ length: count }, (_, hop) => {
    const t = (hop + 1) / count;
    if (t === 1) return p1;
    return p0.map((value, k): ParameterValue => {
      const twin = p0.findIndex((other, j) => isEqual(other, value) && isEqual(p1[j]!, p1[k]!));
      const random = randomStream(seed, PHASE_STREAM + hop, twin);
      const [from, to] = [modulus(value), modulus(p1[k]!)];
      // Towards 0, and away from it, linearly.
      const size = from > 0 && to > 0 ? from ** (1 - t) * to ** t : from * (1 - t) + to * t;
      const turn = 2 * Math.PI * random.uniform();
      const angle = argument(value) * (1 - t) + argument(p1[k]!) * t + turn;
      return [size * Math.cos(angle), size * Math.sin(angle)];
    });
  });
}

function isEqual(a: ParameterValue, b: ParameterValue): boolean {
  return modulus(a) === modulus(b) && argument(a) === argument(b);
}

function modulus(value: ParameterValue): number {
  return typeof value === 'number' ? Math.abs(value) : Math.hypot(...value);
}

function argument(value: ParameterValue): number {
  return typeof value === 'number' ? Math.atan2(0, value) : Math.atan2(value[1], value[0]);
}

function groupBy<Item, Key>(items: readonly Item[], key: (item: Item) => Key): Item[][] {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}

/** @throws SolveError naming what is unfit. */
function readBase(family: SystemFamily, from: SolvedMember | StartSolutions): Base {
  return 'system' in from ? readSolved(family, from) : readSolutions(family, from);
}

function readSolved(family: SystemFamily, from: SolvedMember): Base {
  const { parameters, solutions } = from;
  if (!parameters) {
    throw new SolveError(
      '`from` was not solved as a member of a family: solve(gpu, family, { parameters }) makes a base',
    );
  }
  if (
    from.system.variables.join() !== family.variables.join() ||
    parameters.length !== family.parameters.length
  ) {
    throw new SolveError(
      `\`from\` belongs to another family: it has the unknowns ${from.system.variables.join(', ')} and ${parameters.length} parameters, the family ${family.variables.join(', ')} and ${family.parameters.length}`,
    );
  }
  if (from.partial) {
    throw new SolveError('`from` is a partial result: solve that member to the end first');
  }
  return { parameters, solutions, groups: from.start.groups };
}

/** All unknowns in one projective space. Each solution must be one, and simple. */
function readSolutions(family: SystemFamily, from: StartSolutions): Base {
  const { variables } = family;
  if (![from.parameters, from.solutions].every(Array.isArray)) {
    throw new SolveError(
      '`from` must be a result of solve(gpu, family, { parameters }), or { parameters, solutions: [{ coordinates }] }',
    );
  }
  const numeric = member(family, from.parameters);
  const solutions = from.solutions.map(({ coordinates }, k) => {
    const parts = coordinates?.flat() ?? [];
    if (
      parts.length !== 2 * variables.length ||
      coordinates.length !== variables.length ||
      !parts.every(Number.isFinite)
    ) {
      throw new SolveError(
        `\`from.solutions[${k}].coordinates\` must be ${variables.length} pairs [re, im] of finite numbers, one per unknown (${variables.join(', ')})`,
      );
    }
    const off = residual(numeric, Float64Array.from(parts));
    if (!(off <= LARGEST_START_RESIDUAL)) {
      throw new SolveError(
        `\`from.solutions[${k}]\` is no solution at \`from.parameters\`: its residual is ${off.toPrecision(2)} of the terms' size; its coordinates belong to the unknowns in the order ${variables.join(', ')} (parseFamily's \`variables\` sets it)`,
      );
    }
    return { coordinates, singular: false };
  });
  return { parameters: from.parameters, solutions, groups: [variables] };
}
