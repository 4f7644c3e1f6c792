/**
 * The depth rule at work: networks of hundreds of layers of 16 ReLU units, without skips or normalisation,
 * on the handwritten digits. Adam with clipping, a warm-up and a cosine; batches that are minutes come first.
 */
import { standardizeParts } from '../../data/index.js';
import { renderSvg } from '../../charts/render-svg.js';
import { CHART_COLOURS } from '../../charts/line-look.js';
import type { GpuDevice } from '../../gpu/index.js';
import { evaluateNetwork } from '../../network/evaluator.js';
import { networkFromNotation, type LayerRecord } from '../../network/index.js';
import { splitDigits } from '../digits-split.js';
import {
  resultSchema,
  type Batch,
  type BatchContext,
  type CellResult,
  type Experiment,
  type ExperimentReport,
} from '../experiment.js';
import type { InitializerChoice } from '../initializer-choice.js';
import { markdownTable, meanText, median, percent } from '../markdown.js';
import { curveOf, rounded, spreadOf } from '../statistics.js';
import { samplesForSteps, trainCells, type TrainingCell } from '../training-cells.js';

const DEEP_SETTINGS = {
  width: 16,
  depths: [100, 300, 1000],
  steps: 600,
  batchSize: 64,
  optimizer: 'adam',
  rate: 3e-4,
  clip: 1,
  schedule: { type: 'cosine', warmup: 100 },
  testShare: 0.2,
  seeds: 5,
  firstSeed: 20_261_401,
  curvePoints: 60,
  initializers: [
    { label: 'lps', method: 'lps', directions: 'haar' },
    { label: 'lps anchors', method: 'lps', directions: 'anchors' },
    { label: 'looks-linear', method: 'looks-linear' },
    { label: 'he', method: 'he' },
  ] satisfies InitializerChoice[],
} as const;

export interface DeepResult extends CellResult {
  readonly diverged: boolean;
  readonly testAccuracy: number;
  /** Norm of the first hidden layer's gradient over the last hidden layer's, in the last step. */
  readonly gradientRatio: number;
  /** Mean training loss of equal stretches of steps. */
  readonly curve: readonly number[];
}

const groupName = (depth: number): string => `${depth}x${DEEP_SETTINGS.width}`;

/** CPU seconds that a layer costs a run of 600 steps. */
const LAYER_COST = 0.06;

/** One batch per seed: at 1,000 layers each is minutes. */
const batches = DEEP_SETTINGS.depths.flatMap((depth) =>
  Array.from({ length: DEEP_SETTINGS.seeds }, (_, k): Batch<TrainingCell> => {
    const { firstSeed, initializers, rate } = DEEP_SETTINGS;
    const group = groupName(depth);
    const seed = firstSeed + k;
    return {
      id: `${group}/seed ${seed}`,
      cost: LAYER_COST * depth,
      cells: initializers.map((initializer) => ({
        id: `${group}/${initializer.label}/seed ${seed}`,
        group,
        initializer,
        seed,
        rate,
      })),
    };
  }),
);

async function runBatch(
  gpu: GpuDevice,
  { cells }: Batch<TrainingCell>,
  { signal, onProgress }: BatchContext<DeepResult>,
): Promise<readonly DeepResult[] | null> {
  const { steps, batchSize, testShare, firstSeed, optimizer, clip, schedule } = DEEP_SETTINGS;
  const { group, seed } = cells[0]!;
  const [depth, width] = group.split('x');
  const split = await splitDigits(testShare, firstSeed);
  const { train, test } = standardizeParts({ ...split, validation: null });
  const net = networkFromNotation(`64-${depth}*${width}-10`);
  const loss = 'softmax-cross-entropy';
  const task = { net, anchors: train, loss, optimizer, batchSize, seed, probe: batchSize } as const;
  const run = await trainCells(
    gpu,
    { ...task, clip, schedule, data: samplesForSteps(train, steps * batchSize, seed) },
    cells.map(({ initializer, rate }) => ({ initializer, seed, rate: rate! })),
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  );
  if (run === null) return null;
  const weights = run.replicas.map((replica) => replica.weights);
  const scores = await evaluateNetwork(gpu, net, { data: test!, weights, loss });
  return cells.map(({ id }, k) => {
    const { status, stepLosses, epochs } = run.replicas[k]!;
    return {
      cell: id,
      diverged: status.state === 'diverged',
      testAccuracy: rounded(scores[k]!.accuracy!),
      gradientRatio: gradientRatio(epochs.at(-1)!.layers),
      curve: curveOf(stepLosses, steps / DEEP_SETTINGS.curvePoints),
    };
  });
}

