/**
 * What is known of each file in test/data/systems, and how strictly a solve may be held to it.
 *
 *   exact        counted exactly (a Groebner basis), all solutions simple
 *   counted      all simple by numerical runs; too large for a Groebner basis, but the numbers are
 *                the literature's (katsura-n 2^n, eco-n 2^(n-2), noon-5 233, cyclic-6 156,
 *                reimer-5 144) or equal the mixed volume (rps10)
 *   singular     counted exactly, some solutions multiple, all multiplicities known
 *   information  positive-dimensional or unknown: must only end
 *
 * Files without an exact count that need more than 10,000 paths are large: solved on request only.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../src/cli/errors.js';
import { root } from '../setup/paths.mjs';

const folder = join(root, 'test', 'data', 'systems');
/** Paths beyond which a file without an exact count is left out by default. */
const MANY_PATHS = 10_000;

/** A file of test/data/systems: equations for the parser, and the facts. */
export interface SystemFile {
  readonly name: string;
  readonly variables: string[];
  readonly equations: string[];
  readonly totalDegree: number;
  readonly generalLinearProductBezout?: { readonly value: number };
  readonly finiteSolutions: {
    /** Whether two counts agree. */
    readonly agree?: boolean | null;
    readonly isolatedDistinctNonsingular: number | null;
    readonly distinctSingularEndpoints: number | null;
    readonly gbDimension: number | null;
    readonly withMultiplicity: number | null;
  };
  readonly realSolutions: number | null;
}

/** What is known; numbers are null when unknown. */
export interface Expectation {
  readonly kind: 'exact' | 'counted' | 'singular' | 'information';
  readonly large: boolean;
  readonly nonsingular: number | null;
  readonly singular: number | null;
  readonly multiplicities: number | null;
  readonly real: number | null;
}

/**
 * Names of all files, or the named ones.
 *
 * @throws UsageError for a name without a file
 */
export function systemNames(wanted?: readonly string[] | null): readonly string[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
  if (!wanted) return names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `no system ${unknown.join(', ')} in ${folder}; there are ${names.join(', ')}`,
    );
  return wanted;
}

export function readSystemFile(name: string): SystemFile {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as SystemFile;
}

export function expectationOf(
  file: Pick<
    SystemFile,
    'finiteSolutions' | 'generalLinearProductBezout' | 'realSolutions' | 'totalDegree'
  >,
): Expectation {
  const {
    agree,
    isolatedDistinctNonsingular: nonsingular,
    distinctSingularEndpoints: singular,
    gbDimension: dimension,
    withMultiplicity: multiplicities,
  } = file.finiteSolutions;
  const paths = Math.min(file.totalDegree, file.generalLinearProductBezout?.value ?? Infinity);
  const counted = agree === true && multiplicities !== null;
  const facts = {
    large: !counted && paths > MANY_PATHS,
    nonsingular,
    singular,
    multiplicities,
    real: file.realSolutions,
  };
  if (nonsingular === null || (dimension ?? 0) > 0) return { kind: 'information', ...facts };
  if ((singular ?? 0) > 0) return { kind: counted ? 'singular' : 'information', ...facts };
  return { kind: counted ? 'exact' : 'counted', ...facts };
}
