/**
 * Training, validation and test parts, drawn by seed and the same on every machine.
 *
 * A test set that comes with the data stays what it is, so that results can be compared with those
 * of others; only data without one give a share of their samples.
 */
import { randomStream } from '../math/random.js';
import { DatasetError, describeDataset, entriesOf, type Dataset, type Targets } from './dataset.js';

/** Samples that come with a test set, or without. */
export interface LoadedData {
  readonly train: Dataset;
  /** Null when the source has none. */
  readonly test: Dataset | null;
}

export interface DataParts {
  readonly train: Dataset;
  /** Null when its share is 0; so is the test part. */
  readonly validation: Dataset | null;
  readonly test: Dataset | null;
}

export interface SplitOptions {
  /** Share of the samples outside the test part. Default 0.1. */
  readonly validation?: number;
  /** Share of all samples; not used when the data come with a test set. Default 0.2. */
  readonly test?: number;
  /** 0..2^53-1. Default 0. */
  readonly seed?: number;
  /** Every class in the same proportions in every part. Default: for classes yes. */
  readonly stratify?: boolean;
}

/** Random stream of splits (the first word of the address, see math/random.ts). */
const SPLIT_STREAM = 0x5b117;

/**
 * Splits data.
 *
 * @throws RangeError for shares outside 0..1 or a seed out of range
 * @throws DatasetError when values should be stratified, or a part would be left without samples
 */
export function trainValidationTestSplit(
  data: Dataset | LoadedData,
  options: SplitOptions = {},
): DataParts {
  const { validation = 0.1, test = 0.2, seed = 0 } = options;
  const loaded: LoadedData = 'train' in data ? data : { train: data, test: null };
  const all = loaded.train;
  const stratify = options.stratify ?? all.targets.kind === 'class';
  checkShare('validation', validation);
  checkShare('test', test);
  const testShare = loaded.test === null ? test : 0;
  const strata = stratify ? byClass(all) : [range(all.count)];
  const shuffled = strata.map((samples, stratum) => shuffle(samples, seed, stratum));
  const tests = takeShare(shuffled, testShare);
  const rest = shuffled.map((samples, stratum) => samples.slice(tests[stratum]!.length));
  const validations = takeShare(rest, validation);
  const trains = rest.map((samples, stratum) => samples.slice(validations[stratum]!.length));
  const part = (name: string, share: number, chosen: readonly number[][]): Dataset | null => {
    const samples = chosen.flat().sort((a, b) => a - b);
    if (samples.length > 0) return selectSamples(all, samples);
    if (share === 0) return null;
    throw new DatasetError(
      `${describeDataset(all)}: ${all.count} samples leave none for ${name}; change the shares`,
    );
  };
  return {
    train: part('training', 1, trains)!,
    validation: part('validation', validation, validations),
    test: loaded.test ?? part('the test', testShare, tests),
  };
}

/**
 * The samples with these numbers, in this order.
 *
 * @param samples 0..count-1, repeats allowed
 * @throws RangeError for a sample that is not there
 */
export function selectSamples(dataset: Dataset, samples: readonly number[]): Dataset {
  const { inputs, targets, count, shape } = dataset;
  const bad = samples.find((sample) => !Number.isInteger(sample) || sample < 0 || sample >= count);
  if (bad !== undefined) {
    throw new RangeError(`${describeDataset(dataset)} has ${count} samples, there is no ${bad}`);
  }
  return {
    ...dataset,
    count: samples.length,
    inputs: selectRows(inputs, entriesOf(shape), samples),
    targets: selectTargets(targets, samples),
  };
}

/** Evenly spread samples, at most `most` of them. */
export function spreadSamples(dataset: Dataset, most: number): Dataset {
  const stride = Math.ceil(dataset.count / most);
  const samples = Array.from({ length: Math.ceil(dataset.count / stride) }, (_, k) => k * stride);
  return selectSamples(dataset, samples);
}

function selectTargets(targets: Targets, samples: readonly number[]): Targets {
  return targets.kind === 'class'
    ? { ...targets, labels: selectRows(targets.labels, 1, samples) }
    : { ...targets, values: selectRows(targets.values, targets.width, samples) };
}

function selectRows<T extends Uint8Array | Uint32Array | Float32Array | Float64Array>(
  rows: T,
  width: number,
  samples: readonly number[],
): T {
  const chosen = new (rows.constructor as new (length: number) => T)(samples.length * width);
  samples.forEach((sample, row) => {
    chosen.set(rows.subarray(sample * width, (sample + 1) * width), row * width);
  });
  return chosen;
}

function checkShare(name: string, share: number): void {
  if (!(share >= 0 && share < 1)) {
    throw new RangeError(`the ${name} share must be from 0 to below 1, it is ${share}`);
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function byClass(dataset: Dataset): number[][] {
  const { targets } = dataset;
  if (targets.kind !== 'class') {
    throw new DatasetError(
      `${describeDataset(dataset)}: only classes can be stratified, its targets are values`,
    );
  }
  const strata = Array.from({ length: targets.classes }, (): number[] => []);
  targets.labels.forEach((label, sample) => strata[label]!.push(sample));
  return strata;
}

/** Fisher-Yates. */
function shuffle(samples: readonly number[], seed: number, stratum: number): number[] {
  const random = randomStream(seed, SPLIT_STREAM, stratum);
  const order = [...samples];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/**
 * The first samples of each stratum: in each its share rounded down, and the samples missing to the
 * share of all from the strata that lost most by rounding (largest remainder).
 */
function takeShare(strata: readonly (readonly number[])[], share: number): number[][] {
  const exact = strata.map((samples) => samples.length * share);
  const counts = exact.map(Math.floor);
  const total = Math.round(exact.reduce((sum, value) => sum + value, 0));
  const missing = total - counts.reduce((sum, value) => sum + value, 0);
  const remainder = (stratum: number): number => exact[stratum]! - counts[stratum]!;
  range(strata.length)
    .sort((a, b) => remainder(b) - remainder(a) || a - b)
    .slice(0, missing)
    .forEach((stratum) => counts[stratum]!++);
  return strata.map((samples, stratum) => samples.slice(0, counts[stratum]));
}
