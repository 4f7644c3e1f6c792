/**
 * The quick experiment: a deep narrow network on the handwritten digits, from `lps` and from the
 * usual initializers, all runs side by side as replicas.
 *
 * 20 layers of 16 units are deep enough that the start decides the outcome, and small enough that
 * all runs take about a minute on two cores. The settings were fixed before any result was
 * looked at, but for looks-linear and the runs 4 and 5 of each, which came later.
 */
import { standardizeParts } from '../data/index.js';
import type { GpuDevice } from '../gpu/index.js';
import {
  adam,
  networkFromNotation,
  notationOf,
  train,
  type EpochRecord,
  type ReplicaStatus,
  type Score,
  type TrainingCheckpoint,
  type TrainProgress,
} from '../network/index.js';
import { evaluateNetwork } from '../network/evaluator.js';
import { initializeReplicas, type InitializerMethod } from '../initialize/index.js';
import { trainingChart } from '../charts/training-chart.js';
import { splitDigits } from './digits-split.js';
import { deadShare, spreadOf, type Spread } from './statistics.js';

/** What is fixed. */
export const DIGITS_SETTINGS = {
  network: '64-20*16-10',
  methods: ['lps', 'looks-linear', 'he', 'xavier', 'orthogonal'],
  runsPerMethod: 5,
  optimizer: 'adam',
  learningRate: 1e-3,
  batchSize: 64,
  epochs: 20,
  testShare: 0.2,
  /** Samples on which dead units are counted. */
  probe: 256,
} as const satisfies { readonly methods: readonly InitializerMethod[] } & Record<string, unknown>;

export interface DigitsOptions {
  /** Of the split and the batches; the runs' initial weights have seed, seed + 1, ... Default 1. */
  readonly seed?: number;
  /** Ends the training; what was done is returned. */
  readonly signal?: AbortSignal;
  /** Keeps what the training goes on from. */
  readonly checkpoint?: TrainingCheckpoint;
  readonly onProgress?: (progress: TrainProgress) => void;
}

/** One run. */
export interface DigitsRun {
  readonly method: InitializerMethod;
  readonly seed: number;
  readonly status: ReplicaStatus;
  readonly epochs: readonly EpochRecord[];
  /** On the test samples, after training. */
  readonly test: Score;
}

/** The runs of one initializer. Null where there is nothing to average. */
export interface DigitsSummary {
  readonly method: InitializerMethod;
  readonly runs: number;
  /** Of the last epoch. */
  readonly trainingLoss: Spread | null;
  readonly testLoss: Spread | null;
  readonly testAccuracy: Spread | null;
  /** Share of dead hidden units before and after training. */
  readonly deadBefore: Spread | null;
  readonly deadAfter: Spread | null;
}

export interface DigitsResult {
  readonly experiment: 'digits';
  readonly settings: typeof DIGITS_SETTINGS;
  readonly seed: number;
  readonly network: string;
  readonly parameters: number;
  readonly trainingSamples: number;
  readonly testSamples: number;
  readonly steps: number;
  readonly runs: readonly DigitsRun[];
  readonly summary: readonly DigitsSummary[];
  /** Whether the signal ended it. */
  readonly partial: boolean;
  readonly totalMs: number;
}

/** Trains the digits network from every initializer. */
export async function runDigits(
  gpu: GpuDevice,
  options: DigitsOptions = {},
): Promise<DigitsResult> {
  const started = performance.now();
  const { seed = 1, signal, checkpoint, onProgress } = options;
  const settings = DIGITS_SETTINGS;
  const net = networkFromNotation(settings.network);
  const parts = standardizeParts({
    ...(await splitDigits(settings.testShare, seed)),
    validation: null,
  });
  const data = parts.train;
  const test = parts.test!;
  const wanted = settings.methods.flatMap((method) =>
    Array.from({ length: settings.runsPerMethod }, (_, run) => ({ method, seed: seed + run })),
  );
  const weights = await initializeReplicas(
    gpu,
    net,
    wanted.map((run) => ({ ...run, anchors: data })),
  );
  const loss = 'softmax-cross-entropy';
  const trained = await train(gpu, net, {
    data,
    weights,
    loss,
    optimizer: adam(settings.learningRate),
    epochs: settings.epochs,
    batchSize: settings.batchSize,
    layerProbe: settings.probe,
    seed,
    ...(signal && { signal }),
    ...(checkpoint && { checkpoint }),
    ...(onProgress && { onProgress }),
  });
  const scores = await evaluateNetwork(gpu, net, {
    data: test,
    weights: trained.replicas.map((replica) => replica.weights),
    loss,
  });
  const runs = wanted.map((run, index): DigitsRun => {
    const { status, epochs } = trained.replicas[index]!;
    return { ...run, status, epochs, test: scores[index]! };
  });
  return {
    experiment: 'digits',
    settings,
    seed,
    network: notationOf(net),
    parameters: net.parameters.count,
    trainingSamples: data.count,
    testSamples: test.count,
    steps: trained.steps,
    runs,
    summary: summarizeDigits(runs),
    partial: trained.partial,
    totalMs: performance.now() - started,
  };
}

/** Joins the runs of each initializer, in the order of their first runs. */
export function summarizeDigits(runs: readonly DigitsRun[]): DigitsSummary[] {
  return [...new Set(runs.map(({ method }) => method))].map((method) => {
    const own = runs.filter((run) => run.method === method);
    const spread = (valueOf: (run: DigitsRun) => number | null | undefined): Spread | null =>
      spreadOf(own.map(valueOf).filter((value) => typeof value === 'number'));
    return {
      method,
      runs: own.length,
      trainingLoss: spread(({ epochs }) => epochs.at(-1)?.training?.loss),
      testLoss: spread(({ test }) => test.loss),
      testAccuracy: spread(({ test }) => test.accuracy),
      deadBefore: spread(({ epochs }) => deadShare(epochs[0]?.layers ?? [])),
      deadAfter: spread(({ epochs }) => deadShare(epochs.at(-1)?.layers ?? [])),
    };
  });
}

/** Training loss by epoch, one colour an initializer, as SVG text. */
export async function digitsChart({ runs, settings }: DigitsResult): Promise<string> {
  return trainingChart(
    runs.map(({ method, epochs }) => ({ name: method, epochs })),
    {
      title: `${settings.network} on the digits`,
      subtitle: `Adam ${settings.learningRate}, batch ${settings.batchSize}; thin lines are single runs`,
    },
  );
}
