/** The case files of test/data/cases: systems that once went wrong, with the right answer. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/paths.mjs';

const folder = join(root, 'test', 'data', 'cases');

/**
 * All cases, by name. Each may be parsed and judged as it is.
 *
 * @returns {(import('./run.mjs').Known & { source: string, truth: string })[]}
 */
export function readCases() {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ kind: 'case', ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }));
}

/**
 * A generated system that failed, as the text of a case file to be kept.
 *
 * @param stranger from generateStranger
 * @param runs { seed, verdict, problems }[]: the runs that were not right
 * @param date ISO day
 */
export function caseText(stranger, runs, date) {
  const { kind, seed, name, variables, equations, expected } = stranger;
  return `${JSON.stringify(
    {
      name,
      kind,
      variables,
      equations,
      expected,
      source: `lps verify --strangers, seed ${seed}`,
      truth: expected.points
        ? 'planted: exact zeros, multiplicities by construction'
        : 'exact count modulo two primes',
      found: runs.map((run) => ({
        date,
        seed: run.seed,
        verdict: run.verdict,
        problems: run.problems,
      })),
    },
    null,
    1,
  )}\n`;
}
