/**
 * Believed afterwards: work that asks the budget before every piece takes no more of any second than it may, whatever the
 * pieces take, and is not held back where there is no bound, or after an abort. The truth is a clock that is set by hand.
 */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FrameBudget } from '../../../src/gpu/frame-budget.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Works for ten seconds; @returns [begin, end] of each piece, ms */
async function work(budget: FrameBudget, pieceMs: (k: number) => number) {
  const pieces: [number, number][] = [];
  const start = performance.now();
  for (let k = 0; performance.now() - start < 10_000; k++) {
    const ready = budget.ready();
    // Nothing but the clock holds it back.
    let isReady = false;
    void ready.then(() => (isReady = true));
    await vi.advanceTimersByTimeAsync(0);
    while (!isReady) await vi.advanceTimersToNextTimerAsync();
    const begin = performance.now();
    await vi.advanceTimersByTimeAsync(pieceMs(k));
    budget.spend(begin, performance.now());
    pieces.push([begin - start, performance.now() - start]);
  }
  return pieces;
}

it.each([
  ['as planned', 8, () => 4],
  ['shorter', 8, () => 1],
  ['of all lengths', 8, (k: number) => 1 + ((7 * k) % 11)],
  ['five frames long', 4, () => 80],
])('pieces %s: of each second no more than the budget of its frames', async (_, ms, pieceMs) => {
  const budget = new FrameBudget(ms);
  const pieces = await work(budget, pieceMs);
  const busy = pieces.reduce((sum, [begin, end]) => sum + end - begin, 0);
  // Beside the last piece, whose rest is still to come, and what the first frame has to give.
  expect(busy).toBeLessThanOrEqual((10_000 / (1000 / 60)) * ms + pieceMs(0) + ms);
  // It is used, too.
  expect(busy).toBeGreaterThan(0.3 * (10_000 / (1000 / 60)) * ms);
});

it('counts what overlaps once', () => {
  const budget = new FrameBudget(10);
  const now = performance.now();
  budget.spend(now, now + 4);
  budget.spend(now + 1, now + 5);
  // 5 of 10: the next may begin.
  let isReady = false;
  void budget.ready().then(() => (isReady = true));
  return Promise.resolve().then(() => {
    expect(isReady).toBe(true);
  });
});

it('holds nothing back without a bound, nor for long after an abort', async () => {
  const free = new FrameBudget(Infinity);
  free.spend(0, 1e6);
  await free.ready();
  const stop = new AbortController();
  const budget = new FrameBudget(1);
  const now = performance.now();
  budget.spend(now, now + 1e4);
  const ready = budget.ready(stop.signal);
  stop.abort();
  await vi.advanceTimersByTimeAsync(17);
  await ready;
  expect(performance.now() - now).toBeLessThan(20);
});
