/**
 * Critical points and minima of one network for many data sets, each given by its moments, in a stream: a data set costs as
 * many paths as the network has critical points up to copies, whatever its number of rows.
 */
import type { Device } from '../gpu/index.js';
import { inSlices } from '../math/stepwise.js';
import {
  realCriticalPointsStepwise,
  type ComplexPoint,
  type CriticalPointSet,
} from './critical-points.js';
import { lossFunction } from './loss-function.js';
import type { FamilyPoint } from './moments.js';
import { ArchitectureError } from '../network/architecture.js';
import type { NetworkFamily } from './network-family.js';
import { hasStrata, parityOfNetwork, StrataFollower } from './strata/follow-strata.js';
import type { FindBaseSet } from './strata/stored-base-set.js';
import { firstArrangement, networkPoint } from './strata/stratum-copies.js';

export interface StreamedMinima extends CriticalPointSet {
  /** Place of the data set in the stream, from 0. */
  readonly index: number;
  /** Complex critical points, copies included. */
  readonly solutions: number;
  /** Paths that were followed, and those among them without a decided end. */
  readonly paths: number;
  readonly failed: number;
}

export interface StreamOptions {
  /** Default 1. */
  readonly seed?: number;
  /** Default: every base set is found anew. */
  readonly findBaseSet?: FindBaseSet;
  readonly signal?: AbortSignal;
}

/** Data sets that are followed together. */
const CHUNK = 32;

/**
 * In the order of the data sets. One point of each orbit of the network's symmetries is listed, with the number of its copies.
 *
 * @param points of the family; `familyPoint` makes them of rows
 * @throws ArchitectureError for a network whose critical points are not found by strata (see docs/minima.md)
 */
export async function* streamMinima(
  device: Device,
  family: NetworkFamily,
  points: Iterable<FamilyPoint> | AsyncIterable<FamilyPoint>,
  options: StreamOptions = {},
): AsyncGenerator<StreamedMinima> {
  if (!hasStrata(family)) {
    throw new ArchitectureError(
      `many data sets in a stream need a network with one hidden layer, one output, all biases and few units, not ${family.layout.architecture.layers.join('-')}; solve them one by one, or by lps family`,
    );
  }
  const { seed = 1, signal, ...others } = options;
  const follower = await StrataFollower.create(device, family, { ...others, seed, certify: false });
  let index = 0;
  for await (const chunk of chunksOf(points)) {
    const results = await followPoints(follower, family, chunk, signal);
    if (signal?.aborted) return;
    for (const [k, { points: solutions, copies, paths, failed }] of results.entries()) {
      yield {
        index: index++,
        ...(await inSlices(
          realCriticalPointsStepwise(
            family.layout,
            family.activation,
            lossFunction(family, chunk[k]!),
            solutions,
            { regularized: true, copies },
          ),
        )),
        solutions: copies.reduce((sum, each) => sum + each, 0),
        paths,
        failed,
      };
    }
  }
}

/** All critical points for some data sets, one of each orbit, with the number of its copies. */
export async function followPoints(
  follower: StrataFollower,
  family: NetworkFamily,
  chunk: readonly FamilyPoint[],
  signal?: AbortSignal,
): Promise<{ points: ComplexPoint[]; copies: number[]; paths: number; failed: number }[]> {
  const hidden = family.layout.architecture.layers[1]!;
  const parity = parityOfNetwork(family);
  const found = chunk.map(() => ({
    points: [] as ComplexPoint[],
    copies: [] as number[],
    paths: 0,
    failed: 0,
  }));
  for (const share of follower.shares) {
    const arrangement = firstArrangement(hidden, share.multiplicities);
    const results = await follower.follow(share, chunk, signal);
    results.forEach(({ solutions, paths }, k) => {
      const own = found[k]!;
      own.paths += paths.tracked;
      own.failed += paths.failed;
      for (const { coordinates } of solutions) {
        own.points.push(networkPoint(share.lagrange, coordinates, arrangement, parity));
        own.copies.push(share.copies);
      }
    });
  }
  return found;
}

async function* chunksOf(
  points: Iterable<FamilyPoint> | AsyncIterable<FamilyPoint>,
): AsyncGenerator<FamilyPoint[]> {
  let chunk: FamilyPoint[] = [];
  for await (const point of points) {
    chunk.push(point);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
