/** Trains batches of the Fashion-MNIST experiment. */
import { standardizeParts } from '../../../data/index.js';
import type { GpuDevice } from '../../../gpu/index.js';
import {
  activationFromNotation,
  evaluateNetwork,
  networkFromNotation,
} from '../../../network/index.js';
import {
  ExperimentError,
  type Batch,
  type BatchContext,
  type Experiment,
  type ExperimentData,
} from '../experiment.js';
import { halveImages } from '../images.js';
import { bestRate } from '../rates.js';
import { deadShare, rounded, spreadOf } from '../statistics.js';
import { samplesForSteps, trainCells, type TrainingCell } from '../training-cells.js';
import {
  FASHION_GROUPS,
  FASHION_SETTINGS,
  fashionBatches,
  isOf,
  RATES_FROM,
  type FashionResult,
} from './definition.js';
import { reportFashionMnist } from './report.js';

const groupOf = new Map(FASHION_GROUPS.map((group) => [group.name, group]));

async function runBatch(
  gpu: GpuDevice,
  { cells }: Batch<TrainingCell>,
  { data, finished, signal, onProgress }: BatchContext<FashionResult>,
): Promise<readonly FashionResult[] | null> {
  const group = groupOf.get(cells[0]!.group)!;
  const { seed } = cells[0]!;
  const parts = prepareData(data!, group.halved);
  const net = networkFromNotation(group.network, {
    input: parts.train.shape,
    classes: 10,
    activation: activationFromNotation(group.activation),
  });
  const { steps, batchSize } = group;
  const rates = cells.map(({ rate, initializer }) => rate ?? rateOf(finished, initializer.label));
  const loss = 'softmax-cross-entropy';
  const run = await trainCells(
    gpu,
    {
      net,
      data: samplesForSteps(parts.train, steps * batchSize, seed),
      anchors: parts.train,
      loss,
      optimizer: group.optimizer,
      batchSize,
      seed,
      probe: FASHION_SETTINGS.probe,
    },
    cells.map((cell, k) => ({ ...cell, rate: rates[k]! })),
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  );
  if (run === null) return null;
  const scores = await evaluateNetwork(gpu, net, {
    data: parts.test,
    weights: run.replicas.map(({ weights }) => weights),
    loss,
  });
  return cells.map(({ id }, k) => {
    const { status, stepLosses, epochs } = run.replicas[k]!;
    const before = epochs[0]!.layers;
    const diverged = status.state === 'diverged' ? status.step : null;
    const last = spreadOf([...stepLosses.slice(-FASHION_SETTINGS.lastSteps)]);
    return {
      cell: id,
      rate: rates[k]!,
      diverged,
      loss: diverged === null ? rounded(last!.mean) : null,
      testLoss: diverged === null ? rounded(scores[k]!.loss) : null,
      testAccuracy: rounded(scores[k]!.accuracy!),
      deadBefore: rounded(deadShare(before)!),
      deadAfter: rounded(deadShare(epochs.at(-1)!.layers)!),
      bornDead: before.slice(0, -1).some(({ deadFraction }) => deadFraction === 1),
      curve: curveOf(stepLosses, steps / FASHION_SETTINGS.curvePoints),
    };
  });
}

/** Standardised; halved once for all batches that want it. */
const prepared = new WeakMap<ExperimentData, Map<boolean, ExperimentData>>();

function prepareData(data: ExperimentData, halved: boolean): ExperimentData {
  const known = prepared.get(data) ?? new Map<boolean, ExperimentData>();
  prepared.set(data, known);
  const found = known.get(halved);
  if (found) return found;
  const sized = halved ? { train: halveImages(data.train), test: halveImages(data.test) } : data;
  const { train, test } = standardizeParts({ ...sized, validation: null });
  const made = { train, test: test! };
  known.set(halved, made);
  return made;
}

/** @throws ExperimentError while the group RATES_FROM has no result of this initializer */
function rateOf(finished: ReadonlyMap<string, FashionResult>, label: string): number {
  const rate = bestRate([...finished.values()].filter(({ cell }) => isOf(cell, RATES_FROM, label)));
  if (rate === null) {
    throw new ExperimentError(
      `the rate for ${label} is the best one of ${RATES_FROM}, which has no result yet: run --only ${RATES_FROM} first`,
    );
  }
  return rate;
}

/** Means of stretches of `length` steps. */
export function curveOf(losses: Float64Array, length: number): number[] {
  return Array.from({ length: Math.floor(losses.length / length) }, (_, k) => {
    const stretch = losses.subarray(k * length, (k + 1) * length);
    return rounded(spreadOf([...stretch])!.mean);
  });
}

export const fashionMnist: Experiment<TrainingCell, FashionResult> = {
  name: 'fashion-mnist',
  title: 'deep networks on Fashion-MNIST: losses, accuracies and dead units after equal steps',
  needsData: true,
  settings: FASHION_SETTINGS,
  batches: FASHION_GROUPS.flatMap(fashionBatches),
  runBatch,
  report: reportFashionMnist,
};
