/** The results of `lps train`: one JSON document, and a table that compares the initializers. */
import type { ReplicaRun, Score, TrainingRun } from '../network/index.js';
import { count, duration, plural, significant } from './numbers.js';
import { textTable, type Column } from './text-table.js';

/** One run as it was asked for, and how it went. */
export interface NamedRun {
  /** The initializer's name. */
  readonly init: string;
  readonly seed: number;
  readonly run: ReplicaRun;
  /** On the test samples; null without any. */
  readonly test: Score | null;
  /** Where its weights were written; null when they were not. */
  readonly file: string | null;
}

/** Mean and sample deviation. */
export interface Spread {
  readonly mean: number;
  /** 0 of one value. */
  readonly deviation: number;
}

/** All runs of one initializer. */
export interface InitializerSummary {
  readonly init: string;
  readonly runs: number;
  readonly diverged: number;
  /** At the end, of the runs that did not diverge; null when nothing was measured. */
  readonly trainingLoss: Spread | null;
  readonly trainingAccuracy: Spread | null;
  readonly validationLoss: Spread | null;
  readonly validationAccuracy: Spread | null;
  readonly testLoss: Spread | null;
  readonly testAccuracy: Spread | null;
  /** Share of dead units over all layers with an activation, before training and at the end. */
  readonly deadBefore: Spread | null;
  readonly deadAfter: Spread | null;
}

/** Joins the runs of each initializer, in the order of their first runs. */
export function summarize(runs: readonly NamedRun[]): InitializerSummary[] {
  return [...new Set(runs.map(({ init }) => init))].map((init) => {
    const own = runs.filter((run) => run.init === init);
    const good = own.filter(({ run }) => run.status.state !== 'diverged');
    const last = (run: NamedRun) => run.run.epochs.at(-1);
    return {
      init,
      runs: own.length,
      diverged: own.length - good.length,
      trainingLoss: spread(good.map((run) => last(run)?.training?.loss)),
      trainingAccuracy: spread(good.map((run) => last(run)?.training?.accuracy)),
      validationLoss: spread(good.map((run) => last(run)?.validation?.loss)),
      validationAccuracy: spread(good.map((run) => last(run)?.validation?.accuracy)),
      testLoss: spread(good.map(({ test }) => test?.loss)),
      testAccuracy: spread(good.map(({ test }) => test?.accuracy)),
      deadBefore: spread(own.map(({ run }) => deadShare(run, 0))),
      deadAfter: spread(good.map(({ run }) => deadShare(run, -1))),
    };
  });
}

/** Mean over the hidden layers; the output layer cannot die. */
function deadShare(run: ReplicaRun, epoch: number): number | undefined {
  const hidden = run.epochs.at(epoch)?.layers.slice(0, -1);
  if (!hidden || hidden.length === 0) return undefined;
  return hidden.reduce((sum, { deadFraction }) => sum + deadFraction, 0) / hidden.length;
}

function spread(values: readonly (number | null | undefined)[]): Spread | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: known.length === 1 ? 0 : Math.sqrt(squares / (known.length - 1)) };
}

/** Runs as JSON. */
export function runDocuments(runs: readonly NamedRun[]): unknown[] {
  return runs.map(({ init, seed, run, test, file }) => ({
    init,
    seed,
    status: run.status,
    epochs: run.epochs,
    test,
    stepLosses: [...run.stepLosses].map((loss) => Number(loss.toPrecision(7))),
    file,
  }));
}

/** The table for standard output, and a line for each run that diverged. */
export function describeRuns(runs: readonly NamedRun[]): string[] {
  const summaries = summarize(runs);
  const optional: [Column, (summary: InitializerSummary) => Spread | null, boolean][] = [
    [{ title: 'train loss' }, (summary) => summary.trainingLoss, false],
    [{ title: 'train %' }, (summary) => summary.trainingAccuracy, true],
    [{ title: 'validation loss' }, (summary) => summary.validationLoss, false],
    [{ title: 'validation %' }, (summary) => summary.validationAccuracy, true],
    [{ title: 'test loss' }, (summary) => summary.testLoss, false],
    [{ title: 'test %' }, (summary) => summary.testAccuracy, true],
    [{ title: 'dead % before' }, (summary) => summary.deadBefore, true],
    [{ title: 'after' }, (summary) => summary.deadAfter, true],
  ];
  const shown = optional.filter(([, value]) => summaries.some((summary) => value(summary)));
  const several = summaries.some((summary) => summary.runs > 1);
  const table = textTable(
    [{ title: 'init', align: 'left' }, { title: 'runs' }, ...shown.map(([column]) => column)],
    summaries.map((summary) => [
      summary.init,
      summary.diverged === 0 ? `${summary.runs}` : `${summary.runs} (${summary.diverged} diverged)`,
      ...shown.map(([, value, percent]) => formatSpread(value(summary), percent, several)),
    ]),
  );
  const diverged = runs.flatMap(({ init, seed, run: { status } }) =>
    status.state === 'diverged'
      ? [`${init} with seed ${seed} diverged at step ${status.step}: its loss was not finite`]
      : [],
  );
  return [...table, ...diverged];
}

function formatSpread(spread: Spread | null, percent: boolean, several: boolean): string {
  if (!spread) return '-';
  const text = (value: number): string =>
    percent ? (100 * value).toFixed(2) : significant(value, 4);
  const deviation = percent
    ? (100 * spread.deviation).toFixed(2)
    : significant(spread.deviation, 2);
  return several ? `${text(spread.mean)} ± ${deviation}` : text(spread.mean);
}

/** "12 runs, 2,250 steps in 3.1 s (compiling 1.2 s), 4,500 samples/s each" */
export function describeTime(run: TrainingRun): string {
  const total = run.compileMs + run.trainingMs + run.evaluationMs;
  return (
    `${plural(run.replicas.length, 'run')}, ${plural(run.steps, 'step')} in ${duration(total)} ` +
    `(compiling ${duration(run.compileMs)}, training ${duration(run.trainingMs)}, evaluating ${duration(run.evaluationMs)}), ` +
    `${count(Math.round(run.samplesPerSecond))} samples/s${run.replicas.length > 1 ? ' in each run' : ''}${run.partial ? ' (stopped)' : ''}`
  );
}
