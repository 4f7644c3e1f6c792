/**
 * What is known of each file in test/data/systems, and how strictly a solve may be held to it.
 *
 *   exact        Groebner basis and two runs of PHCpack agree, all solutions simple
 *   counted      all simple by two runs of PHCpack; too large for a Groebner basis, but the numbers
 *                are the literature's (katsura-n 2^n, eco-n 2^(n-2), noon-5 233, cyclic-6 156, reimer-5 144)
 *   singular     finitely many solutions, some of them multiple, all multiplicities known
 *   information  positive-dimensional, disputed between the sources or unknown: must only end
 *   large        like information, with more than 10,000 paths: only on request
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

const folder = join(root, 'test', 'data', 'systems');
/** Paths beyond which a file of unknown count is left out by default. */
const MANY_PATHS = 10_000;
/** Same degree of the ideal, other solutions: the Groebner basis and PHCpack contradict each other. */
const DISPUTED = new Set(['cassou', 'comb3000']);

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

/** The parsed file: equations for the parser, and the facts. */
export function readSystemFile(name) {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
}

/**
 * @param file a parsed system file
 * @returns {{ kind: 'exact' | 'counted' | 'singular' | 'information' | 'large', nonsingular: number | null,
 *   singular: number | null, multiplicities: number | null, real: number | null }} numbers are null when unknown
 */
export function expectationOf(file) {
  const {
    agree,
    isolatedDistinctNonsingular: nonsingular,
    distinctSingularEndpoints: singular,
    gbDimension: dimension,
    withMultiplicity: multiplicities,
  } = file.finiteSolutions;
  const facts = { nonsingular, singular, multiplicities, real: file.realSolutions };
  if (nonsingular === null) {
    const paths = Math.min(file.totalDegree, file.generalLinearProductBezout?.value ?? Infinity);
    return { kind: paths > MANY_PATHS ? 'large' : 'information', ...facts };
  }
  if (dimension === 0 && singular > 0 && !DISPUTED.has(file.name))
    return { kind: 'singular', ...facts };
  if (agree === false || singular > 0) return { kind: 'information', ...facts };
  return { kind: agree ? 'exact' : 'counted', ...facts };
}