/** Median, lowest and highest: ratios are not normal. */
function rangeText(values: readonly number[]): string {
  if (values.length === 0) return '-';
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)];
  return `${middle.toPrecision(3)} (${low.toPrecision(3)} to ${high.toPrecision(3)})`;
}

/** NaN where the last hidden layer has no gradient. */
function gradientRatio(layers: readonly LayerRecord[]): number {
  const [first, last] = [layers[0]?.gradientNorm ?? NaN, layers.at(-2)?.gradientNorm ?? NaN];
  return last > 0 ? rounded(first / last) : NaN;
}

async function report(results: readonly DeepResult[]): Promise<ExperimentReport> {
  const { depths, initializers, steps, rate, clip, firstSeed, seeds, batchSize } = DEEP_SETTINGS;
  const of = (depth: number, label: string): DeepResult[] =>
    results.filter(({ cell }) => cell.startsWith(`${groupName(depth)}/${label}/`));
  const ran = depths.filter((depth) => initializers.some(({ label }) => of(depth, label).length));
  const rows = ran.flatMap((depth) =>
    initializers.map(({ label }) => {
      const own = of(depth, label);
      return [
        groupName(depth),
        label,
        String(own.length),
        meanText(
          own.map(({ testAccuracy }) => testAccuracy),
          100,
        ),
        own.length === 0 ? '-' : percent(Math.min(...own.map((one) => one.testAccuracy))),
        rangeText(own.map(({ gradientRatio: ratio }) => ratio).filter(Number.isFinite)),
      ];
    }),
  );
  const markdown = [
    '# Hundreds of layers of 16 ReLU units',
    `The digits, ${steps} steps of Adam at ${rate} (batch ${batchSize}, gradient clipped at ${clip}, warm-up of 100 steps, cosine), seeds ${firstSeed} to ${firstSeed + seeds - 1}; means of runs with their 95% intervals. The gradient ratio is that of the first hidden layer to the last one in the last step, the median of the runs and their range.`,
    markdownTable(['network', 'initializer', 'runs', 'test %', 'lowest %', 'gradient ratio'], rows),
    '![Training loss by step](deep.svg)',
  ].join('\n\n');
  const picture = await lossPicture(ran, of);
  return { markdown: `${markdown}\n`, pictures: new Map([['deep.svg', picture]]) };
}

const PANEL = 360;

/** Mean training loss by step, a panel for each depth. */
function lossPicture(
  depths: readonly number[],
  of: (depth: number, label: string) => readonly DeepResult[],
): Promise<string> {
  const { initializers, steps, curvePoints, width } = DEEP_SETTINGS;
  const left = (index: number): number => PANEL * index;
  return renderSvg(
    {
      color: CHART_COLOURS,
      title: depths.map((depth, index) => ({
        text: `${depth} layers of ${width}: training loss`,
        left: left(index) + 50,
        top: 40,
        textStyle: { fontSize: 14 },
      })),
      legend: { top: 8, data: initializers.map(({ label }) => label) },
      grid: depths.map((_, index) => ({
        left: left(index) + 50,
        top: 76,
        width: PANEL - 80,
        height: 220,
      })),
      xAxis: depths.map((_, index) => ({
        type: 'value',
        gridIndex: index,
        name: 'steps',
        nameLocation: 'middle',
        nameGap: 28,
        max: steps,
      })),
      yAxis: depths.map((_, index) => ({ type: 'value', gridIndex: index, min: 0 })),
      series: depths.flatMap((depth, index) =>
        initializers.map(({ label }) => ({
          name: label,
          type: 'line',
          xAxisIndex: index,
          yAxisIndex: index,
          showSymbol: false,
          data: Array.from({ length: curvePoints }, (_, k) => {
            const losses = of(depth, label).flatMap(({ curve }) => curve[k] ?? []);
            return [((k + 0.5) * steps) / curvePoints, spreadOf(losses)?.mean ?? null];
          }),
        })),
      ),
    },
    { width: PANEL * depths.length + 20, height: 350 },
  );
}

export const deep: Experiment<TrainingCell, DeepResult> = {
  name: 'deep',
  title: 'the digits through 100, 300 and 1,000 layers of 16 units: accuracy and gradients',
  needsData: false,
  resultSchema: resultSchema<DeepResult>({
    diverged: 'boolean',
    testAccuracy: 'number',
    gradientRatio: 'number',
    curve: 'numbers',
  }),
  settings: DEEP_SETTINGS,
  batches,
  runBatch,
  report,
};
