/**
 * Deep networks on Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), after equal numbers of steps.
 *
 * The narrow networks 30x16 and 20x24 (depth x width) have the full grid: three learning rates per
 * initializer, five seeds, Adam and SGD, three activations, ablations. The larger ones take for each
 * initializer the rate that was best on 30x16 with ReLU and Adam. Convolutions see smaller batches,
 * the deep ones images of half the size: at full size one run takes hours on two cores.
 */
import type { Batch, CellResult } from '../experiment.js';
import { ABLATIONS, choicesOf, type InitializerChoice } from '../initializer-choice.js';
import { MOMENTUM, type OptimizerName, type TrainingCell } from '../training-cells.js';

/** One network, activation and optimiser. */
export interface FashionGroup {
  /** Begins the cells' names: "30x16/relu/adam". */
  readonly name: string;
  /** In the notation of networks. */
  readonly network: string;
  readonly activation: string;
  readonly optimizer: OptimizerName;
  readonly initializers: readonly InitializerChoice[];
  /** Null: for each initializer the best one of the group RATES_FROM. */
  readonly rates: readonly number[] | null;
  readonly seeds: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Whether images are reduced to 14 x 14. */
  readonly halved: boolean;
  /** CPU seconds per run. */
  readonly cost: number;
}

/** The group whose best rates the larger networks take. */
export const RATES_FROM = '30x16/relu/adam';

const RATES = { adam: [3e-4, 1e-3, 3e-3], sgd: [3e-3, 1e-2, 3e-2] } as const;

const FULL = { seeds: 5, steps: 500, batchSize: 128, halved: false } as const;
const LARGE = { ...FULL, seeds: 3, rates: null, activation: 'relu', optimizer: 'adam' } as const;
const CONVOLUTION = { ...LARGE, steps: 300, batchSize: 32 } as const;

const RELU_INITIALIZERS = choicesOf([
  'lps',
  'he',
  'xavier',
  'orthogonal',
  'lsuv',
  'rai',
  'looks-linear',
]);
const SMOOTH_INITIALIZERS = choicesOf(['lps', 'he', 'xavier', 'orthogonal']);
const CONVOLUTION_INITIALIZERS = choicesOf(['lps', 'he', 'orthogonal', 'lsuv']);

function fullGrid(name: string, network: string, cost: number): FashionGroup[] {
  const make = (
    activation: string,
    optimizer: OptimizerName,
    initializers: readonly InitializerChoice[],
  ): FashionGroup => ({
    name: `${name}/${activation}/${optimizer}`,
    network,
    activation,
    optimizer,
    initializers,
    rates: RATES[optimizer],
    ...FULL,
    cost,
  });
  return [
    make('relu', 'adam', [...RELU_INITIALIZERS, ...ABLATIONS]),
    make('relu', 'sgd', [...SMOOTH_INITIALIZERS, ...choicesOf(['looks-linear'])]),
    make('gelu', 'adam', SMOOTH_INITIALIZERS),
    make('tanh', 'adam', SMOOTH_INITIALIZERS),
  ];
}

export const FASHION_GROUPS: readonly FashionGroup[] = [
  ...fullGrid('30x16', '784-30*16-10', 8),
  ...fullGrid('20x24', '784-20*24-10', 9),
  {
    ...LARGE,
    name: '10x64/relu/adam',
    network: '784-10*64-10',
    initializers: RELU_INITIALIZERS,
    cost: 15,
  },
  {
    ...LARGE,
    name: '30x64/relu/adam',
    network: '784-30*64-10',
    initializers: RELU_INITIALIZERS,
    cost: 30,
  },
  {
    ...CONVOLUTION,
    name: 'plain-conv(20,8)/relu/adam',
    network: 'plain-conv(20,8)',
    initializers: CONVOLUTION_INITIALIZERS,
    halved: true,
    cost: 50,
  },
  {
    ...CONVOLUTION,
    name: 'lenet5/relu/adam',
    network: 'lenet5',
    initializers: CONVOLUTION_INITIALIZERS,
    cost: 25,
  },
  {
    ...CONVOLUTION,
    name: 'vgg-small/relu/adam',
    network: 'vgg-small',
    initializers: CONVOLUTION_INITIALIZERS,
    halved: true,
    cost: 80,
  },
];

export const FASHION_SETTINGS = {
  momentum: MOMENTUM,
  firstSeed: 501,
  ratesFrom: RATES_FROM,
  /** Training samples on which dead units are counted. */
  probe: 1024,
  /** The training loss reported is the mean of so many last steps. */
  lastSteps: 50,
  /** Points of the stored loss curves. */
  curvePoints: 20,
  groups: FASHION_GROUPS.map(({ cost: _, initializers: __, ...group }) => group),
} as const;

export interface FashionResult extends CellResult {
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

/** A batch for every seed: its runs see the same images in the same order. */
export function fashionBatches(group: FashionGroup): Batch<TrainingCell>[] {
  const rates: readonly (number | null)[] = group.rates ?? [null];
  return Array.from({ length: group.seeds }, (_, k) => {
    const seed = FASHION_SETTINGS.firstSeed + k;
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
