/** The initializers, by name, and the check of what they are told. */
import { show } from '../network/read-layer.js';
import { InitializationError } from './errors.js';
import { fixup } from './fixup.js';
import {
  antithetic,
  he,
  heUniform,
  lecun,
  lecunUniform,
  pytorch,
  rai,
  xavier,
  xavierUniform,
} from './independent.js';
import type { CommonOptions, Initializer, InitializerAlias } from './initializer.js';
import { idinit } from './idinit.js';
import { lee2023 } from './lee-2023.js';
import { lee2025 } from './lee-2025.js';
import { looksLinear, lps, lpsGeneric } from './lps/initializer.js';
import type { LpsOptions } from './lps/layer-plan.js';
import { lsuv } from './lsuv.js';
import { deltaOrthogonal, orthogonal } from './orthogonal.js';
import { zero } from './zero.js';
import { lpsTracked, type TrackedReport } from './tracked/index.js';
import type { TrackedOptions } from './tracked/options.js';

/** How to initialize. */
export interface InitializationOptions extends CommonOptions, LpsOptions, TrackedOptions {
  /** One of INITIALIZER_METHODS, or another name for it; 'lps' unless stated. */
  readonly method?: InitializerName;
}

/** Every initializer, `lps` first: the default. */
export const INITIALIZERS = [
  lps,
  lpsGeneric,
  lpsTracked,
  he,
  heUniform,
  xavier,
  xavierUniform,
  lecun,
  lecunUniform,
  pytorch,
  orthogonal,
  deltaOrthogonal,
  lsuv,
  zero,
  fixup,
  idinit,
  lee2023,
  lee2025,
  rai,
  antithetic,
  looksLinear,
] as const satisfies readonly Initializer<InitializationOptions, string, TrackedReport>[];

export type InitializerMethod = (typeof INITIALIZERS)[number]['name'];
export type InitializerName = InitializerMethod | InitializerAlias;

/** Any of them. */
type AnyInitializer = Initializer<InitializationOptions, InitializerMethod, TrackedReport>;

/** Their names. */
export const INITIALIZER_METHODS: readonly InitializerMethod[] = INITIALIZERS.map(
  ({ name }) => name,
);

/**
 * The initializer called `name`, which may be an alias.
 *
 * @throws InitializationError code 'unknown-method'
 */
export function findInitializer(name: string): AnyInitializer {
  const all = INITIALIZERS as readonly AnyInitializer[];
  const found = all.find(
    (each) => each.name === name || (each.aliases as readonly string[] | undefined)?.includes(name),
  );
  if (found !== undefined) return found;
  const aliases = all.flatMap((each) => each.aliases ?? []);
  throw new InitializationError(
    'unknown-method',
    `unknown initialization method "${name}"; known are ${[...INITIALIZER_METHODS, ...aliases].join(', ')}`,
  );
}

/** The name of the method called `name`. @throws InitializationError code 'unknown-method' */
export function readMethod(name: string): InitializerMethod {
  return findInitializer(name).name;
}

/**
 * Checks what does not depend on the network.
 *
 * @returns the initializer that the options name
 * @throws InitializationError
 */
export function checkOptions(options: InitializationOptions): AnyInitializer {
  const initializer = findInitializer(options.method ?? 'lps');
  const fail = (what: string): never => {
    throw new InitializationError('option', what);
  };
  const { seed = 0, replica = 0, anchorCount = 64 } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    fail(`the seed must be an integer from 0 to 2^53 - 1, got ${seed}`);
  }
  if (!Number.isInteger(replica) || replica < 0 || replica >= 2 ** 32) {
    fail(`the replica must be an integer from 0 to 2^32 - 1, got ${replica}`);
  }
  if (!Number.isInteger(anchorCount) || anchorCount < 2) {
    fail(`anchorCount must be an integer of at least 2, got ${anchorCount}`);
  }
  const given = options as Readonly<Record<string, unknown>>;
  for (const { options: known = [] } of INITIALIZERS as readonly AnyInitializer[]) {
    for (const { name, needs, accepts } of known) {
      const value = given[name];
      if (value !== undefined && !accepts(value)) {
        fail(`${name} must be ${needs}, got ${show(value)}`);
      }
    }
  }
  initializer.check?.(options);
  return initializer;
}
