/** What `lps-tracked` is told, what it reports, and how it reads a data set. */
import type { SolvedMember } from '../../homotopy/index.js';
import type { NetworkArchitecture } from '../../network/architecture.js';
import type { Network } from '../../network/index.js';
import { entriesOf } from '../../network/shape.js';
import {
  checkTrainingData,
  networkInputs,
  type TrainingData,
} from '../../network/training-data.js';
import type { Samples } from '../../minima/moments.js';
import { InitializationError } from '../errors.js';
import type { PolynomialFit } from './activation.js';

/** The network that a block of `directions` is: what a `base` must be a member of. */
export function blockArchitecture(
  directions: number,
  hiddenBias = true,
): Required<NetworkArchitecture> {
  return { layers: [directions, 1, 1], bias: hiddenBias ? true : 'output' };
}

/** The part of InitializationOptions that only lps-tracked reads. */
export interface TrackedOptions {
  /** Inputs and targets: lps-tracked starts at minima of the loss on them. Classes become one-hot rows. */
  readonly data?: TrainingData;
  /** The polynomial in the activation's place. */
  readonly activation?: PolynomialFit;
  /** lambda > 0 of the loss; 0.01 for 'network', 1e-4 for 'last-layers' unless stated. */
  readonly regularization?: number;
  /**
   * 'network' (default): all critical points of the whole network, tiny ones only. 'last-layers':
   * from `lps`, the units of the last hidden layer one at a time, each by its tracked minima.
   */
  readonly scope?: 'network' | 'last-layers';
  /** Paths of a start system that may be followed; 20,000 unless stated. */
  readonly maximumPaths?: number;
  /**
   * A solved general member of the family of the network (or of the block: `blockArchitecture`):
   * its solutions are followed in the place of all paths of the start system.
   */
  readonly base?: SolvedMember;
  /** 'last-layers': times that each unit is visited; 1 unless stated. */
  readonly sweeps?: number;
  /** 'last-layers': directions of input that a unit's new weights may mix, 1 or 2; 2 unless stated. */
  readonly directions?: number;
  /** 'last-layers': rows of data used at most; 2048 unless stated. */
  readonly maximumSamples?: number;
  /** Stops between blocks, with an AbortError. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_MAXIMUM_PATHS = 20_000;

/** A number that an option must be. */
function check(ok: boolean, what: string, found: unknown): void {
  if (!ok) throw new InitializationError('option', `${what}, got ${String(found)}`);
}

/**
 * Checks the options that do not depend on the network.
 *
 * @throws InitializationError code 'option'
 */
export function checkTrackedOptions(options: TrackedOptions): void {
  const { data, regularization = 1, scope = 'network', maximumPaths = 1 } = options;
  const { sweeps = 1, directions = 1, maximumSamples = 2 } = options;
  check(
    data !== undefined,
    'lps-tracked needs `data`, inputs with targets: it starts at minima of the loss on them',
    data,
  );
  check(
    regularization > 0 && regularization < Infinity,
    'the regularization of lps-tracked must be a positive number (at 0 critical points are not isolated)',
    regularization,
  );
  check(
    ['network', 'last-layers'].includes(scope),
    "the scope of lps-tracked must be 'network' or 'last-layers'",
    scope,
  );
  const isCount = (value: number, least: number): boolean =>
    Number.isSafeInteger(value) && value >= least;
  check(isCount(maximumPaths, 1), 'maximumPaths must be a whole number from 1', maximumPaths);
  check(isCount(sweeps, 1), 'sweeps must be a whole number from 1', sweeps);
  check(isCount(directions, 1) && directions <= 2, 'directions must be 1 or 2', directions);
  check(isCount(maximumSamples, 2), 'maximumSamples must be a whole number from 2', maximumSamples);
}

/**
 * Rows of a data set as the network sees them, and their targets.
 *
 * @param rows which samples; all unless given
 * @throws TrainingError code 'data' when the data do not fit the network
 */
export function samplesOf(
  network: Network,
  data: TrainingData,
  rows: ArrayLike<number> = { length: data.count },
): Samples & { readonly inputs: number[][]; readonly targets: number[][] } {
  checkTrainingData(data, network.input, network.output);
  const entries = entriesOf(network.input);
  const outputs = entriesOf(network.output);
  const flat = networkInputs(data, rows);
  const { targets } = data;
  const targetRow = (sample: number): number[] =>
    Array.from({ length: outputs }, (_, k) =>
      targets.kind === 'class'
        ? Number(targets.labels[sample] === k)
        : targets.values[sample * outputs + k]!,
    );
  return {
    inputs: Array.from({ length: rows.length }, (_, row) =>
      Array.from(flat.subarray(row * entries, (row + 1) * entries)),
    ),
    targets: Array.from({ length: rows.length }, (_, row) => targetRow(rows[row] ?? row)),
  };
}
