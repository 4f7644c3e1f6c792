/**
 * Tracks the critical points of blocks: networks of k inputs, one hidden unit and one output.
 *
 * All blocks of one k and activation are members of one family, affine in the moments of (u, r). A
 * general member is solved once by all paths of its linear-product start (113 for k = 1, 639 for
 * k = 2, degree 2); each block then follows that member's finite solutions (33 and 105), in f64 on
 * the host: 18 ms and 78 ms (2026-11-23), less than a kernel's compilation.
 */
import type { Device } from '../../gpu/index.js';
import { solve, type SolvedMember } from '../../homotopy/index.js';
import { realCriticalPoints } from '../../minima/critical-points.js';
import { genericParameters } from '../../minima/generic-parameters.js';
import { lossFunction } from '../../minima/loss-function.js';
import type { DataTable } from '../../data/table.js';
import { familyPoint } from '../../minima/moments.js';
import { countNetworkPaths } from '../../minima/multidegree.js';
import { networkFamily, type NetworkFamily } from '../../minima/network-family.js';
import { InitializationError } from '../errors.js';
import type { TrackedActivation } from './activation.js';
import { blockArchitecture } from './options.js';

/** A local minimum of a block's polynomial network. */
export interface BlockMinimum {
  readonly unknowns: readonly number[];
  /** Of the polynomial network's loss, row by row, positive definite. */
  readonly hessian: Float64Array;
}

/** All local minima of one block. */
export interface SolvedBlock {
  /** By the polynomial's loss, one per orbit of symmetric copies. */
  readonly minima: readonly BlockMinimum[];
  readonly followed: number;
  readonly failed: number;
  readonly criticalPoints: number;
  readonly eulerSum: number;
}

export interface BlockSolver {
  /** Paths of start systems followed so far. */
  startPaths(): number;
  /** The block of as many directions as the rows have inputs. */
  solve(samples: DataTable): Promise<SolvedBlock>;
}

export interface BlockSolverOptions {
  readonly activation: TrackedActivation;
  readonly directions: number;
  /** Whether hidden units have biases; the output always has one. */
  readonly hiddenBias: boolean;
  readonly regularization: number;
  readonly seed: number;
  readonly maximumPaths: number;
  readonly base?: SolvedMember | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A solver for blocks of one network.
 *
 * @throws InitializationError code 'network' when a general member takes more paths than the budget
 */
export async function createBlockSolver(
  gpu: Device,
  options: BlockSolverOptions,
): Promise<BlockSolver> {
  const { directions, regularization, seed, signal } = options;
  let startPaths = 0;
  const members = new Map<number, Promise<BlockFamily>>();
  // A block may have fewer directions than asked for: where the second adds nothing to the first.
  const familyOf = (inputs: number): Promise<BlockFamily> => {
    const known = members.get(inputs);
    if (known) return known;
    const made = solveFamily(gpu, inputs, options, (paths) => (startPaths += paths));
    members.set(inputs, made);
    return made;
  };
  await familyOf(directions);
  return {
    startPaths: () => startPaths,
    solve: async (samples) => {
      const { family, base } = await familyOf(samples.inputs[0]!.length);
      const point = familyPoint(family, samples, regularization);
      const [solved] = await solve(gpu, family.gradient, {
        from: base,
        targets: [point.parameters],
        seed,
        precision: 'f64',
        ...(signal && { signal }),
      });
      signal?.throwIfAborted();
      const loss = lossFunction(family, point);
      const set = realCriticalPoints(
        family.layout,
        family.activation,
        loss,
        solved!.solutions.map(({ coordinates }) => coordinates),
        { regularized: true },
      );
      const orbits = new Set<number>();
      const minima = set.minima.flatMap((index) => {
        const { unknowns, orbit } = set.points[index]!;
        if (orbits.has(orbit)) return [];
        orbits.add(orbit);
        return [{ unknowns, hessian: loss(unknowns).hessian }];
      });
      return {
        minima,
        followed: solved!.paths.tracked,
        failed: solved!.paths.failed,
        criticalPoints: set.points.length,
        eulerSum: set.eulerSum,
      };
    },
  };
}

/** A family of blocks with its solved general member. */
interface BlockFamily {
  readonly family: NetworkFamily;
  readonly base: SolvedMember;
}

async function solveFamily(
  gpu: Device,
  inputs: number,
  { activation, hiddenBias, seed, maximumPaths, signal, ...options }: BlockSolverOptions,
  onPaths: (paths: number) => void,
): Promise<BlockFamily> {
  const family = networkFamily(blockArchitecture(inputs, hiddenBias), activation.exact);
  if (options.base && inputs === options.directions) return { family, base: options.base };
  const paths = countNetworkPaths(family.layout, family.degree);
  if (paths > BigInt(maximumPaths)) {
    throw new InitializationError(
      'network',
      `a block of ${inputs} directions and an activation of degree ${family.degree} needs ` +
        `${paths.toLocaleString('en')} paths once, the budget is ${maximumPaths.toLocaleString('en')}: raise maximumPaths or lower the degree`,
    );
  }
  const base = await solve(gpu, family.gradient, {
    parameters: genericParameters(family, seed),
    start: 'multihomogeneous',
    partition: family.layout.groups,
    seed,
    precision: 'f64',
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  onPaths(Number(paths));
  return { family, base };
}
