/** Runs what is left of an experiment, batch by batch, until it is done, stopped or out of time. */
import type { GpuDevice } from '../gpu/index.js';
import {
  ExperimentError,
  selectCells,
  type Batch,
  type Cell,
  type CellResult,
  type Experiment,
  type ExperimentData,
} from './experiment.js';

export interface ExperimentProgress {
  /** Cells, of those selected. */
  readonly done: number;
  readonly total: number;
  /** What is running. */
  readonly batch: string;
  /** Infinity before anything is known. */
  readonly secondsLeft: number;
}

export interface RunExperimentOptions<R extends CellResult> {
  readonly data: ExperimentData | null;
  /** Results of earlier runs: their cells are not run again. */
  readonly finished: readonly R[];
  /** Words that the cells' names must contain, separated by commas. */
  readonly only?: string;
  /** No batch is begun that would probably end later than this. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  /** Receives the results of each batch as it ends, to be kept. */
  readonly onResults?: (results: readonly R[]) => void;
  readonly onProgress?: (progress: ExperimentProgress) => void;
}

export interface ExperimentRun<R extends CellResult> {
  /** The old results and the new ones. */
  readonly results: readonly R[];
  readonly ended: 'finished' | 'budget' | 'stopped';
  /** Cells, of those selected. */
  readonly done: number;
  readonly total: number;
  readonly totalMs: number;
}

/**
 * Runs the cells that have no result yet.
 *
 * @throws ExperimentError as `selectCells` and the experiment, and without data that it needs
 */
export async function runExperiment<C extends Cell, R extends CellResult>(
  gpu: GpuDevice,
  experiment: Experiment<C, R>,
  options: RunExperimentOptions<R>,
): Promise<ExperimentRun<R>> {
  const { data, only = '', budgetMs = Infinity, signal, onResults, onProgress } = options;
  if (experiment.needsData && data === null) {
    throw new ExperimentError(`${experiment.name} needs data, got null: load "fashion-mnist"`);
  }
  const started = performance.now();
  const finished = new Map(options.finished.map((result) => [result.cell, result]));
  const selected = selectCells(experiment.batches, only);
  const missing = selected
    .map((batch) => ({ ...batch, cells: batch.cells.filter(({ id }) => !finished.has(id)) }))
    .filter(({ cells }) => cells.length > 0);
  const total = countCells(selected);
  let done = total - countCells(missing);
  const allCost = missing.reduce((sum, batch) => sum + costOf(batch), 0);
  let doneCost = 0;
  let ended: ExperimentRun<R>['ended'] = 'finished';
  for (const batch of missing) {
    const elapsed = performance.now() - started;
    const expected = doneCost > 0 ? (elapsed / doneCost) * costOf(batch) : 0;
    if (elapsed + expected > budgetMs) {
      ended = 'budget';
      break;
    }
    const report = (share: number): void => {
      const cost = doneCost + share * costOf(batch);
      const seconds = (performance.now() - started) / 1000;
      const secondsLeft = cost > 0 ? (seconds / cost) * (allCost - cost) : Infinity;
      onProgress?.({ done, total, batch: batch.id, secondsLeft });
    };
    report(0);
    const results = signal?.aborted
      ? null
      : await experiment.runBatch(gpu, batch, {
          data,
          finished,
          onProgress: report,
          ...(signal && { signal }),
        });
    if (results === null) {
      ended = 'stopped';
      break;
    }
    for (const result of results) finished.set(result.cell, result);
    onResults?.(results);
    done += results.length;
    doneCost += costOf(batch);
  }
  const totalMs = performance.now() - started;
  return { results: [...finished.values()], ended, done, total, totalMs };
}

function countCells(batches: readonly Batch[]): number {
  return batches.reduce((sum, { cells }) => sum + cells.length, 0);
}

function costOf({ cost, cells }: Batch): number {
  return cost * cells.length;
}
