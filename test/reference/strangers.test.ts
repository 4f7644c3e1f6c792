/**
 * Believed afterwards: `solve` is right about systems that nobody tuned it for, and what it does not
 * know it says. The truth: solutions planted in generated systems, exact counts of sparse ones, and the
 * case files of systems that were once solved wrongly.
 *
 * LPS_FIRST_SEED=1000 takes other systems; `lps verify --strangers 200` takes more.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as lps from 'lps-webgpu';
import { readCases } from '../../harness/verify/strangers/cases.js';
import type { Known } from '../../harness/verify/strangers/judge.js';
import {
  RIGHT_SHARE,
  describeFailures,
  describeStrangers,
  summariseStrangers,
} from '../../harness/verify/strangers/report.js';
import {
  solveAndJudge,
  strangersOf,
  strangerSeeds,
  type Judged,
} from '../../harness/verify/strangers/run.js';

const STRANGERS = 24;
/** Another number gives other systems; it is part of the test's name. */
const FIRST_SEED = Number(process.env.LPS_FIRST_SEED ?? 1);

let gpu: lps.GpuDevice;
beforeAll(async () => {
  gpu = await lps.openGpu();
});
afterAll(() => {
  gpu.close();
});

async function judged(systems: Iterable<Known> | AsyncIterable<Known>, seeds: number[]) {
  const entries: Judged[] = [];
  const options = {
    seeds,
    limitMs: 120_000,
    precision: 'auto' as const,
    signal: new AbortController().signal,
  };
  for await (const entry of solveAndJudge(lps, gpu, systems, options)) entries.push(entry);
  const summary = summariseStrangers(entries);
  const lines = [...entries.flatMap(describeFailures), ...describeStrangers([], summary)];
  return { ...summary.total, report: lines.join('\n') };
}

describe('generated systems', () => {
  it.each([FIRST_SEED])(`seed %i and the ${STRANGERS - 1} after it`, async (firstSeed) => {
    const seeds = strangerSeeds({ strangers: STRANGERS, firstSeed, kinds: [] });
    const { runs, right, silent, report } = await judged(strangersOf(lps, seeds), [1]);
    expect(runs, 'systems with a count').toBe(STRANGERS);
    expect(silent, report).toBe(0);
    expect(right, report).toBeGreaterThanOrEqual(Math.floor(RIGHT_SHARE * runs));
  });
});

it('every case that once went wrong', async () => {
  const { runs, right, silent, report } = await judged(readCases(), [1]);
  expect(runs).toBeGreaterThanOrEqual(25);
  expect(silent, report).toBe(0);
  expect(right, report).toBeGreaterThanOrEqual(Math.floor(RIGHT_SHARE * runs));
});
