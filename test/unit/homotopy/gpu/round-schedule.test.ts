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
