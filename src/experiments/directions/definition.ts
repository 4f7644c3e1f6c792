/**
 * Which first-layer directions `lps` takes by default: those of the anchors, or any (Haar). On data and
 * networks that had no part in finding them; the digits come with convolutions alone.
 *
 * Rule, fixed with the seeds before anything ran: 'anchors' becomes the default if, of ln(test loss with
 * directions from the anchors / test loss without), paired by seed, the mean over groups of the groups' means
 * has a 95% interval below 0 (Student's t, groups as the sample), and in no group the 95% interval lies wholly
 * above 0. Otherwise 'haar' stays. looks-linear is a control and has no part in the rule.
 *
 * Layers with at least as many directions as inputs are the same either way: functions of one variable,
 * wide layers.
 */
import { diabetesDataset, makeDataset, type Dataset } from '../../data/index.js';
import { randomStream } from '../../math/random.js';
import type { Batch, CellResult } from '../experiment.js';
import type { InitializerChoice } from '../initializer-choice.js';
import type { TrainingCell } from '../training-cells.js';

export const DIRECTIONS_SETTINGS = {
  steps: 400,
  batchSize: 64,
  optimizer: 'adam',
  rate: 1e-3,
  testShare: 0.25,
  seeds: 10,
  firstSeed: 20_261_301,
  initializers: [
    { label: 'anchors', method: 'lps', directions: 'anchors' },
    { label: 'haar', method: 'lps', directions: 'haar' },
    { label: 'looks-linear', method: 'looks-linear' },
  ] satisfies InitializerChoice[],
} as const;

/** One data set and one network. */
export interface DirectionsGroup {
  readonly data: keyof typeof DIRECTIONS_DATA | 'digits';
  readonly network: string;
  /** CPU seconds per run. */
  readonly cost: number;
}

export const DIRECTIONS_GROUPS: readonly DirectionsGroup[] = [
  { data: 'diabetes', network: '10-5*8-1', cost: 0.5 },
  { data: 'diabetes', network: '10-20*8-1', cost: 1 },
  { data: 'friedman', network: '10-10*8-1', cost: 0.7 },
  { data: 'factors', network: '40-10*8-1', cost: 0.7 },
  { data: 'factors', network: '40-20*16-1', cost: 1.5 },
  { data: 'noise', network: '40-10*8-1', cost: 0.7 },
  { data: 'waveform', network: '40-10*8-3', cost: 0.7 },
  { data: 'waveform', network: '40-20*16-3', cost: 1.5 },
  {
    data: 'digits',
    network:
      '8x8x1:conv(8,3,padding=1)-relu-conv(8,3,padding=1)-relu-conv(8,3,padding=1)-relu-pool(2)-conv(8,3,padding=1)-relu-flatten-10',
    cost: 6,
  },
];

/** Synthetic data that others have published, or that are made to be for or against the anchors. */
export const DIRECTIONS_DATA = {
  diabetes: diabetesDataset,
  /** Friedman's first function (1991): 10 independent uniform inputs, no direction has more variance. */
  friedman: () =>
    regression('friedman', 10, (stream) => {
      const x = Array.from({ length: 10 }, () => stream.uniform());
      const value =
        10 * Math.sin(Math.PI * x[0]! * x[1]!) + 20 * (x[2]! - 0.5) ** 2 + 10 * x[3]! + 5 * x[4]!;
      return { x, value: value + stream.normal() };
    }),
  /** 40 inputs of four factors and noise; the target is a function of the factors: leading directions. */
  factors: () =>
    factorData('factors', (factors) => Math.sin(2 * factors[0]!) + factors[1]! * factors[2]!),
  /** The same inputs; the target is a function of the noise, on which the leading directions are blind. */
  noise: () => factorData('noise', (_, noise) => Math.sin(2 * noise[0]!) + noise[1]! * noise[2]!),
  /** Waveforms with 19 columns of noise (Breiman, Friedman, Olshen, Stone 1984): 40 inputs, three classes. */
  waveform: waveforms,
} as const;

const SAMPLES = 1000;
const DATA_SEED = 20_261_300;

type Stream = ReturnType<typeof randomStream>;

function regression(
  name: string,
  inputs: number,
  drawRow: (stream: Stream) => { readonly x: readonly number[]; readonly value: number },
): Dataset {
  const stream = randomStream(DATA_SEED, name.length);
  const rows = Array.from({ length: SAMPLES }, () => drawRow(stream));
  return makeDataset({
    name,
    shape: [inputs],
    inputs: Float32Array.from(rows.flatMap(({ x }) => x)),
    targets: { kind: 'values', values: Float32Array.from(rows, ({ value }) => value), width: 1 },
  });
}

function factorData(
  name: string,
  valueOf: (factors: readonly number[], noise: readonly number[]) => number,
): Dataset {
  const [inputs, factors] = [40, 4];
  const loadings = randomStream(DATA_SEED, 100);
  const matrix = Array.from({ length: inputs }, () =>
    Array.from({ length: factors }, () => loadings.normal()),
  );
  return regression(name, inputs, (stream) => {
    const z = Array.from({ length: factors }, () => stream.normal());
    const noise = Array.from({ length: inputs }, () => stream.normal());
    const x = matrix.map(
      (row, column) => row.reduce((sum, loading, k) => sum + loading * z[k]!, 0) + noise[column]!,
    );
    return { x, value: valueOf(z, noise) + 0.1 * stream.normal() };
  });
}

function waveforms(): Dataset {
  const stream = randomStream(DATA_SEED, 200);
  const peak = (at: number, column: number): number => Math.max(6 - Math.abs(column - at), 0);
  const pairs = [
    [7, 15],
    [7, 11],
    [15, 11],
  ] as const;
  const labels = Uint8Array.from({ length: SAMPLES }, () => stream.integer(3));
  const inputs = Array.from(labels, (label) => {
    const [one, other] = pairs[label]!;
    const share = stream.uniform();
    return Array.from({ length: 40 }, (_, index) => {
      const column = index + 1;
      const shape = column > 21 ? 0 : share * peak(one, column) + (1 - share) * peak(other, column);
      return shape + stream.normal();
    });
  });
  return makeDataset({
    name: 'waveform',
    shape: [40],
    inputs: Float32Array.from(inputs.flat()),
    targets: { kind: 'class', labels, classes: 3 },
  });
}

export interface DirectionsResult extends CellResult {
  readonly diverged: boolean;
  readonly testLoss: number;
  /** Null for regressions. */
  readonly testAccuracy: number | null;
}

export const groupName = ({ data, network }: DirectionsGroup): string =>
  `${data}/${network.startsWith('8x8x1') ? 'four convolutions' : network}`;

/** One batch per group. */
export const DIRECTIONS_BATCHES: readonly Batch<TrainingCell>[] = DIRECTIONS_GROUPS.map((group) => {
  const { initializers, seeds, firstSeed, rate } = DIRECTIONS_SETTINGS;
  const name = groupName(group);
  return {
    id: name,
    cost: group.cost,
    cells: initializers.flatMap((initializer) =>
      Array.from({ length: seeds }, (_, k): TrainingCell => ({
        id: `${name}/${initializer.label}/seed ${firstSeed + k}`,
        group: name,
        initializer,
        seed: firstSeed + k,
        rate,
      })),
    ),
  };
});
