/**
 * Mean 0 and deviation 1, computed on the training part alone: what is known of validation and
 * test samples must not reach the training.
 */
import {
  DatasetError,
  describeDataset,
  entriesOf,
  normalizedGroups,
  type Dataset,
  type Normalization,
  type Targets,
  type ValueTargets,
} from './dataset.js';
import type { DataParts } from './split.js';

type Numbers = Uint8Array | Float32Array | Float64Array;

interface Moments {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * Mean and population deviation per channel of images, per feature of rows, in f64.
 *
 * @returns deviation 1 for a constant channel or feature, which then becomes 0
 * @throws DatasetError for numbers so large or small that their squares are no f64 numbers
 */
export function standardization(dataset: Dataset): Normalization {
  const { inputs, shape, columns } = dataset;
  const own = moments(inputs, entriesOf(shape), normalizedGroups(shape));
  return checked(own, columns, `${describeDataset(dataset)}: input`);
}

/** The moments, if their squares were f64 numbers. */
function checked(own: Moments, columns: readonly string[] | undefined, what: string): Moments {
  const wrong = own.deviation.findIndex((value) => !(value > 0 && value < Infinity));
  if (wrong < 0) return own;
  const name = columns === undefined ? wrong : `"${columns[wrong]}"`;
  const size = own.deviation[wrong] === 0 ? 'small' : 'large';
  throw new DatasetError(
    `${what} ${name} cannot be standardised, its numbers are too ${size}: give it in other units`,
  );
}

/**
 * All parts with the training part's standardization; targets that are values are standardised
 * too, and remember their units.
 *
 * @param values 'as they are' for probabilities
 */
export function standardizeParts(
  parts: DataParts,
  values: 'standardised' | 'as they are' = 'standardised',
): DataParts {
  const normalization = standardization(parts.train);
  const { targets } = parts.train;
  const hasUnits = values === 'standardised' && targets.kind === 'values' && targets.width > 0;
  const units = hasUnits ? unitsOf(parts.train, targets) : undefined;
  const apply = (part: Dataset): Dataset => ({
    ...part,
    normalization,
    targets: units === undefined ? part.targets : standardizeTargets(part.targets, units),
  });
  return {
    train: apply(parts.train),
    validation: parts.validation && apply(parts.validation),
    test: parts.test && apply(parts.test),
  };
}

/**
 * All parts with the training part's mean subtracted, in whatever scale they are in; targets stay as they are.
 *
 * @returns the parts, and what was subtracted from a network's inputs: a number per channel of images, per
 *   feature of rows (`foldCentre` gives it back to a trained network)
 */
export function centreParts(parts: DataParts): {
  readonly parts: DataParts;
  readonly centre: Float64Array;
} {
  const { mean } = standardization(parts.train);
  const { mean: before, deviation } = parts.train.normalization;
  const apply = (part: Dataset): Dataset => ({ ...part, normalization: { mean, deviation } });
  return {
    parts: {
      train: apply(parts.train),
      validation: parts.validation && apply(parts.validation),
      test: parts.test && apply(parts.test),
    },
    centre: Float64Array.from(mean, (value, index) => (value - before[index]!) / deviation[index]!),
  };
}

function unitsOf(dataset: Dataset, { values, width, columns }: ValueTargets): Normalization {
  const what = `${describeDataset(dataset)}: target`;
  return checked(moments(values, width, width), columns, what);
}

/** Values in the data's units back from a network that learned standardised ones. */
export function toUnits(
  values: Float32Array | Float64Array,
  units: Normalization,
): Float64Array<ArrayBuffer> {
  const width = units.mean.length;
  return Float64Array.from(
    values,
    (value, index) => units.mean[index % width]! + units.deviation[index % width]! * value,
  );
}

function standardizeTargets(targets: Targets, units: Normalization): Targets {
  if (targets.kind === 'class') return targets;
  const { width, columns } = targets;
  const raw = targets.units === undefined ? targets.values : toUnits(targets.values, targets.units);
  const values = Float32Array.from(
    raw,
    (value, index) => (value - units.mean[index % width]!) / units.deviation[index % width]!,
  );
  return { kind: 'values', values, width, ...(columns && { columns }), units };
}

/** Two passes in f64 over rows whose entries form `groups` runs of equal length. */
function moments(rows: Numbers, entries: number, groups: number): Moments {
  const run = entries / groups;
  const groupSize = rows.length / groups;
  const mean = new Float64Array(groups);
  const square = new Float64Array(groups);
  const groupOf = Uint32Array.from({ length: entries }, (_, entry) => Math.floor(entry / run));
  for (let start = 0; start < rows.length; start += entries) {
    for (let entry = 0; entry < entries; entry++) mean[groupOf[entry]!]! += rows[start + entry]!;
  }
  for (let group = 0; group < groups; group++) mean[group]! /= groupSize;
  for (let start = 0; start < rows.length; start += entries) {
    for (let entry = 0; entry < entries; entry++) {
      const group = groupOf[entry]!;
      square[group]! += (rows[start + entry]! - mean[group]!) ** 2;
    }
  }
  const constants = constantGroups(rows, groupOf, groups);
  return {
    mean: mean.map((value, group) => constants[group] ?? value),
    deviation: square.map((sum, group) =>
      constants[group] === null ? Math.sqrt(sum / groupSize) : 1,
    ),
  };
}

/**
 * The one value of each group that is constant, else null. By comparison, because the deviation of a
 * constant 0.1 need not round to 0.
 */
function constantGroups(
  rows: Numbers,
  groupOf: Uint32Array,
  groups: number,
): readonly (number | null)[] {
  const entries = groupOf.length;
  const constants = Array.from({ length: groups }, (): number | null => null);
  for (let entry = 0; entry < entries; entry++) constants[groupOf[entry]!] ??= rows[entry]!;
  for (let index = 0; index < rows.length; index++) {
    const group = groupOf[index % entries]!;
    if (constants[group] !== null && rows[index] !== constants[group]) constants[group] = null;
  }
  return constants;
}
