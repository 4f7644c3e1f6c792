/** Trains batches of a classification experiment. */
import { standardizeParts } from '../../data/index.js';
import type { GpuDevice } from '../../gpu/index.js';
import { activationFromNotation, networkFromNotation } from '../../network/index.js';
import { evaluateNetwork } from '../../network/evaluator.js';
import { DIGITS_SETTINGS } from '../digits.js';
import { splitDigits } from '../digits-split.js';
import {
  ExperimentError,
  resultSchema,
  type Batch,
  type BatchContext,
  type Experiment,
  type ExperimentData,
} from '../experiment.js';
import { halveImages } from '../images.js';
import { bestRate, deadShare, rounded, spreadOf } from '../statistics.js';
import { samplesForSteps, trainCells, type TrainingCell } from '../training-cells.js';
import {
  batchesOf,
  CLASSIFICATION_SETTINGS,
  isOf,
  settingsOf,
  type Classification,
  type ClassificationResult,
} from './definition.js';
import { reportClassification } from './report.js';

/** The same split for every batch. */
const DIGITS_SEED = 1;

async function runBatch(
  classification: Classification,
  gpu: GpuDevice,
  { cells }: Batch<TrainingCell>,
  { data, finished, signal, onProgress }: BatchContext<ClassificationResult>,
): Promise<readonly ClassificationResult[] | null> {
  const { groups, ratesFrom } = classification;
  const group = groups.find(({ name }) => name === cells[0]!.group)!;
  const { seed } = cells[0]!;
  const source = classification.data === 'digits' ? await digits() : data!;
  const parts = prepareData(source, group.halved);
  const net = networkFromNotation(group.network, {
    input: parts.train.shape,
    classes: 10,
    activation: activationFromNotation(group.activation),
  });
  const { steps, batchSize } = group;
  const rates = cells.map(
    ({ rate, initializer }) => rate ?? rateOf(finished, ratesFrom!, initializer.label),
  );
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
      probe: CLASSIFICATION_SETTINGS.probe,
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
    const last = spreadOf([...stepLosses.slice(-CLASSIFICATION_SETTINGS.lastSteps)]);
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
      curve: curveOf(stepLosses, steps / CLASSIFICATION_SETTINGS.curvePoints),
    };
  });
}

let digitsParts: Promise<ExperimentData> | undefined;

function digits(): Promise<ExperimentData> {
  digitsParts ??= splitDigits(DIGITS_SETTINGS.testShare, DIGITS_SEED);
  return digitsParts;
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

/** @throws ExperimentError while the group `from` has no result of this initializer */
function rateOf(
  finished: ReadonlyMap<string, ClassificationResult>,
  from: string,
  label: string,
): number {
  const rate = bestRate([...finished.values()].filter(({ cell }) => isOf(cell, from, label)));
  if (rate === null) {
    throw new ExperimentError(
      `the rate for ${label} is the best one of ${from}, which has no result yet: run --only ${from} first`,
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

export function classificationExperiment(
  classification: Classification,
): Experiment<TrainingCell, ClassificationResult> {
  const { name, title, groups, data } = classification;
  return {
    name,
    title,
    needsData: data === 'fashion-mnist',
    resultSchema: resultSchema<ClassificationResult>({
      rate: 'number',
      diverged: 'number',
      loss: 'number',
      testLoss: 'number',
      testAccuracy: 'number',
      deadBefore: 'number',
      deadAfter: 'number',
      bornDead: 'boolean',
      curve: 'numbers',
    }),
    settings: settingsOf(classification),
    batches: groups.flatMap(batchesOf),
    runBatch: (gpu, batch, context) => runBatch(classification, gpu, batch, context),
    report: (results) => reportClassification(classification, results),
  };
}
