/** Runs batches of deep narrow networks. */
import { REGRESSION_TASKS, sampleFunction } from '../../data/index.js';
import type { GpuDevice } from '../../gpu/index.js';
import { forward, networkFromNotation, networkInputs } from '../../network/index.js';
import { resultSchema, type Batch, type BatchContext, type Experiment } from '../experiment.js';
import { deadShare, rounded } from '../statistics.js';
import { fullBatchSteps, trainCells, type TrainingCell } from '../training-cells.js';
import {
  DEEP_NARROW_GROUPS,
  DEEP_NARROW_SETTINGS,
  deepNarrowBatches,
  groupName,
  type DeepNarrowResult,
} from './definition.js';
import { reportDeepNarrow } from './report.js';

const groupOf = new Map(DEEP_NARROW_GROUPS.map((group) => [groupName(group), group]));

async function runBatch(
  gpu: GpuDevice,
  { cells }: Batch<TrainingCell>,
  { signal, onProgress }: BatchContext<DeepNarrowResult>,
): Promise<readonly DeepNarrowResult[] | null> {
  const { steps, points, firstSeed } = DEEP_NARROW_SETTINGS;
  const group = groupOf.get(cells[0]!.group)!;
  const net = networkFromNotation(`1-${group.depth}*${group.width}-1`);
  const samples = sampleFunction(REGRESSION_TASKS[group.task], { points });
  const run = await trainCells(
    gpu,
    {
      net,
      data: fullBatchSteps(samples, steps, firstSeed),
      anchors: samples,
      loss: 'mse',
      optimizer: 'adam',
      batchSize: points,
      seed: firstSeed,
      probe: points * BATCH_PROBES,
    },
    cells.map(({ initializer, seed, rate }) => ({ initializer, seed, rate: rate! })),
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  );
  if (run === null) return null;
  const weights = run.replicas.map((replica) => replica.weights);
  const outputs = await forward(gpu, net, weights, networkInputs(samples), { batch: points });
  const targets = samples.targets.kind === 'values' ? samples.targets.values : new Float32Array();
  return cells.map(({ id }, k) => {
    const { status, epochs } = run.replicas[k]!;
    const fit = compareOutputs(outputs.subarray(k * points, (k + 1) * points), targets);
    return {
      cell: id,
      diverged: status.state === 'diverged',
      nmse: rounded(fit.nmse),
      range: rounded(fit.range),
      deadBefore: rounded(deadShare(epochs[0]!.layers)!),
      deadAfter: rounded(deadShare(epochs.at(-1)!.layers)!),
    };
  });
}

/**
 * The probe takes the first samples of the shuffled copies: so many times the points contain almost
 * all of them.
 */
const BATCH_PROBES = 8;

/** Error over the targets' variance, range over the targets' range. */
export function compareOutputs(
  outputs: ArrayLike<number>,
  targets: ArrayLike<number>,
): { readonly nmse: number; readonly range: number } {
  const mean = Array.from(targets).reduce((sum, value) => sum + value, 0) / targets.length;
  let error = 0;
  let variance = 0;
  for (let k = 0; k < targets.length; k++) {
    error += (outputs[k]! - targets[k]!) ** 2;
    variance += (targets[k]! - mean) ** 2;
  }
  const rangeOf = (values: ArrayLike<number>): number =>
    Math.max(...Array.from(values)) - Math.min(...Array.from(values));
  return { nmse: error / variance, range: rangeOf(outputs) / rangeOf(targets) };
}

export const deepNarrow: Experiment<TrainingCell, DeepNarrowResult> = {
  name: 'deep-narrow',
  title: 'deep narrow networks on functions of one variable: constant runs and successes',
  needsData: false,
  resultSchema: resultSchema<DeepNarrowResult>({
    diverged: 'boolean',
    nmse: 'number',
    range: 'number',
    deadBefore: 'number',
    deadAfter: 'number',
  }),
  settings: DEEP_NARROW_SETTINGS,
  batches: DEEP_NARROW_GROUPS.flatMap(deepNarrowBatches),
  runBatch,
  report: reportDeepNarrow,
};
