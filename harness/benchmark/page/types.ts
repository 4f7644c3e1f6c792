/**
 * What a suite measures, as plain data: the records that make up a result file, and the two things
 * a suite is given (the host outside, the options).
 *
 * result-2.schema.json says the same for other programs; test/unit/benchmark checks that they agree.
 */
import type { GpuInfo } from '../../../src/gpu/index.js';

/** Median and range of a list. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** WebGPU calls of one repetition. */
export interface CallCounts {
  readonly dispatches: number;
  readonly passes: number;
  readonly submits: number;
  readonly bindGroups: number;
  readonly buffers: number;
  readonly pipelines: number;
  readonly writes: number;
  readonly readbacks: number;
}

/** One timed run of one contender. Times are of one repetition. */
export interface Sample {
  readonly round: number;
  readonly repetitions: number;
  readonly wallMs: number;
  /** Of all processes of the runtime; null where it cannot be read. */
  readonly cpuMs: number | null;
}

/** How fast the adapter was beside a round. */
export interface ProbeSample {
  readonly round: number;
  /** f32 operations per second: by wall clock, and per CPU second (software adapters). */
  readonly operations: number;
  readonly operationsPerCpuSecond: number | null;
  /** Bytes read and written per second. */
  readonly bytes: number;
}

/** How far a result was from the truth. */
export interface Agreement {
  readonly error: number;
  readonly tolerance: number;
  /** Where the truth came from. */
  readonly against: string;
}

/** Two n x n matrices and what their product must be. */
export interface Product {
  readonly size: number;
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
  /** Compares a result (row by row) with f64 in some rows. */
  agreement(result: ArrayLike<number>): Agreement;
}

export interface ContenderRecord {
  readonly name: string;
  readonly role: 'ours' | 'peer';
  /** What executes it: a CPU backend can win on a software adapter, and must not be mixed up. */
  readonly executes: 'gpu' | 'cpu';
  readonly status: 'measured' | 'wrong' | 'failed' | 'skipped';
  /** Why there are no times. */
  readonly reason?: string;
  readonly agreement?: Agreement;
  /** From nothing to the first result: compiles, allocates, runs once. */
  readonly firstMs?: number;
  readonly calls?: CallCounts;
  readonly samples: readonly Sample[];
  readonly wallMs: Summary | null;
  readonly cpuMs: Summary | null;
  /** GPU time of one repetition by timestamp queries. */
  readonly gpuMs?: Summary;
  /** Of the operation probe beside it, by wall clock; set when the work is a known number of operations. */
  readonly fractionOfPeak?: number;
}

/** How many times longer `numerator` took than `denominator`, by paired rounds. */
export interface RatioRecord {
  readonly numerator: string;
  readonly denominator: string;
  readonly clock: 'wall' | 'cpu';
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** 95% bootstrap interval of the median. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
  /** Whether this ratio is claimed: by this clock, over such a peer, its interval being narrow enough. */
  readonly claimed: boolean;
  /** What the project aims at, when it aims at something. */
  readonly aim?: number;
}

/** Several contenders at the same work. */
export interface ComparisonRow {
  readonly kind: 'comparison';
  /** `matmul/512`: what --filter looks at and baselines are matched by. */
  readonly id: string;
  readonly title: string;
  /** f32 operations and bytes of one repetition, where they are known. */
  readonly operations?: number;
  readonly bytes?: number;
  readonly contenders: readonly ContenderRecord[];
  readonly ratios: readonly RatioRecord[];
  readonly probes: readonly ProbeSample[];
}

/** One number that is no comparison: a size, a compile time. */
export interface NumberRow {
  readonly kind: 'number';
  readonly id: string;
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  /** Which way is better, or that the number only informs. */
  readonly better: 'smaller' | 'larger' | 'neither';
  /** False when a wrong result makes the number worthless. */
  readonly correct: boolean;
  readonly samples?: readonly number[];
  readonly note?: string;
}

export type Row = ComparisonRow | NumberRow;

/** What the page tells of itself. */
export interface RuntimeRecord {
  readonly name: 'browser' | 'node' | 'deno';
  readonly version: string;
  readonly adapter: GpuInfo;
  readonly precision: string;
  /** Smallest step of GPU timestamps in nanoseconds; null without timestamp queries. */
  readonly timestampStepNs: number | null;
  /** Why GPU times are left out, when they are. */
  readonly timestampsUnused: string | null;
}

/** Makes a suite worse on purpose, so that a test can see it caught. */
export interface Fault {
  readonly kind: 'slow' | 'wrong';
  /** Rows whose id contains this. */
  readonly rows: string;
}

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
  /** One of host/services.mjs. */
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
