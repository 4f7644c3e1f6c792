/**
 * What a comparison of initializers on a classification is: groups of training runs that differ in
 * initializer, seed and learning rate, and the results that are kept of each.
 */
import type { Batch, CellResult } from '../experiment.js';
import { ABLATIONS, choicesOf, type InitializerChoice } from '../initializer-choice.js';
import { MOMENTUM, type OptimizerName, type TrainingCell } from '../training-cells.js';

/** One network, activation and optimiser. */
export interface ClassificationGroup {
  /** Begins the cells' names: "30x16/relu/adam". */
  readonly name: string;
  /** In the notation of networks. */
  readonly network: string;
  readonly activation: string;
  readonly optimizer: OptimizerName;
  readonly initializers: readonly InitializerChoice[];
  /** Null: for each initializer the best one of the group `ratesFrom`. */
  readonly rates: readonly number[] | null;
  readonly seeds: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Whether images are reduced to half their height and width. */
  readonly halved: boolean;
  /** CPU seconds per run. */
  readonly cost: number;
}

/** One experiment. */
export interface Classification {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Of the report. */
  readonly heading: string;
  /** What is classified, in the plural, and how many of them are for testing. */
  readonly samples: string;
  readonly testSamples: number;
  /** The group whose best rates groups without rates take. */
  readonly ratesFrom: string | null;
  readonly groups: readonly ClassificationGroup[];
  readonly data: 'digits' | 'fashion-mnist';
}

const RATES = { adam: [3e-4, 1e-3, 3e-3], sgd: [3e-3, 1e-2, 3e-2] } as const;

export const RELU_INITIALIZERS = choicesOf([
  'lps',
  'he',
  'xavier',
  'orthogonal',
  'lsuv',
  'rai',
  'looks-linear',
]);
const SMOOTH_INITIALIZERS = choicesOf(['lps', 'he', 'xavier', 'orthogonal']);
/** Three learning rates for each initializer, Adam and SGD, three activations, ablations. */
export function fullGrid(
  name: string,
  network: string,
  size: Pick<ClassificationGroup, 'seeds' | 'steps' | 'batchSize' | 'halved'>,
  cost: number,
): ClassificationGroup[] {
  const make = (
    activation: string,
    optimizer: OptimizerName,
    initializers: readonly InitializerChoice[],
  ): ClassificationGroup => ({
    name: `${name}/${activation}/${optimizer}`,
    network,
    activation,
    optimizer,
    initializers,
    rates: RATES[optimizer],
    ...size,
    cost,
  });
  return [
    make('relu', 'adam', [...RELU_INITIALIZERS, ...ABLATIONS]),
    make('relu', 'sgd', [...SMOOTH_INITIALIZERS, ...choicesOf(['looks-linear'])]),
    make('gelu', 'adam', SMOOTH_INITIALIZERS),
    make('tanh', 'adam', SMOOTH_INITIALIZERS),
  ];
}

/** The same in every experiment. */
export const CLASSIFICATION_SETTINGS = {
  firstSeed: 501,
  /** Training samples on which dead units are counted. */
  probe: 1024,
  /** The training loss reported is the mean of so many last steps. */
  lastSteps: 50,
  /** Points of the stored loss curves. */
  curvePoints: 20,
} as const;

/** All that decides the results besides the cells; results files are known by its text. */
export function settingsOf({
  ratesFrom,
  groups,
}: Classification): Readonly<Record<string, unknown>> {
  const { firstSeed, probe, lastSteps, curvePoints } = CLASSIFICATION_SETTINGS;
  return {
    momentum: MOMENTUM,
    firstSeed,
    ratesFrom,
    probe,
    lastSteps,
    curvePoints,
    groups: groups.map(({ cost: _, initializers: __, ...group }) => group),
  };
}

export interface ClassificationResult extends CellResult {
  readonly rate: number;
  /** Step at which it diverged. */
  readonly diverged: number | null;
  /** Mean over the last steps; null when it diverged. */
  readonly loss: number | null;
  /** On all test samples; the loss is null when it diverged. */
  readonly testLoss: number | null;
  readonly testAccuracy: number;
  /** Share of dead hidden units (channels) before and after. */
  readonly deadBefore: number;
  readonly deadAfter: number;
  /** Whether a hidden layer had no live unit before training. */
  readonly bornDead: boolean;
  /** Mean training losses of equal stretches of steps; ends before a divergence. */
  readonly curve: readonly number[];
}

/** A batch for every seed: its runs see the same samples in the same order. */
export function batchesOf(group: ClassificationGroup): Batch<TrainingCell>[] {
  const rates: readonly (number | null)[] = group.rates ?? [null];
  return Array.from({ length: group.seeds }, (_, k) => {
    const seed = CLASSIFICATION_SETTINGS.firstSeed + k;
    return {
      id: `${group.name}/seed ${seed}`,
      cost: group.cost,
      cells: group.initializers.flatMap((initializer) =>
        rates.map((rate): TrainingCell => ({
          id: `${group.name} ${rate ?? 'best rate'}/${initializer.label}/seed ${seed}`,
          group: group.name,
          initializer,
          seed,
          rate,
        })),
      ),
    };
  });
}

/** Whether a cell belongs to a group and an initializer. */
export function isOf(cell: string, group: string, label: string): boolean {
  return cell.startsWith(`${group} `) && cell.includes(`/${label}/seed `);
}
