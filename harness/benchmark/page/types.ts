/**
 * What a suite measures, as plain data: the records of a result file, as its schema defines them, and
 * the two things a suite is given (the host outside, the options).
 */
import type {
  Agreement,
  ComparisonRow,
  Fault,
  NumberRow,
  RuntimeRecord,
} from '../../generated/result.js';

export type * from '../../generated/result.js';

/** Two n x n matrices and what their product must be. */
export interface Product {
  readonly size: number;
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
  /** Compares a result (row by row) with f64 in some rows. */
  agreement(result: ArrayLike<number>): Agreement;
}

export type Row = ComparisonRow | NumberRow;

/** What the page tells of itself: all but the switches that it was started with. */
export type PageRecord = Omit<RuntimeRecord, 'flags'>;

export interface SuiteOptions {
  readonly seed: number;
  /** Paired rounds. */
  readonly repeat: number;
  /** A row runs when its id contains one of these; all rows without any. */
  readonly filter: readonly string[];
  /** Rows that an earlier attempt finished. */
  readonly done?: readonly string[];
  readonly peers: boolean;
  readonly adapter: 'hardware' | 'software';
  /** Small sizes and short samples: does it work? */
  readonly quick: boolean;
  readonly fault: Fault | null;
  /** Of a sample of ours, by the row's id; rows that are not named find their own. */
  readonly repetitions: Readonly<Record<string, number>>;
}

/** The world outside the page. */
export interface Host {
  /** CPU seconds of all processes of this runtime so far; null where they cannot be read. */
  cpuSeconds(): Promise<number | null>;
  /** One of host/services.ts. */
  call<Answer>(name: string, argument?: unknown): Promise<Answer>;
  /** One line of progress. */
  note(text: string): void;
  /** A finished row: kept even when the suite fails later. */
  row(row: Row): Promise<void>;
}

/** Whether a row is wanted, and not there already. */
export function isWanted(id: string, { filter, done }: SuiteOptions): boolean {
  return (
    (filter.length === 0 || filter.some((part) => id.includes(part))) &&
    !(done?.includes(id) ?? false)
  );
}
