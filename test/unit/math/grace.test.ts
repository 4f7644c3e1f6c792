/** Believed afterwards: what is nearly done at an abort has the time of its stage, and what begins later a moment. By the clock. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { abortTimeOf, Grace } from '../../../src/math/grace.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('ends the stages one after another, each 100 ms after the abort at most, with its reason', () => {
  const control = new AbortController();
  const stages = (['tracking', 'finishing', 'minima'] as const).map(
    (stage) => new Grace(control.signal, stage),
  );
  vi.advanceTimersByTime(5000);
  expect(stages.some(({ isOver, signal }) => isOver || signal.aborted)).toBe(false);
  control.abort(new Error('enough'));
  const over = [];
  for (let ms = 0; ms < 100; ms++) {
    for (const { isOver, signal } of stages) expect(isOver).toBe(signal.aborted);
    over.push(stages.filter(({ isOver }) => isOver).length);
    vi.advanceTimersByTime(1);
  }
  expect(over).toEqual([...over].sort());
  expect(new Set(over)).toEqual(new Set([0, 1, 2, 3]));
  for (const { signal } of stages) expect(signal.reason).toBe(control.signal.reason);
});

it('counts from the abort for stages that begin after it, but leaves each a moment', () => {
  const control = new AbortController();
  control.abort();
  abortTimeOf(control.signal);
  const soon = new Grace(control.signal, 'finishing');
  vi.advanceTimersByTime(50);
  expect(soon.isOver).toBe(false);
  vi.advanceTimersByTime(10);
  expect(soon.signal.aborted).toBe(true);
  const late = new Grace(control.signal, 'finishing');
  vi.advanceTimersByTime(10);
  expect(late.isOver).toBe(false);
  vi.advanceTimersByTime(10);
  expect(late.signal.aborted).toBe(true);
});

it('is never over without a signal, an abort, or once it is closed', () => {
  const control = new AbortController();
  const closed = new Grace(control.signal, 'tracking');
  const none = new Grace(undefined, 'tracking');
  closed.close();
  control.abort();
  vi.advanceTimersByTime(1000);
  expect([closed, none].map(({ isOver }) => isOver)).toEqual([false, false]);
});
