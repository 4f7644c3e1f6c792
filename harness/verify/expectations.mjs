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
import { root } from '../setup/paths.mjs';

const folder = join(root, 'test', 'data', 'systems');
/** Paths beyond which a file without an exact count is left out by default. */
const MANY_PATHS = 10_000;

/**
 * Names of all files, or the named ones.
 *
 * @param {string[] | null | undefined} wanted
 * @returns {string[]}
 * @throws {RangeError} for a name without a file
 */
export function systemNames(wanted) {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
  if (!wanted) return names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new RangeError(
      `no system ${unknown.join(', ')} in ${folder}; there are ${names.join(', ')}`,
    );
  return wanted;
}

/**
 * The parsed file: equations for the parser, and the facts.
 *
 * @param {string} name
 * @returns {{ name: string, variables: string[], equations: string[], totalDegree: number,
 *   generalLinearProductBezout?: { value: number }, finiteSolutions: Record<string, any>,
 *   realSolutions: number | null }}
 */
export function readSystemFile(name) {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
}

/**
 * @param file a parsed system file
 * @returns {{ kind: 'exact' | 'counted' | 'singular' | 'information', large: boolean,
 *   nonsingular: number | null, singular: number | null, multiplicities: number | null,
 *   real: number | null }} numbers are null when unknown
 */
export function expectationOf(file) {
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
  if (nonsingular === null || dimension > 0) return { kind: 'information', ...facts };
  if (singular > 0) return { kind: counted ? 'singular' : 'information', ...facts };
  return { kind: counted ? 'exact' : 'counted', ...facts };
}
