/**
 * From the base sets of a network's strata to its critical points for given data: for each number k of different units and
 * each way to share the h units among them, as many paths as the base set has orbits. Shares that differ only in the order of
 * the different units are followed together, with one gamma: only then do their ends not overlap.
 */
import type { Device } from '../../gpu/index.js';
import {
  SolutionTally,
  solve,
  UnfinishedSolveError,
  type SolveResult,
  type StartSolutions,
} from '../../homotopy/index.js';
import { randomStream } from '../../math/random.js';
import type { FamilyPoint } from '../moments.js';
import type { NetworkFamily } from '../network-family.js';
import { solveBaseSet } from './base-set.js';
import { countDifferentUnits, hasDifferentUnits, parityOf, type Parity } from './general-seed.js';
import {
  difference,
  inOrder,
  lagrangeFamily,
  placeOfBias,
  placesOfMoments,
  type Complex,
  type LagrangeFamily,
} from './lagrange-family.js';
import type { FindBaseSet } from './stored-base-set.js';
import { countCopies, partitions, unitOrders } from './stratum-copies.js';

export interface FollowOptions {
  readonly seed: number;
  /** Default: every base set is found anew. */
  readonly findBaseSet?: FindBaseSet;
  /** Whether solutions are proved. */
  readonly certify: boolean;
  /** Base sets that an earlier run had, by `StrataFollower.sets`. */
  readonly knownSets?: ReadonlyMap<string, StartSolutions>;
  /** Told after every base set that was found. */
  readonly onBaseSet?: () => void;
}

/** One way to share the hidden units among different ones. */
export interface Share {
  readonly lagrange: LagrangeFamily;
  /** How many units each different one stands for, in decreasing order; the rest, where there is one, is dead. */
  readonly multiplicities: readonly number[];
  /** Arrangements and signs of the units of each solution. */
  readonly copies: number;
}

/** Beyond these widths base sets take minutes, or there are millions of critical points up to copies. */
function mostUnits(inputs: number, powers: readonly number[]): number {
  switch (parityOf(powers)) {
    case 'odd':
      return { 1: 2, 2: 1 }[inputs] ?? 0;
    case 'even':
      // Units of p(0) != 0 live without weights, and with three units of z^2 critical points are no longer isolated.
      return powers.join() === '2' && inputs <= 2 ? 2 : 0;
    case null:
      if (inputs === 1) return powers.at(-1) === 2 ? 12 : 4;
      return inputs === 2 ? 2 : 0;
  }
}

/** Whether the equations of a network have a Lagrange form: one hidden layer, one output, all biases. */
export function hasLagrangeForm(family: NetworkFamily): boolean {
  const { layers, bias } = family.layout.architecture;
  return layers.length === 3 && layers[2] === 1 && bias === true && family.degree >= 2;
}

/** Whether the critical points of a network are found by its strata. */
export function hasStrata(family: NetworkFamily): boolean {
  return family.layout.architecture.layers[1]! <= mostUnitsOf(family);
}

/** How many hidden units networks of this kind may have whose critical points are found by their strata; 0 for other kinds. */
export function mostUnitsOf(family: NetworkFamily): number {
  const inputs = family.layout.architecture.layers[0]!;
  return hasLagrangeForm(family) ? mostUnits(inputs, powersOf(family)) : 0;
}

export function parityOfNetwork(family: NetworkFamily): Parity {
  return parityOf(powersOf(family));
}

/** Powers of z in the activation polynomial. */
export function powersOf({ activation }: NetworkFamily): number[] {
  return activation.flatMap((coefficient, power) => (coefficient.n === 0n ? [] : [power]));
}

/** How paths are followed here. */
const FOLLOWING = { precision: 'f64', countMilliseconds: 0 } as const;
const BETWEEN_STREAM = 0x71000;
/** By so much the parameters of a general member differ from the targets' means, relative to their size and at least. */
const SMALLEST_MOVE = 0.05;
const SMALLEST_SIZE = 1e-2;

/** Ways that are tried when a path has no decided end, or jumped: one may pass next to a singular member. */
const ATTEMPTS = 8;
/** Of them from one base set. */
const GAMMAS = 4;
/** Two ends are the same when their moments are this close, relative to 1 + their size. */
const SAME_END = 1e-8;
const CELL = 1e-3;
const SEED_STRIDE = 7919;

/** Data may have whole curves of complex critical points, such as XOR in -1 and 1: their points are none of the isolated ones. */
function withoutSets(result: SolveResult): SolveResult {
  const solutions = result.solutions.filter(
    ({ singular, winding, multiplicity }) => !(singular && winding === 1 && multiplicity === 1),
  );
  return { ...result, solutions, counts: new SolutionTally().add(solutions).counts };
}

