/** --mean and --std, as torchvision writes them. */
import { InvalidArgumentError } from 'commander';
import type { Dataset, Normalization } from '../data/index.js';
import { UsageError } from './errors.js';

export interface ScalingOptions {
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/** Numbers separated by commas. */
export function numberList(text: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError('Give numbers separated by commas, such as 0.485,0.456,0.406.');
  }
  return numbers;
}

/**
 * The normalization that the options name, else that of the data: bytes are taken to 0..1 first.
 *
 * @throws UsageError for another number of numbers than columns or channels, or a deviation of 0 or less
 */
export function scalingOf(
  { mean, std }: ScalingOptions,
  { shape, normalization }: Dataset,
): Normalization {
  const channels = shape.at(-1)!;
  const kind = shape.length === 1 ? 'columns' : 'channels';
  for (const [flag, given] of Object.entries({ mean, std })) {
    if (given !== undefined && given.length !== channels) {
      throw new UsageError(
        `--${flag} has ${given.length} numbers, the data have ${channels} ${kind}: give one for each`,
      );
    }
  }
  if (std?.some((value) => value <= 0)) {
    throw new UsageError(`--std must be numbers above 0, they are ${std.join(',')}`);
  }
  const units = Array.from(normalization.deviation);
  return {
    mean: units.map((unit, k) => unit * (mean?.[k] ?? 0)),
    deviation: units.map((unit, k) => unit * (std?.[k] ?? 1)),
  };
}
