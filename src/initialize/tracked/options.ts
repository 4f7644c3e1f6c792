/** What `lps-tracked` is told, what it reports, and how it reads a data set. */
import type { Dataset } from '../../data/dataset.js';
import type { SolvedMember } from '../../homotopy/index.js';
import type { NetworkArchitecture } from '../../network/architecture.js';
import type { Network } from '../../network/index.js';
import { entriesOf } from '../../network/shape.js';
import { checkTrainingData, networkInputs } from '../../network/training-data.js';
import type { DataTable } from '../../data/table.js';
import { InitializationError } from '../errors.js';
import { isNumber, type InitializerOption } from '../initializer.js';
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
  readonly data?: Dataset;
  /** The polynomial in the activation's place. */
  readonly activation?: PolynomialFit;
  /**
   * Whether the true network's minima are enumerated in the place of the polynomial's, where that takes a second or two:
   * relu or leaky relu, one input (of a block: one direction) and all biases. Default: true, unless `activation` or `base`
   * is given.
   */
  readonly enumerate?: boolean;
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
  readonly blockDirections?: number;
  /** 'last-layers': rows of data used at most; 2048 unless stated. */
  readonly maximumSamples?: number;
}

/** Whether the true network's minima are wanted, where they can be enumerated. */
export function isEnumerationWanted({ enumerate, activation, base }: TrackedOptions): boolean {
  return enumerate ?? (activation === undefined && base === undefined);
}

export const DEFAULT_MAXIMUM_PATHS = 20_000;

const count = (name: keyof TrackedOptions, least: number): InitializerOption => ({
  name,
  needs: `a whole number from ${least}`,
  accepts: (value) => isNumber(value) && Number.isSafeInteger(value) && value >= least,
});

const SCOPES = ['network', 'last-layers'];

/** How they are checked, and which the command line has. */
export const TRACKED_OPTIONS: readonly InitializerOption[] = [
  {
    name: 'scope',
    needs: SCOPES.map((scope) => `'${scope}'`).join(' or '),
    accepts: (value) => SCOPES.includes(value as string),
    flag: {
      description: 'of lps-tracked, which also needs the targets of --anchors',
      choices: SCOPES,
      default: 'network',
    },
  },
  {
    name: 'regularization',
    needs: 'a positive number (at 0 critical points are not isolated)',
    accepts: (value) => isNumber(value) && value > 0 && value < Infinity,
  },
  { name: 'enumerate', needs: 'true or false', accepts: (value) => typeof value === 'boolean' },
  count('maximumPaths', 1),
  count('sweeps', 1),
  { name: 'blockDirections', needs: '1 or 2', accepts: (value) => value === 1 || value === 2 },
  count('maximumSamples', 2),
];

/** @throws InitializationError code 'option' without data */
export function requireData({ data }: TrackedOptions): void {
  if (data !== undefined) return;
  throw new InitializationError(
    'option',
    'lps-tracked needs `data`, inputs with targets: it starts at minima of the loss on them',
  );
}

/**
 * Rows of a data set as the network sees them, and their targets.
 *
 * @param rows which samples; all unless given
 * @throws TrainingError code 'data' when the data do not fit the network
 */
export function samplesOf(
  network: Network,
  data: Dataset,
  rows: ArrayLike<number> = { length: data.count },
): DataTable & { readonly inputs: number[][]; readonly targets: number[][] } {
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