/**
 * A path that ends where two units are equal, or one is dead, has jumped: that is a point of another stratum. Of two that end
 * at copies of one point, with the same residual moments, one has, too.
 */
function withoutJumps(lagrange: LagrangeFamily, result: SolveResult): SolveResult {
  const { paths } = result;
  const ends = new EndSet(lagrange);
  const solutions = result.solutions.filter(
    ({ coordinates, singular }) =>
      singular || (hasDifferentUnits(lagrange, coordinates) && ends.add(coordinates)),
  );
  const jumps = result.solutions.length - solutions.length;
  if (jumps === 0) return result;
  return {
    ...result,
    solutions,
    paths: { ...paths, regular: paths.regular - jumps, failed: paths.failed + jumps },
    failedPaths: [
      ...result.failedPaths,
      ...Array.from({ length: jumps }, () => ({ id: -1, reason: 'path jumped' as const, s: 0 })),
    ],
    counts: new SolutionTally().add(solutions).counts,
    warnings: [...result.warnings, `${jumps} paths jumped`],
  };
}

/** Points that differ in c or a residual moment, found again by rounded c. */
class EndSet {
  private readonly cells = new Map<string, (readonly Complex[])[]>();

  constructor(private readonly lagrange: LagrangeFamily) {}

  /** @returns whether it is new */
  add(coordinates: readonly Complex[]): boolean {
    const own = coordinates.slice(placeOfBias(this.lagrange));
    const limit = SAME_END * (1 + Math.max(...own.flat().map(Math.abs)));
    const [re, im] = own[0]!.map((part) => Math.round(part / CELL)) as [number, number];
    for (const i of [-1, 0, 1]) {
      for (const j of [-1, 0, 1]) {
        const others = this.cells.get(`${re + i} ${im + j}`) ?? [];
        const isKnown = others.some((other) =>
          own.every((each, k) => Math.hypot(...difference(each, other[k]!)) <= limit),
        );
        if (isKnown) return false;
      }
    }
    const key = `${re} ${im}`;
    this.cells.set(key, [...(this.cells.get(key) ?? []), own]);
    return true;
  }
}

/** The strata of a network, and the paths from their base sets to any data. Base sets are found or read once. */
export class StrataFollower {
  /** Base sets by number of different units and attempt. */
  readonly sets: Map<string, StartSolutions>;
  /** What many targets start from, by multiplicities and attempt. */
  private readonly near = new Map<string, StartSolutions>();

  private constructor(
    private readonly device: Device,
    private readonly family: NetworkFamily,
    readonly shares: readonly Share[],
    private readonly options: FollowOptions,
  ) {
    this.sets = new Map(options.knownSets);
  }

  static async create(
    device: Device,
    family: NetworkFamily,
    options: FollowOptions,
  ): Promise<StrataFollower> {
    const [inputs, hidden] = family.layout.architecture.layers as [number, number];
    const powers = powersOf(family);
    const parity = parityOf(powers);
    const one = lagrangeFamily(inputs, 1, powers);
    const most = hidden < 3 ? hidden : await countDifferentUnits(device, one, options.seed);
    // Dead units are none of the different ones.
    const totals = parity === null ? [hidden] : Array.from({ length: hidden + 1 }, (_, k) => k);
    const shares = Array.from({ length: Math.min(most, hidden) + 1 }, (_, units) => {
      const lagrange = units === 1 ? one : lagrangeFamily(inputs, units, powers);
      return totals.flatMap((total) =>
        partitions(total, units).map((multiplicities) => ({
          lagrange,
          multiplicities,
          copies: countCopies(hidden, multiplicities, parity),
        })),
      );
    }).flat();
    return new StrataFollower(device, family, shares, options);
  }

  /**
   * One result for each point, fewer when it was stopped. Where a path has no decided end or jumped, other gammas are tried,
   * then another base set, which may take long to find.
   */
  async follow(
    share: Share,
    points: readonly FamilyPoint[],
    signal?: AbortSignal,
  ): Promise<SolveResult[]> {
    const { lagrange, multiplicities } = share;
    const targets = points.map((point) =>
      lagrangeParameters(this.family, point, lagrange, multiplicities),
    );
    const results = await this.run(share, targets, 0, signal);
    for (const [k, first] of results.entries()) {
      let best = first;
      for (let attempt = 1; attempt < ATTEMPTS && !signal?.aborted; attempt++) {
        if (best.paths.failed === 0) break;
        const [other] = await this.run(share, [targets[k]!], attempt, signal);
        if (other && other.paths.failed < best.paths.failed) best = other;
      }
      results[k] = best;
    }
    return results;
  }

