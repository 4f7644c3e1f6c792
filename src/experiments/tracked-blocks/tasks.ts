/** The networks and data on which block tracking is measured; fixed before the runs reported. */
import type { Dataset } from '../../data/dataset.js';
import {
  DIABETES_CSV,
  digitsDataset,
  makeDataset,
  readTable,
  REGRESSION_TASKS,
  sampleFunction,
  standardize,
  trainValidationTestSplit,
} from '../../data/index.js';
import {
  networkFromNotation,
  perceptron,
  type LossName,
  type Network,
} from '../../network/index.js';

/** One network on one data set, and how it is trained. */
export interface BlockTask {
  readonly name: string;
  readonly network: Network;
  readonly data: Dataset;
  /** Scored apart; null when all there is is trained on. */
  readonly test: Dataset | null;
  readonly loss: LossName;
  /** Adam's. */
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
}

/** All rows in each step, so that a step's loss is that of the whole data set. */
const REGRESSION = { test: null, loss: 'mse', epochs: 300 } as const;
const POINTS = 128;

function functionTask(name: 'abs' | 'sin3x', net: string, learningRate: number): BlockTask {
  return {
    ...REGRESSION,
    name: `${net} on ${REGRESSION_TASKS[name].name}`,
    network: networkFromNotation(net),
    data: sampleFunction(REGRESSION_TASKS[name], { points: POINTS }),
    learningRate,
    batchSize: POINTS,
  };
}

function diabetesTask(): BlockTask {
  const table = standardize(readTable(DIABETES_CSV, { x: ['bmi', 'ltg'], y: ['progression'] }));
  const data = makeDataset({
    name: 'diabetes',
    shape: [2],
    inputs: Float32Array.from(table.inputs.flat()),
    targets: { kind: 'values', values: Float32Array.from(table.targets.flat()), width: 1 },
  });
  return {
    ...REGRESSION,
    name: '2-16-1 on diabetes (bmi, ltg)',
    network: networkFromNotation('2-16-1'),
    data,
    learningRate: 5e-3,
    batchSize: data.count,
  };
}

/** 10 hidden layers of few units. */
function deepTask(width: number): BlockTask {
  const data = sampleFunction(REGRESSION_TASKS.abs, { points: POINTS });
  return {
    ...REGRESSION,
    name: `1-10*${width}-1 on ${data.name}`,
    network: perceptron({ input: [1], classes: 1, depth: 10, width }),
    data,
    learningRate: 2e-3,
    batchSize: POINTS,
  };
}

async function digitsTask(): Promise<BlockTask> {
  const parts = trainValidationTestSplit(await digitsDataset(), {
    validation: 0,
    test: 0.2,
    seed: 1,
    stratify: true,
  });
  return {
    name: '64-32-32-10 on digits',
    network: networkFromNotation('64-32-32-10'),
    data: parts.train,
    test: parts.test,
    loss: 'softmax-cross-entropy',
    learningRate: 1e-3,
    batchSize: 128,
    epochs: 10,
  };
}

/** The tasks in the order of the report. */
export async function blockTasks(): Promise<BlockTask[]> {
  return [
    await digitsTask(),
    functionTask('sin3x', '1-16-1', 5e-3),
    diabetesTask(),
    deepTask(4),
    deepTask(2),
    functionTask('abs', '1-16-1', 5e-3),
    functionTask('sin3x', '1-8-1', 5e-3),
    functionTask('abs', '1-8-1', 5e-3),
  ];
}
