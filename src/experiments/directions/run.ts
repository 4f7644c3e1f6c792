/** Runs the comparison of first-layer directions and draws the conclusion that its rule fixes. */
import {
  digitsDataset,
  standardizeParts,
  trainValidationTestSplit,
  type Dataset,
} from '../../data/index.js';
import type { GpuDevice } from '../../gpu/index.js';
import { evaluateNetwork } from '../../network/evaluator.js';
import { networkFromNotation } from '../../network/index.js';
import {
  resultSchema,
  type Batch,
  type BatchContext,
  type Experiment,
  type ExperimentReport,
} from '../experiment.js';
import { markdownTable, percent } from '../markdown.js';
import { interval95, rounded, spreadOf } from '../statistics.js';
import { samplesForSteps, trainCells, type TrainingCell } from '../training-cells.js';
import {
  DIRECTIONS_BATCHES,
  DIRECTIONS_DATA,
  DIRECTIONS_GROUPS,
  DIRECTIONS_SETTINGS,
  groupName,
  type DirectionsResult,
} from './definition.js';

const groupOf = new Map(DIRECTIONS_GROUPS.map((group) => [groupName(group), group]));

async function runBatch(
  gpu: GpuDevice,
  { cells }: Batch<TrainingCell>,
  { signal, onProgress }: BatchContext<DirectionsResult>,
): Promise<readonly DirectionsResult[] | null> {
  const { steps, batchSize, firstSeed, testShare, optimizer } = DIRECTIONS_SETTINGS;
  const { data: name, network } = groupOf.get(cells[0]!.group)!;
  const data: Dataset = name === 'digits' ? await digitsDataset() : DIRECTIONS_DATA[name]();
  const split = { validation: 0, test: testShare, seed: firstSeed };
  const parts = standardizeParts(trainValidationTestSplit({ train: data, test: null }, split));
  const net = networkFromNotation(network);
  const loss = data.targets.kind === 'class' ? 'softmax-cross-entropy' : 'mse';
  const run = await trainCells(
    gpu,
    {
      net,
      data: samplesForSteps(parts.train, steps * batchSize, firstSeed),
      anchors: parts.train,
      loss,
      optimizer,
      batchSize,
      seed: firstSeed,
      probe: 0,
    },
    cells.map(({ initializer, seed, rate }) => ({ initializer, seed, rate: rate! })),
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  );
  if (run === null) return null;
  const weights = run.replicas.map((replica) => replica.weights);
  const scores = await evaluateNetwork(gpu, net, { data: parts.test!, weights, loss });
  return cells.map(({ id }, k) => ({
    cell: id,
    diverged: run.replicas[k]!.status.state === 'diverged',
    testLoss: rounded(scores[k]!.loss),
    testAccuracy: scores[k]!.accuracy,
  }));
}

/** ln(test loss with directions from the anchors / without), by seed. */
function logRatios(group: string, results: readonly DirectionsResult[]): number[] {
  const { seeds, firstSeed } = DIRECTIONS_SETTINGS;
  const lossOf = (label: string, seed: number): number | undefined =>
    results.find(({ cell }) => cell === `${group}/${label}/seed ${seed}`)?.testLoss;
  return Array.from({ length: seeds }, (_, k) => firstSeed + k).flatMap((seed) => {
    const [anchors, haar] = [lossOf('anchors', seed), lossOf('haar', seed)];
    return anchors === undefined || haar === undefined ? [] : Math.log(anchors / haar);
  });
}

function report(results: readonly DirectionsResult[]): Promise<ExperimentReport> {
  const { initializers, steps, batchSize, rate, seeds, firstSeed } = DIRECTIONS_SETTINGS;
  const change = ([low, high]: readonly [number, number]): string =>
    `${percent(Math.exp(low) - 1)} to ${percent(Math.exp(high) - 1)}`;
  const groups = DIRECTIONS_GROUPS.map(groupName).flatMap((name) => {
    const ratios = logRatios(name, results);
    return ratios.length < 2
      ? []
      : [{ name, mean: spreadOf(ratios)!.mean, interval: interval95(spreadOf(ratios)!) }];
  });
  const cellsOf = (group: string, label: string): string => {
    const own = results.filter(({ cell }) => cell.startsWith(`${group}/${label}/`));
    const loss = spreadOf(own.map(({ testLoss }) => testLoss))?.mean;
    const accuracy = own.flatMap(({ testAccuracy }) => testAccuracy ?? []);
    const shown = accuracy.length > 0 ? ` (${percent(spreadOf(accuracy)!.mean)}%)` : '';
    return loss === undefined ? '-' : `${rounded(loss)}${shown}`;
  };
  const rows = groups.map(({ name, mean, interval }) => [
    name,
    ...initializers.map(({ label }) => cellsOf(name, label)),
    percent(Math.exp(mean) - 1),
    change(interval),
  ]);
  const means = groups.map(({ mean }) => mean);
  const total = means.length < 2 ? null : interval95(spreadOf(means)!);
  const worse = groups.filter(({ interval: [low] }) => low > 0).map(({ name }) => name);
  const isComplete = groups.length === DIRECTIONS_GROUPS.length;
  const decision =
    total !== null && total[1] < 0 && worse.length === 0
      ? "'anchors' becomes the default"
      : "'haar' stays the default";
  const markdown = [
    '# First-layer directions of `lps`: from the anchors, or any',
    `Test loss (and accuracy) after ${steps} steps of Adam at ${rate}, batches of ${batchSize}; means of ${seeds} seeds from ${firstSeed} on, one split of the data. The last columns are the change of the test loss by directions from the anchors, paired by seed, geometric mean and 95% interval. The rule was fixed with the seeds in \`src/experiments/directions/definition.ts\` before the run.`,
    markdownTable(
      ['task', ...initializers.map(({ label }) => label), 'change %', '95% interval'],
      rows,
    ),
    ...(total === null
      ? []
      : [
          `Over the groups the change is ${percent(Math.exp(spreadOf(means)!.mean) - 1)}% (95% interval ${change(total)}); clearly worse in ${worse.length === 0 ? 'none' : worse.join(', ')}. By the rule${isComplete ? '' : ', on what has run so far,'} **${decision}**.`,
        ]),
  ].join('\n\n');
  return Promise.resolve({ markdown: `${markdown}\n`, pictures: new Map() });
}

export const directions: Experiment<TrainingCell, DirectionsResult> = {
  name: 'directions',
  title: "first-layer directions of lps from the anchors, or any: the default's decision",
  needsData: false,
  resultSchema: resultSchema<DirectionsResult>({
    diverged: 'boolean',
    testLoss: 'number',
    testAccuracy: 'number',
  }),
  settings: { ...DIRECTIONS_SETTINGS, groups: DIRECTIONS_GROUPS },
  batches: DIRECTIONS_BATCHES,
  runBatch,
  report,
};