  private async run(
    { lagrange, multiplicities }: Share,
    targets: readonly (readonly number[])[],
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<SolveResult[]> {
    const { seed, certify } = this.options;
    const from = await this.starts({ lagrange, multiplicities }, targets, attempt, signal);
    const results = await solve(this.device, lagrange.system, {
      from,
      targets,
      seed: seed + SEED_STRIDE * attempt,
      certify,
      ...FOLLOWING,
      representatives: { invariants: placesOfMoments(lagrange) },
      ...(signal && { signal }),
    });
    return results.map((result) => withoutJumps(lagrange, withoutSets(result)));
  }

  /**
   * The base set with its units in every order of the multiplicities. For many targets it is first carried to a general member of
   * their size, from where the way is half as long, or less; where that loses solutions, each target goes all the way.
   */
  private async starts(
    { lagrange, multiplicities }: Pick<Share, 'lagrange' | 'multiplicities'>,
    targets: readonly (readonly number[])[],
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<StartSolutions> {
    const key = `${multiplicities.join()} ${attempt}`;
    const known = this.near.get(key);
    if (known) return known;
    const { parameters, solutions } = await this.baseSet(lagrange, attempt, signal);
    const orders = unitOrders(multiplicities);
    const base = {
      parameters,
      solutions: solutions.flatMap(({ coordinates }) =>
        orders.map((order) => ({ coordinates: inOrder(lagrange, coordinates, order) })),
      ),
    };
    if (targets.length === 1 || signal?.aborted) return base;
    const seed = this.options.seed + SEED_STRIDE * attempt;
    const between = generalNear(targets, multiplicities.length, seed);
    const [carried] = await solve(this.device, lagrange.system, {
      from: base,
      targets: [between],
      seed,
      ...FOLLOWING,
      representatives: { invariants: placesOfMoments(lagrange) },
      ...(signal && { signal }),
    });
    if (!carried || carried.partial) return base;
    const arrived = withoutJumps(lagrange, carried).solutions.filter(({ singular }) => !singular);
    const near =
      arrived.length === base.solutions.length ? { parameters: between, solutions: arrived } : base;
    this.near.set(key, near);
    return near;
  }

  /** The stored one first, then others. */
  private async baseSet(
    family: LagrangeFamily,
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<StartSolutions> {
    const which = Math.floor(attempt / GAMMAS);
    const key = `${family.units} ${which}`;
    const { seed, findBaseSet, onBaseSet } = this.options;
    const known = this.sets.get(key);
    if (known) return known;
    const stored = which === 0 ? await findBaseSet?.(family) : null;
    const set = stored ?? (await this.findAnew(family, seed + SEED_STRIDE * which, signal));
    // What a stop left of a set is none.
    if (signal?.aborted) return set;
    this.sets.set(key, set);
    onBaseSet?.();
    return set;
  }

  private async findAnew(
    family: LagrangeFamily,
    seed: number,
    signal: AbortSignal | undefined,
  ): Promise<StartSolutions> {
    try {
      return await solveBaseSet(this.device, family, { seed, ...(signal && { signal }) });
    } catch (error) {
      // Members on the way are no results for the data.
      if (error instanceof UnfinishedSolveError) throw new UnfinishedSolveError(error.cause, []);
      throw error;
    }
  }
}

/**
 * Complex parameters near the targets': their means, moved by their deviations in random directions; the
 * multiplicities, which come behind lambda, are those of all targets.
 */
function generalNear(
  targets: readonly (readonly number[])[],
  units: number,
  seed: number,
): Complex[] {
  const random = randomStream(seed, BETWEEN_STREAM);
  return targets[0]!.map((value, k): Complex => {
    const [re, im] = random.unitCircle();
    if (k >= 1 && k <= units) return [value, 0];
    const mean = targets.reduce((sum, target) => sum + target[k]!, 0) / targets.length;
    const square = targets.reduce((sum, target) => sum + target[k]! ** 2, 0) / targets.length;
    const deviation = Math.sqrt(Math.max(0, square - mean ** 2));
    const move = Math.max(deviation, SMALLEST_MOVE * Math.sqrt(square), SMALLEST_SIZE);
    return [mean + move * re, move * im];
  });
}

/** lambda, multiplicities, coefficients and moments, in the order of the Lagrange family. */
export function lagrangeParameters(
  family: NetworkFamily,
  { parameters }: FamilyPoint,
  lagrange: LagrangeFamily,
  multiplicities: readonly number[],
): number[] {
  const valueOf = (kind: 'input' | 'target', exponents: readonly number[]): number => {
    const place = family.parameters.findIndex(
      (parameter) => parameter.kind === kind && parameter.exponents.join() === exponents.join(),
    );
    return parameters[place]!;
  };
  return [
    parameters[family.parameters.findIndex(({ kind }) => kind === 'regularization')]!,
    ...multiplicities,
    ...lagrange.powers.map((power) => family.activation[power]!.valueOf()),
    ...lagrange.momentExponents.map((a) => valueOf('input', a)),
    ...lagrange.exponents.map((a) => valueOf('target', a)),
  ];
}
