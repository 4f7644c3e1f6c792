/**
 * What every experiment is: a table of cells (single measurements), grouped into batches that run
 * side by side on the GPU, fixed before anything runs.
 *
 * Cells are named by what they are, so that results in a file tell what they belong to, and a
 * cell's result does not depend on which others run beside it.
 */
import { LpsError } from '../math/lps-error.js';
import type { Dataset } from '../data/index.js';
import type { GpuDevice } from '../gpu/index.js';

/** One measurement; the identifier says all of it. */
export interface Cell {
  /** Parts separated by '/', unique in the experiment: "abs/10x2/adam 0.002/lps/seed 50001". */
  readonly id: string;
}

/** Cells that run together. */
export interface Batch<C extends Cell = Cell> {
  readonly id: string;
  readonly cells: readonly C[];
  /** CPU seconds that one cell took on the machine the experiment was designed on: for time left. */
  readonly cost: number;
}

/** A finished cell: a flat JSON object. */
export interface CellResult {
  /** The cell's identifier. */
  readonly cell: string;
}

/** Training and test samples. */
export interface ExperimentData {
  readonly train: Dataset;
  readonly test: Dataset;
}

export interface BatchContext<R extends CellResult> {
  /** Null for experiments that make their own. */
  readonly data: ExperimentData | null;
  /** All finished cells by identifier: some cells take their rate from others' results. */
  readonly finished: ReadonlyMap<string, R>;
  readonly signal?: AbortSignal;
  /** Share of the batch that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** A report as text and pictures. */
export interface ExperimentReport {
  /** GitHub Markdown that refers to the pictures by file name. */
  readonly markdown: string;
  /** SVG text by file name. */
  readonly pictures: ReadonlyMap<string, string>;
}

export interface Experiment<C extends Cell = Cell, R extends CellResult = CellResult> {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Whether it trains on Fashion-MNIST. */
  readonly needsData: boolean;
  /** What is the same for all cells, as JSON; part of the definition. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly batches: readonly Batch<C>[];
  /** JSON Schema of a result, for files that are read back. */
  readonly resultSchema?: Readonly<Record<string, unknown>>;
  /**
   * Runs some cells of a batch.
   *
   * @returns null when the signal ended it
   * @throws ExperimentError when it needs cells that have not run
   */
  runBatch(gpu: GpuDevice, batch: Batch<C>, context: BatchContext<R>): Promise<readonly R[] | null>;
  report(results: readonly R[]): Promise<ExperimentReport>;
}

/** An experiment that cannot run, or results that are not its own. */
export class ExperimentError extends LpsError {
  override readonly name = 'ExperimentError';
  override readonly kind = 'usage';
}

/** What a field of a result holds; numbers that are not finite are null in JSON. */
type FieldKind = 'string' | 'boolean' | 'number' | 'numbers';

const FIELD_SCHEMAS: Readonly<Record<FieldKind, object>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  number: { type: ['number', 'null'] },
  numbers: { type: 'array', items: { type: ['number', 'null'] } },
};

/** JSON Schema of results that have these fields beside `cell`, and perhaps more. */
export function resultSchema<R extends CellResult>(
  fields: Readonly<Record<Exclude<keyof R, 'cell'> & string, FieldKind>>,
): Readonly<Record<string, unknown>> {
  const kinds: [string, FieldKind][] = [['cell', 'string'], ...Object.entries<FieldKind>(fields)];
  return {
    type: 'object',
    required: kinds.map(([name]) => name),
    properties: Object.fromEntries(kinds.map(([name, kind]) => [name, FIELD_SCHEMAS[kind]])),
  };
}

/** Everything that decides what the results mean, as text: equal texts, equal experiments. */
export function definitionText({ name, settings, batches }: Experiment): string {
  return JSON.stringify({
    name,
    settings,
    batches: batches.map(({ id, cells }) => ({ id, cells })),
  });
}

/**
 * The batches with only those cells whose identifiers contain all words.
 *
 * @param only words separated by commas; empty for everything
 * @throws ExperimentError when nothing is left
 */
export function selectCells<C extends Cell>(
  batches: readonly Batch<C>[],
  only: string,
): readonly Batch<C>[] {
  const words = only.split(',').map((word) => word.trim());
  const selected = batches
    .map((batch) => ({
      ...batch,
      cells: batch.cells.filter(({ id }) => words.every((word) => id.includes(word))),
    }))
    .filter(({ cells }) => cells.length > 0);
  if (selected.length === 0) {
    throw new ExperimentError(
      `no cell's name contains "${words.join('" and "')}"; the first one is "${batches[0]?.cells[0]?.id}"`,
    );
  }
  return selected;
}
