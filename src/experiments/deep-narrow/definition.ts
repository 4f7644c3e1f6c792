/**
 * Deep narrow ReLU networks on functions of one variable: how many runs end as a constant, and how
 * many learn the function (Lu, Shin, Su, Karniadakis 2020, section 4).
 *
 * Full-batch Adam. Every initializer has all seeds at the main rate, and the first seeds at two more.
 */
import type { RegressionTaskName } from '../../data/index.js';
import type { Batch, CellResult } from '../experiment.js';
import { ABLATIONS, choicesOf, type InitializerChoice } from '../initializer-choice.js';
import type { TrainingCell } from '../training-cells.js';

/** One function and one shape of network. */
export interface DeepNarrowGroup {
  readonly task: RegressionTaskName;
  readonly width: number;
  readonly depth: number;
  /** At the main rate. */
  readonly seeds: number;
  readonly ablations: boolean;
  /** CPU seconds per run. */
  readonly cost: number;
}

export const DEEP_NARROW_SETTINGS = {
  steps: 2500,
  points: 128,
  optimizer: 'adam',
  mainRate: 2e-3,
  otherRates: [5e-4, 8e-3],
  /** Seeds of every rate but the main one. */
  sweepSeeds: 20,
  firstSeed: 50_001,
  initializers: choicesOf([
    'lps',
    'lps-generic',
    'he',
    'xavier',
    'orthogonal',
    'rai',
    'antithetic',
    'looks-linear',
  ]),
  /** A run is constant when its outputs' range is at most this share of the targets' range. */
  constantRange: 1e-3,
  /** A run succeeds when its mean squared error is below this share of the targets' variance. */
  successError: 0.05,
} as const;

export const DEEP_NARROW_GROUPS: readonly DeepNarrowGroup[] = [
  { task: 'abs', width: 2, depth: 10, seeds: 100, ablations: true, cost: 1.75 },
  { task: 'sin3x', width: 3, depth: 15, seeds: 40, ablations: false, cost: 2.7 },
  { task: 'x-sin5x', width: 2, depth: 10, seeds: 40, ablations: false, cost: 1.75 },
  { task: 'step', width: 2, depth: 10, seeds: 40, ablations: false, cost: 1.75 },
  { task: 'abs', width: 4, depth: 10, seeds: 40, ablations: false, cost: 1.75 },
];

/** Seeds of one batch. */
const BATCH_SEEDS = 20;

export interface DeepNarrowResult extends CellResult {
  readonly diverged: boolean;
  /** Mean squared error over the targets' variance, after training. */
  readonly nmse: number;
  /** Range of the outputs over that of the targets, after training. */
  readonly range: number;
  /** Share of dead hidden units before and after. */
  readonly deadBefore: number;
  readonly deadAfter: number;
}

/** "abs/10x2": depth by width. */
export const groupName = ({ task, width, depth }: DeepNarrowGroup): string =>
  `${task}/${depth}x${width}`;

/** A batch for every twenty seeds of a rate. */
export function deepNarrowBatches(group: DeepNarrowGroup): Batch<TrainingCell>[] {
  const { mainRate, otherRates, sweepSeeds, firstSeed, initializers } = DEEP_NARROW_SETTINGS;
  const name = groupName(group);
  const make = (
    rate: number,
    choices: readonly InitializerChoice[],
    part: string,
    from: number,
    to: number,
  ): Batch<TrainingCell> => {
    const seeds = Array.from({ length: to - from }, (_, k) => firstSeed + from + k);
    const id = `${name}/adam ${rate}${part}/seeds ${seeds[0]}-${seeds.at(-1)}`;
    const cells = choices.flatMap((initializer) =>
      seeds.map((seed): TrainingCell => ({
        id: `${name}/adam ${rate}/${initializer.label}/seed ${seed}`,
        group: name,
        initializer,
        seed,
        rate,
      })),
    );
    return { id, cells, cost: group.cost };
  };
  const blocks = (seeds: number): [number, number][] =>
    Array.from({ length: seeds / BATCH_SEEDS }, (_, k) => [BATCH_SEEDS * k, BATCH_SEEDS * (k + 1)]);
  return [
    ...blocks(group.seeds).map(([from, to]) => make(mainRate, initializers, '', from, to)),
    ...otherRates.flatMap((rate) =>
      blocks(sweepSeeds).map(([from, to]) => make(rate, initializers, '', from, to)),
    ),
    ...(group.ablations
      ? blocks(group.seeds).map(([from, to]) => make(mainRate, ABLATIONS, '/ablations', from, to))
      : []),
  ];
}
