/**
 * Believed afterwards: a profile adds up, and its trace is what the Trace Event Format asks for.
 * The truth: a recording made by hand.
 */
import { describe, expect, it } from 'vitest';
import type { SolverObservations } from '../../../src/cli/profile/observe-solver.js';
import type { Recording } from '../../../src/cli/profile/recorder.js';
import { histogram, summarizeProfile } from '../../../src/cli/profile/summary.js';
import { describeProfile } from '../../../src/cli/profile/text.js';
import { traceOf } from '../../../src/cli/profile/trace.js';

/** Two submits: 3 ms and 1 ms of kernel a, 2 ms of kernel b, with a gap of 1 ms inside the first. */
const recording: Recording = {
  dispatches: [
    { kernel: 'a main', submit: 0, begin: 1_000_000n, end: 4_000_000n, workgroups: 8 },
    { kernel: 'b main', submit: 0, begin: 5_000_000n, end: 7_000_000n, workgroups: null },
    { kernel: 'a main', submit: 1, begin: 20_000_000n, end: 21_000_000n, workgroups: 8 },
  ],
  spans: [
    { name: 'a main', category: 'compile', begin: 100, end: 130 },
    { name: 'submit', category: 'submit', begin: 131, end: 132 },
    { name: 'read', category: 'readback', begin: 132, end: 141, bytes: 64 },
    { name: 'submit', category: 'submit', begin: 150, end: 151 },
  ],
  submitsDone: [141, 154],
  bytesWritten: 2048,
  bytesRead: 64,
  untimed: 0,
};
const observed: SolverObservations = {
  // All four paths, then two, then none: means of 3 and 1 of 4 over equal times.
  active: [
    { time: 130, active: 4, batch: 4 },
    { time: 140, active: 2, batch: 4 },
    { time: 150, active: 0, batch: 4 },
  ],
  iterations: [3, 3, 4, 9],
  steps: [2, 2, 3, 5],
  stages: [
    { name: 'compiling', begin: 100, paths: 4 },
    { name: 'tracking', begin: 130, paths: 4 },
  ],
};
const run = {
  command: 'solve x',
  exitCode: 0,
  begin: 100,
  end: 160,
  cpu: { totalMs: 50, kernelsMs: 8 },
};

describe('the summary', () => {
  const profile = summarizeProfile(recording, observed, run);

  it('adds up kernels and spans', () => {
    expect(profile.kernels).toEqual([
      { kernel: 'a main', dispatches: 2, totalMs: 4, meanMicroseconds: 2000, share: 4 / 6 },
      { kernel: 'b main', dispatches: 1, totalMs: 2, meanMicroseconds: 2000, share: 2 / 6 },
    ]);
    expect(profile.gpu).toMatchObject({
      kernelMs: 6,
      spanMs: 7,
      submits: 2,
      compileMs: 30,
      waitMs: 9,
    });
  });

  it('tells CPU time inside kernels from the rest; hardware kernels take their own time', () => {
    expect(profile).toMatchObject({ paths: 4, cpu: { kernelsMs: 8, hostMs: 42 } });
    const onHardware = { ...run, cpu: { totalMs: 50, kernelsMs: 0 } };
    expect(summarizeProfile(recording, observed, onHardware).cpu).toEqual({
      kernelsMs: 6,
      hostMs: 50,
    });
  });

  it('knows stages, lanes and iterations', () => {
    expect(profile.stages).toEqual([
      { name: 'compiling', ms: 30 },
      { name: 'tracking', ms: 30 },
    ]);
    expect(profile.tracker).toMatchObject({ paths: 4, occupancy: 0.5 });
    const counted = profile.tracker!.newtonIterations.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(4);
  });

  it('is readable', () => {
    const text = describeProfile(profile).join('\n');
    for (const part of ['a main', '66.7%', 'tracking 30.0 ms', '50% on average', '2 KiB written'])
      expect(text).toContain(part);
  });
});

describe('histograms', () => {
  it.each<[string, number[], number]>([
    ['one value', [5], 1],
    ['few values', [1, 2, 3], 3],
    ['many values', Array.from({ length: 1000 }, (_, k) => k % 137), 12],
  ])('of %s hold every value once', (_, values, mostBins) => {
    const bins = histogram(values);
    expect(bins.length).toBeLessThanOrEqual(mostBins);
    for (const { from, to, count } of bins)
      expect(count).toBe(values.filter((value) => value >= from && value < to).length);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
  });

  it('of nothing is empty', () => {
    expect(histogram([])).toEqual([]);
  });
});

describe('the trace', () => {
  const { traceEvents } = traceOf(recording, observed, run);
  const complete = traceEvents.filter(({ ph }) => ph === 'X');

  it('has all dispatches and spans in microseconds from the beginning', () => {
    expect(complete).toHaveLength(2 + 4 + 3);
    for (const { ts, dur } of complete) {
      expect(ts).toBeGreaterThanOrEqual(0);
      expect(dur).toBeGreaterThanOrEqual(0);
    }
    const stage = complete.find(({ name }) => name === 'tracking');
    expect(stage).toMatchObject({ ts: 30_000, dur: 30_000 });
  });

  it('puts the GPU on the clock of the host: no kernel ends after its submit was done', () => {
    const gpu = complete.filter(({ cat }) => cat === 'gpu');
    // The clocks differ by 154 - 21 = 133 or 141 - 7 = 134 ms; the smaller one is the truth.
    expect(gpu.map(({ ts }) => ts)).toEqual([34_000, 38_000, 53_000]);
    expect(gpu.map(({ dur }) => dur)).toEqual([3000, 2000, 1000]);
  });

  it('counts active paths, and survives JSON', () => {
    const counters = traceEvents.filter(({ ph }) => ph === 'C');
    expect(counters.map(({ args }) => args!.paths)).toEqual([4, 2, 0]);
    expect(JSON.parse(JSON.stringify(traceEvents))).toEqual(traceEvents);
  });
});
