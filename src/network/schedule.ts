/**
 * Learning rates that change with the step: a factor of the base rate for every step of a run.
 *
 * The host computes the factors in f64 and uploads those of each chunk of steps, so that a schedule
 * is any function and no kernel knows of it.
 */
import { TrainingError } from './training-error.js';

/** How the rate changes; steps count from 0. `warmup` steps first rise in equal parts to 1. */
export type Schedule =
  | { readonly type: 'constant'; readonly warmup?: number }
  /** Multiplied by `factor` every `every` steps after the warm-up (PyTorch's StepLR). */
  | {
      readonly type: 'step';
      readonly every: number;
      readonly factor: number;
      readonly warmup?: number;
    }
  /**
   * Half a cosine from 1 to `floor` (a share of the base rate) at the end of the run, without
   * restarts (Loshchilov, Hutter 2017, equation 5).
   */
  | { readonly type: 'cosine'; readonly floor?: number; readonly warmup?: number };

/** What a schedule may not be. @throws TrainingError code 'option' */
export function checkSchedule(schedule: Schedule): void {
  const { warmup = 0 } = schedule;
  const need = (holds: boolean, what: string): void => {
    if (!holds) throw new TrainingError('option', `schedule "${schedule.type}": ${what}`);
  };
  need(
    Number.isSafeInteger(warmup) && warmup >= 0,
    `warmup must be a whole number of steps, it is ${warmup}`,
  );
  if (schedule.type === 'step') {
    const { every, factor } = schedule;
    need(
      Number.isSafeInteger(every) && every >= 1,
      `every must be a whole number of steps from 1, it is ${every}`,
    );
    need(
      Number.isFinite(factor) && factor > 0,
      `factor must be a finite number above 0, it is ${factor}`,
    );
  }
  if (schedule.type === 'cosine') {
    const { floor = 0 } = schedule;
    need(floor >= 0 && floor <= 1, `floor must be a share from 0 to 1, it is ${floor}`);
  }
}

/**
 * The factor of the learning rate at one step.
 *
 * @param step from 0
 * @param steps of the whole run
 */
export function scheduleFactor(schedule: Schedule, step: number, steps: number): number {
  const { warmup = 0 } = schedule;
  if (step < warmup) return (step + 1) / warmup;
  const after = step - warmup;
  switch (schedule.type) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** Math.floor(after / schedule.every);
    case 'cosine': {
      const { floor = 0 } = schedule;
      const length = Math.max(1, steps - warmup);
      return floor + ((1 - floor) * (1 + Math.cos((Math.PI * after) / length))) / 2;
    }
  }
}
