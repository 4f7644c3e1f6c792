/** Measures cells of the hall of fame: networks born dead, or one training. */
import {
  diabetesDataset,
  digitsDataset,
  standardizeParts,
  trainValidationTestSplit,
} from '../../data/index.js';
import type { GpuDevice } from '../../gpu/index.js';
import type { InitializerMethod } from '../../initialize/index.js';
import { measureLiveness } from '../../liveness/index.js';
import { evaluateNetwork } from '../../network/evaluator.js';
import { networkFromNotation } from '../../network/index.js';
import { resultSchema, type Batch, type BatchContext, type Experiment } from '../experiment.js';
import { deadShare, rounded, spreadOf } from '../statistics.js';
import { samplesForSteps, trainCells } from '../training-cells.js';
import { HALL_SETTINGS, hallBatches, type HallCell, type HallResult } from './definition.js';
import { reportHall } from './report.js';

const NOT_MEASURED = {
  networks: null,
  bornDead: null,
  deadUnits: null,
  trainingLoss: null,
  testLoss: null,
  testAccuracy: null,
  deadBefore: null,
  deadAfter: null,
} as const;

function runBatch(
  gpu: GpuDevice,
  { cells }: Batch<HallCell>,
  context: BatchContext<HallResult>,
): Promise<readonly HallResult[] | null> {
  return cells[0]!.shape === null
    ? trainAll(gpu, cells, context)
    : countDead(gpu, cells[0]!, context);
}

async function countDead(
  gpu: GpuDevice,
  { id, method, shape }: HallCell,
  { signal, onProgress }: BatchContext<HallResult>,
): Promise<readonly HallResult[] | null> {
  const { networks, single, points, anchors, seed } = HALL_SETTINGS.liveness;
  const isSingle = (single as readonly InitializerMethod[]).includes(method);
  const { cells, partial } = await measureLiveness(gpu, [shape!], {
    methods: [method],
    networks: isSingle ? 1 : networks,
    points,
    anchors,
    seed,
    ...(signal && { signal }),
    onProgress: ({ done, total }) => onProgress?.(done / total),
  });
  const [cell] = cells;
  if (partial || cell === undefined) return null;
  return [
    {
      ...NOT_MEASURED,
      cell: id,
      networks: cell.networks,
      bornDead: cell.bornDead.count,
      deadUnits: cell.deadUnits.count,
    },
  ];
}

/** All initializers of one task and seed, side by side. */
async function trainAll(
  gpu: GpuDevice,
  cells: readonly HallCell[],
  { signal, onProgress }: BatchContext<HallResult>,
): Promise<readonly HallResult[] | null> {
  const { batchSize, optimizer, rate, testShare, firstSeed, lastSteps } = HALL_SETTINGS.training;
  const { task, seed } = cells[0]!.training!;
  const data = task.data === 'digits' ? await digitsDataset() : diabetesDataset();
  const split = { validation: 0, test: testShare, seed: firstSeed };
  const parts = standardizeParts(trainValidationTestSplit({ train: data, test: null }, split));
  const net = networkFromNotation(task.network);
  const loss = data.targets.kind === 'class' ? 'softmax-cross-entropy' : 'mse';
  const run = await trainCells(
    gpu,
    {
      net,
      data: samplesForSteps(parts.train, task.steps * batchSize, seed),
      anchors: parts.train,
      loss,
      optimizer,
      batchSize,
      seed,
      probe: parts.train.count,
    },
    cells.map(({ method }) => ({ initializer: { label: method, method }, seed, rate })),
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  );
  if (run === null) return null;
  const weights = run.replicas.map((replica) => replica.weights);
  const scores = await evaluateNetwork(gpu, net, { data: parts.test!, weights, loss });
  return cells.map(({ id }, k) => {
    const { stepLosses, epochs } = run.replicas[k]!;
    return {
      ...NOT_MEASURED,
      cell: id,
      trainingLoss: rounded(spreadOf([...stepLosses.slice(-lastSteps)])!.mean),
      testLoss: rounded(scores[k]!.loss),
      testAccuracy: scores[k]!.accuracy,
      deadBefore: rounded(deadShare(epochs[0]!.layers)!),
      deadAfter: rounded(deadShare(epochs.at(-1)!.layers)!),
    };
  });
}

export const hallOfFame: Experiment<HallCell, HallResult> = {
  name: 'hall-of-fame',
  title: 'every published initializer: networks born dead, dead units, training loss',
  needsData: false,
  resultSchema: resultSchema<HallResult>({
    networks: 'number',
    bornDead: 'number',
    deadUnits: 'number',
    trainingLoss: 'number',
    testLoss: 'number',
    testAccuracy: 'number',
    deadBefore: 'number',
    deadAfter: 'number',
  }),
  settings: HALL_SETTINGS,
  batches: hallBatches(),
  runBatch,
  report: reportHall,
};
