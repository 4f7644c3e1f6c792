/** The case files of test/data/cases: systems that once went wrong, with the right answer. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/paths.mjs';
import type { Known } from './judge.js';
import type { Run } from './run.js';

const folder = join(root, 'test', 'data', 'cases');

export interface Case extends Known {
  readonly source: string;
  readonly truth: string;
}

/** All cases, by name. Each may be parsed and judged as it is. */
export function readCases(): Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const content = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<Case, 'kind'>;
      return { kind: 'case', ...content };
    });
}

/**
 * A generated system that failed, as the text of a case file to be kept.
 *
 * @param runs that were not right
 * @param date ISO day
 */
export function caseText(
  stranger: Known,
  runs: readonly Pick<Run, 'problems' | 'seed' | 'verdict'>[],
  date: string,
): string {
  const { kind, seed, name, variables, equations, expected } = stranger;
  return `${JSON.stringify(
    {
      name,
      kind,
      variables,
      equations,
      expected,
      source: `lps verify --strangers, seed ${String(seed)}`,
      truth: expected?.points
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
