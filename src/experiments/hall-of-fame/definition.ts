/**
 * Every initializer that was published for deep ReLU networks, on one bench: how many of its networks are born
 * dead, how many units are, and what a training from it reaches.
 *
 * Left out are those that are another one here: uniform distributions of the same variance, delta-orthogonal
 * (orthogonal without convolutions), and lps-tracked, which searches for the weights of each network.
 */
import type { InitializerMethod } from '../../initialize/index.js';
import type { Batch, Cell, CellResult } from '../experiment.js';

export const HALL_SETTINGS = {
  methods: [
    'lps',
    'looks-linear',
    'antithetic',
    'rai',
    'lee-2025',
    'lee-2023',
    'idinit',
    'zero',
    'fixup',
    'lsuv',
    'orthogonal',
    'he',
    'xavier',
    'lecun',
    'pytorch',
    'lps-generic',
  ] satisfies InitializerMethod[],
  liveness: {
    shapes: [
      { input: 10, depth: 10, width: 4 },
      { input: 10, depth: 30, width: 4 },
      { input: 10, depth: 10, width: 8 },
    ],
    networks: 10_000,
    /** No random numbers: all networks of a shape are one. */
    single: ['zero', 'lee-2023'] satisfies InitializerMethod[],
    points: 257,
    anchors: 64,
    seed: 20_261_600,
  },
  training: {
    tasks: [
      { data: 'digits', network: '64-20*16-10', steps: 300, cost: 2 },
      { data: 'diabetes', network: '10-10*4-1', steps: 400, cost: 0.4 },
    ],
    batchSize: 64,
    optimizer: 'adam',
    rate: 1e-3,
    testShare: 0.2,
    seeds: 5,
    firstSeed: 20_261_601,
    /** The training loss is the mean of so many last steps. */
    lastSteps: 20,
  },
} as const;

type Shape = (typeof HALL_SETTINGS.liveness.shapes)[number];
export type HallTask = (typeof HALL_SETTINGS.training.tasks)[number];

export interface HallCell extends Cell {
  readonly method: InitializerMethod;
  /** One of them is null. */
  readonly shape: Shape | null;
  readonly training: { readonly task: HallTask; readonly seed: number } | null;
}

/** Numbers of the other part are null. */
export interface HallResult extends CellResult {
  readonly networks: number | null;
  readonly bornDead: number | null;
  readonly deadUnits: number | null;
  readonly trainingLoss: number | null;
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
  /** Share of hidden units, each layer weighted alike. */
  readonly deadBefore: number | null;
  readonly deadAfter: number | null;
}

export const shapeName = ({ depth, width }: Shape): string => `${depth}x${width}`;

/** CPU seconds for 10,000 networks by the layer and unit, of kernels and of the slowest host. */
const UNIT_COST = 0.06;

/** A batch for every shape and initializer, and one for every task and seed. */
export function hallBatches(): Batch<HallCell>[] {
  const { methods, liveness, training } = HALL_SETTINGS;
  const born = liveness.shapes.flatMap((shape) =>
    methods.map((method): Batch<HallCell> => {
      const id = `liveness/${shapeName(shape)}/${method}`;
      const cost = UNIT_COST * shape.depth * shape.width;
      return { id, cost, cells: [{ id, method, shape, training: null }] };
    }),
  );
  const trained = training.tasks.flatMap((task) =>
    Array.from({ length: training.seeds }, (_, k): Batch<HallCell> => {
      const seed = training.firstSeed + k;
      const cells = methods.map((method) => ({
        id: `training/${task.data}/${method}/seed ${seed}`,
        method,
        shape: null,
        training: { task, seed },
      }));
      return { id: `training/${task.data}/seed ${seed}`, cost: task.cost, cells };
    }),
  );
  return [...born, ...trained];
}
