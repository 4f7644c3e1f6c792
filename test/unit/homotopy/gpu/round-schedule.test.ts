/**
 * Believed afterwards: the host is not told to sleep longer than a submit takes. The truth is a model device of which the
 * time of every submit is known.
 */
import { expect, it } from 'vitest';
import { RoundSchedule } from '../../../../src/homotopy/gpu/round-schedule.js';

it('sleeps for less than a submit takes, while paths stop as evenly as they do', () => {
  const cost = { operationsPerIteration: 1000, iterationsPerTurn: 1 };
  const schedule = new RoundSchedule(cost, true);
  const iterationMs = 1000 / 3e6;
  let running = 4000;
  const slept: number[] = [];
  for (let submit = 0; running > 1000; submit++) {
    const { turns, rounds, soonestMs } = schedule.next(running, submit === 0);
    const iterations = running * turns * rounds * 0.9;
    const took = iterations * iterationMs;
    expect(soonestMs).toBeLessThan(took);
    if (submit === 0) expect(soonestMs).toBe(0);
    else slept.push(soonestMs / took);
    schedule.measured(iterations, took);
    running *= 0.8;
  }
  expect(Math.min(...slept)).toBeGreaterThan(0.25);
});

it('knows from one batch how long the first submit of the next takes', () => {
  const schedule = new RoundSchedule({ operationsPerIteration: 1000, iterationsPerTurn: 1 }, true);
  // What is left of a batch goes slower than a whole one: 1 and 4 us an iteration.
  const submit = (running: number, fresh: boolean): number => {
    const { turns, rounds, soonestMs } = schedule.next(running, fresh);
    const iterations = running * turns * rounds;
    const took = iterations * (fresh ? 1e-3 : 4e-3);
    schedule.measured(iterations, took);
    return soonestMs / took;
  };
  expect(submit(4000, true)).toBe(0);
  for (let k = 0; k < 5; k++) submit(10, false);
  expect(submit(4000, true)).toBeCloseTo(0.5);
});
