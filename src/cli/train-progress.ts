/** How far a training is, on one line of a terminal. */
import type { TrainProgress } from '../network/index.js';
import { count, duration, significant } from './numbers.js';

/** Epoch, losses, speed and the time that is left. */
export function describeProgress(progress: TrainProgress): string {
  const { stage, epoch, epochs, losses, samplesPerSecond, secondsLeft } = progress;
  if (epoch === 0) return 'measuring the initial weights';
  const known = losses.filter((loss) => Number.isFinite(loss));
  const name = losses.length > 1 ? 'lowest loss' : 'loss';
  const best = known.length > 0 ? `, ${name} ${significant(Math.min(...known), 3)}` : '';
  const diverged = losses.length - known.length;
  return (
    `${stage === 'training' ? '' : 'evaluating, '}epoch ${epoch} of ${epochs}${best}` +
    `${diverged > 0 ? `, ${diverged} of ${losses.length} diverged` : ''}` +
    `, ${count(Math.round(samplesPerSecond))} samples/s, ${duration(1000 * secondsLeft)} left`
  );
}
