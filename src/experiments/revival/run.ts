/**
 * What to do with a network many of whose units have died: nothing, revive them, ReDo, or start again. Units are
 * killed by biases of -100, the network is trained like that, and goes on in each of these ways.
 */
import { standardizeParts, type Dataset } from '../../data/index.js';
import type { GpuDevice } from '../../gpu/index.js';
import { initializeReplicas, revive, type ReviveOptions } from '../../initialize/index.js';
import { randomStream } from '../../math/random.js';
import { evaluateNetwork } from '../../network/evaluator.js';
import {
  adam,
  networkFromNotation,
  train,
  type Network,
  type Weights,
} from '../../network/index.js';
import { splitDigits } from '../digits-split.js';
import {
  resultSchema,
  type Batch,
  type BatchContext,
  type Cell,
  type CellResult,
  type Experiment,
  type ExperimentReport,
} from '../experiment.js';
import { markdownTable, meanText, percent } from '../markdown.js';
import { deadShare, interval95, rounded, spreadOf } from '../statistics.js';
import { samplesForSteps } from '../training-cells.js';

const REVIVAL_SETTINGS = {
  network: '64-3*32-10',
  /** Shares of units killed in each hidden layer; the last is below what revive looks at (0.2). */
  killed: [0.4, 0.15],
  method: 'he',
  /** Before the ways part, and after. */
  stepsBefore: 300,
  stepsAfter: 300,
  batchSize: 64,
  rate: 1e-3,
  every: 100,
  /** Dead share from which on units are revived: at once, whatever it is. */
  share: 0.01,
  testShare: 0.2,
  seeds: 10,
  firstSeed: 20_261_801,
  ways: ['nothing', 'revive', 'redo', 'start again (he)', 'start again (lps)'],
} as const;

type Way = (typeof REVIVAL_SETTINGS.ways)[number];

interface RevivalCell extends Cell {
  readonly way: Way;
  readonly killed: number;
  readonly seed: number;
}

interface RevivalResult extends CellResult {
  /** On all training samples: where the ways part (of a new network at its start), and at the end. */
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly testAccuracy: number;
  /** Shares of hidden units at these times. */
  readonly deadBefore: number;
  readonly deadAfter: number;
}

const KILLING_BIAS = -100;
const groupName = (killed: number): string => `${percent(killed)}% killed`;

const batches = REVIVAL_SETTINGS.killed.flatMap((killed) =>
  REVIVAL_SETTINGS.ways.map((way): Batch<RevivalCell> => {
    const { seeds, firstSeed } = REVIVAL_SETTINGS;
    const id = `${groupName(killed)}/${way}`;
    const cells = Array.from({ length: seeds }, (_, k) => {
      const seed = firstSeed + k;
      return { id: `${id}/seed ${seed}`, way, killed, seed };
    });
    return { id, cost: 1, cells };
  }),
);

/** Kills the first units of every hidden layer, in an order that the seed draws. */
function withDeadUnits(net: Network, weights: Weights, share: number, seed: number): Weights {
  const stream = randomStream(seed, 1);
  const tensors = new Map(weights.tensors);
  for (const { bias } of net.affineLayers.slice(0, -1)) {
    const { shape, data } = tensors.get(bias!.name)!;
    const order = Array.from(data, () => stream.uniform());
    const ranked = [...order].sort((a, b) => a - b);
    const bound = ranked[Math.round(share * data.length)]!;
    const killed = data.map((value, unit) => (order[unit]! < bound ? KILLING_BIAS : value));
    tensors.set(bias!.name, { shape, data: killed });
  }
  return { ...weights, tensors };
}

