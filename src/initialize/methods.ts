/** The names of the initializers and what they can be told. */

import { InitializationError } from './errors.js';
import type { TrackedOptions } from './tracked/options.js';

/** Every initializer, `lps` first: the default. */
export const INITIALIZER_METHODS = [
  'lps',
  'lps-generic',
  'lps-tracked',
  'he',
  'he-uniform',
  'xavier',
  'xavier-uniform',
  'lecun',
  'lecun-uniform',
  'pytorch',
  'orthogonal',
  'delta-orthogonal',
  'lsuv',
  'rai',
  'antithetic',
  'looks-linear',
] as const;

export type InitializerMethod = (typeof INITIALIZER_METHODS)[number];

/** Names that other libraries use. */
const ALIASES: Readonly<Record<string, InitializerMethod>> = {
  'he-normal': 'he',
  'kaiming-normal': 'he',
  'kaiming-uniform': 'he-uniform',
  'xavier-normal': 'xavier',
  'glorot-normal': 'xavier',
  'glorot-uniform': 'xavier-uniform',
  'lecun-normal': 'lecun',
};

/**
 * The method called `name`.
 *
 * @throws InitializationError code 'unknown-method'
 */
export function readMethod(name: string): InitializerMethod {
  const method = INITIALIZER_METHODS.find((known) => known === name) ?? ALIASES[name];
  if (method !== undefined) return method;
  throw new InitializationError(
    'unknown-method',
    `unknown initialization method "${name}"; known are ${[...INITIALIZER_METHODS, ...Object.keys(ALIASES)].join(', ')}`,
  );
}

/** Inputs at which an initializer looks at the network: rows, each channel by channel, or a data set. */
export type Anchors =
  | readonly ArrayLike<number>[]
  | {
      /** [row][entry] */
      readonly inputs: ArrayLike<number>;
      readonly count: number;
      /** x becomes (x - mean) / deviation; one of each per channel or per entry. */
      readonly normalization?: {
        readonly mean: ArrayLike<number>;
        readonly deviation: ArrayLike<number>;
      };
    };

/** How to initialize. */
export interface InitializationOptions extends TrackedOptions {
  /** One of INITIALIZER_METHODS; 'lps' unless stated. */
  readonly method?: string;
  /** Integer in 0..2^53-1, 0 unless stated: the same seed gives the same weights. */
  readonly seed?: number;
  /** u32, 0 unless stated: tells apart many networks of one seed. */
  readonly replica?: number;
  /**
   * Training inputs as the network sees them for methods that look at
   * data: lps, lsuv, looks-linear. A sample of `anchorCount` is taken when there are more. Without
   * them standard normal rows are drawn.
   */
  readonly anchors?: Anchors;
  /** Anchors used at most; 64 unless stated, 16 for networks with convolutions. */
  readonly anchorCount?: number;
  /** lps: share of each pair's overlap, 0 to 0.98; min(0.98, (2 / width)^2) unless stated. */
  readonly nonlinearity?: number;
  /** lps: deviation of the pre-activations on the anchors; 1 (deep tanh and sigmoid nets 0.5). */
  readonly scale?: number;
  /** lps: parts of the method switched off, to measure what each is good for. */
  readonly ablation?: LpsAblation;
}

/** Parts of `lps` to leave out; all are in unless stated. */
export interface LpsAblation {
  /** false: biases are 0. */
  readonly cuts?: boolean;
  /** false: directions keep their norm. */
  readonly scale?: boolean;
  /** false: no mirrored rows, and so no antisymmetric columns. */
  readonly antithetic?: boolean;
}

/** The largest overlap of a pair: at 1 a column can be exactly 0. */
export const MAXIMUM_NONLINEARITY = 0.98;

/**
 * Checks what does not depend on the network.
 *
 * @throws InitializationError
 */
export function checkOptions(options: InitializationOptions): InitializerMethod {
  const method = readMethod(options.method ?? 'lps');
  const fail = (what: string): never => {
    throw new InitializationError('option', what);
  };
  const { seed = 0, replica = 0, anchorCount = 64, nonlinearity = 0, scale = 1 } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    fail(`the seed must be an integer from 0 to 2^53 - 1, got ${seed}`);
  }
  if (!Number.isInteger(replica) || replica < 0 || replica >= 2 ** 32) {
    fail(`the replica must be an integer from 0 to 2^32 - 1, got ${replica}`);
  }
  if (!Number.isInteger(anchorCount) || anchorCount < 2) {
    fail(`anchorCount must be an integer of at least 2, got ${anchorCount}`);
  }
  if (!(nonlinearity >= 0 && nonlinearity <= MAXIMUM_NONLINEARITY)) {
    fail(`nonlinearity must be a number from 0 to ${MAXIMUM_NONLINEARITY}, got ${nonlinearity}`);
  }
  if (!(scale > 0 && scale < Infinity)) {
    fail(`scale must be a positive number, got ${scale}`);
  }
  return method;
}
