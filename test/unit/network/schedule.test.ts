/**
 * Believed after it passes: learning-rate factors are those that PyTorch's schedulers give
 * (constant, StepLR, CosineAnnealingLR, LinearLR as warm-up), and bad schedules are refused.
 * The truth is PyTorch's closed forms, evaluated by hand for the tables below.
 */
import { describe, expect, it } from 'vitest';
import { checkSchedule, scheduleFactor, type Schedule } from '../../../src/network/schedule.js';

const factors = (schedule: Schedule, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => scheduleFactor(schedule, step, steps));

describe('scheduleFactor', () => {
  it('leaves a constant rate alone', () => {
    expect(factors({ type: 'constant' }, 3)).toEqual([1, 1, 1]);
  });

  it('multiplies by the factor every so many steps', () => {
    expect(factors({ type: 'step', every: 2, factor: 0.5 }, 6)).toEqual([
      1, 1, 0.5, 0.5, 0.25, 0.25,
    ]);
  });

  it('follows half a cosine to the end of the run', () => {
    const [first, quarter, half, threeQuarters] = factors({ type: 'cosine' }, 4);
    expect(first).toBe(1);
    expect(quarter).toBeCloseTo((1 + Math.SQRT1_2) / 2, 14);
    expect(half).toBeCloseTo(0.5, 14);
    expect(threeQuarters).toBeCloseTo((1 - Math.SQRT1_2) / 2, 14);
    expect(scheduleFactor({ type: 'cosine', floor: 0.2 }, 4, 4)).toBeCloseTo(0.2, 14);
  });

  it('rises in equal parts during the warm-up and only then begins', () => {
    expect(factors({ type: 'step', every: 1, factor: 0.5, warmup: 4 }, 7)).toEqual([
      0.25, 0.5, 0.75, 1, 1, 0.5, 0.25,
    ]);
    expect(scheduleFactor({ type: 'cosine', warmup: 2 }, 2, 10)).toBe(1);
    // A warm-up as long as the run never comes to the cosine.
    expect(factors({ type: 'cosine', warmup: 2 }, 2)).toEqual([0.5, 1]);
  });
});

describe('checkSchedule', () => {
  const bad: [Schedule, RegExp][] = [
    [{ type: 'constant', warmup: -1 }, /warmup must be a whole number of steps, it is -1/],
    [{ type: 'constant', warmup: 0.5 }, /warmup/],
    [
      { type: 'step', every: 0, factor: 0.5 },
      /every must be a whole number of steps from 1, it is 0/,
    ],
    [{ type: 'step', every: 10, factor: 0 }, /factor must be a finite number above 0, it is 0/],
    [{ type: 'step', every: 10, factor: NaN }, /factor .* it is NaN/],
    [{ type: 'cosine', floor: 1.5 }, /floor must be a share from 0 to 1, it is 1.5/],
    [{ type: 'cosine', floor: NaN }, /floor/],
  ];
  it.each(bad)('refuses %j', (schedule, message) => {
    expect(() => {
      checkSchedule(schedule);
    }).toThrow(message);
  });

  it('accepts the bounds', () => {
    checkSchedule({ type: 'cosine', floor: 0, warmup: 0 });
    checkSchedule({ type: 'cosine', floor: 1 });
    checkSchedule({ type: 'step', every: 1, factor: 1e-30 });
  });
});