async function runBatch(
  gpu: GpuDevice,
  { cells }: Batch<RevivalCell>,
  { signal, onProgress }: BatchContext<RevivalResult>,
): Promise<readonly RevivalResult[] | null> {
  const { network, method, stepsBefore, stepsAfter, batchSize, rate, every, share } =
    REVIVAL_SETTINGS;
  const { testShare, firstSeed } = REVIVAL_SETTINGS;
  const { way, killed } = cells[0]!;
  const net = networkFromNotation(network);
  const split = await splitDigits(testShare, firstSeed);
  const parts = standardizeParts({ ...split, validation: null });
  const loss = 'softmax-cross-entropy';
  const initial = (name: 'he' | 'lps'): Promise<readonly Weights[]> =>
    initializeReplicas(
      gpu,
      net,
      cells.map(({ seed }) => ({ method: name, seed, anchors: parts.train })),
    );
  const run = async (
    weights: readonly Weights[],
    steps: number,
    rows?: ReviveOptions['rows'],
  ): Promise<{
    weights: Weights[];
    dead: number[];
    deadAtStart: number[];
  } | null> => {
    const revival =
      rows &&
      revive(net, {
        every,
        share,
        rows,
        seed: firstSeed,
        anchors: parts.train,
      });
    const trained = await train(gpu, net, {
      data: samplesForSteps(parts.train, steps * batchSize, firstSeed),
      weights,
      loss,
      optimizer: adam(rate),
      epochs: 1,
      batchSize,
      seed: firstSeed,
      layerProbe: parts.train.count,
      ...(revival && { intervention: revival.intervention }),
      ...(signal && { signal }),
      onProgress: ({ step, steps: all }) => onProgress?.(step / all),
    });
    if (trained.partial) return null;
    return {
      weights: trained.replicas.map((replica) => replica.weights),
      dead: trained.replicas.map(({ epochs }) => deadShare(epochs.at(-1)!.layers)!),
      deadAtStart: trained.replicas.map(({ epochs }) => deadShare(epochs[0]!.layers)!),
    };
  };
  const lossOn = async (data: Dataset, weights: readonly Weights[]) =>
    evaluateNetwork(gpu, net, { data, weights, loss });

  let start: readonly Weights[];
  if (way === 'start again (lps)') start = await initial('lps');
  else if (way === 'start again (he)') start = await initial('he');
  else {
    const alive = await initial(method);
    const dead = alive.map((weights, k) => withDeadUnits(net, weights, killed, cells[k]!.seed));
    const first = await run(dead, stepsBefore);
    if (first === null) return null;
    start = first.weights;
  }
  const before = await lossOn(parts.train, start);
  const rows = way === 'revive' ? 'anchors' : way === 'redo' ? 'redo' : undefined;
  const second = await run(start, stepsAfter, rows);
  if (second === null) return null;
  const after = await lossOn(parts.train, second.weights);
  const tested = await lossOn(parts.test!, second.weights);
  return cells.map(({ id }, k) => ({
    cell: id,
    lossBefore: rounded(before[k]!.loss),
    lossAfter: rounded(after[k]!.loss),
    testAccuracy: rounded(tested[k]!.accuracy!),
    deadBefore: rounded(second.deadAtStart[k]!),
    deadAfter: rounded(second.dead[k]!),
  }));
}

function report(results: readonly RevivalResult[]): Promise<ExperimentReport> {
  const { network, killed, ways, stepsBefore, stepsAfter, seeds, firstSeed, every, rate } =
    REVIVAL_SETTINGS;
  const of = (share: number, way: Way): RevivalResult[] =>
    results.filter(({ cell }) => cell.startsWith(`${groupName(share)}/${way}/`));
  const sections = killed.flatMap((share) => {
    const plain = of(share, 'nothing');
    const rows = ways.flatMap((way) => {
      const own = of(share, way);
      if (own.length === 0) return [];
      const seedOf = ({ cell }: RevivalResult): string => cell.split('/').at(-1)!;
      const ratios = own.flatMap((result) => {
        const other = plain.find((one) => seedOf(one) === seedOf(result));
        return other ? Math.log(result.lossAfter / other.lossAfter) : [];
      });
      const better = ratios.filter((ratio) => ratio < Math.log(0.6)).length;
      const [low, high] = ratios.length < 2 ? [NaN, NaN] : interval95(spreadOf(ratios)!);
      const factor =
        way === 'nothing' || ratios.length < 2
          ? '-'
          : `${Math.exp(spreadOf(ratios)!.mean).toFixed(2)} (${Math.exp(low).toFixed(2)} to ${Math.exp(high).toFixed(2)})`;
      const mean = (values: readonly number[]): string => percent(spreadOf(values)!.mean);
      const row = [
        way,
        `${mean(own.map((one) => one.deadBefore))} -> ${mean(own.map((one) => one.deadAfter))}`,
        meanText(
          own.map((one) => one.lossAfter),
          1,
          4,
        ),
        factor,
        way === 'nothing' ? '-' : `${better} of ${ratios.length}`,
        meanText(
          own.map((one) => one.testAccuracy),
          100,
        ),
      ];
      return [row];
    });
    return [
      `## ${groupName(share)}`,
      markdownTable(
        [
          'way',
          'dead units % before -> after',
          'training loss',
          'over nothing',
          'below 0.6 x nothing',
          'test %',
        ],
        rows,
      ),
    ];
  });
  const markdown = [
    '# Dead units: revive them, ReDo, or start again',
    `${network} on the digits. He's weights, some units of each hidden layer dead (bias ${KILLING_BIAS}), ${stepsBefore} steps of Adam at ${rate}; then ${stepsAfter} more in each way. \`revive\` and ReDo look every ${every} steps. "start again" is a new network with the ${stepsAfter} steps alone. Training loss on all training samples, geometric mean of its ratio by seed; ${seeds} seeds from ${firstSeed} on, 95% intervals.`,
    ...sections,
  ].join('\n\n');
  return Promise.resolve({ markdown: `${markdown}\n`, pictures: new Map() });
}

export const revival: Experiment<RevivalCell, RevivalResult> = {
  name: 'revival',
  title: 'a network many of whose units are dead: nothing, revive, ReDo, start again',
  needsData: false,
  resultSchema: resultSchema<RevivalResult>({
    lossBefore: 'number',
    lossAfter: 'number',
    testAccuracy: 'number',
    deadBefore: 'number',
    deadAfter: 'number',
  }),
  settings: REVIVAL_SETTINGS,
  batches,
  runBatch,
  report,
};
