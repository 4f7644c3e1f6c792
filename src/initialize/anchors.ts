/**
 * The rows at which an initializer looks at a network: a random sample of the given ones, or
 * standard normal rows when none are given.
 */
import { NORMAL_UNIT, standardNormal } from '../math/normal-fixed-point.js';
import type { Network } from '../network/index.js';
import { entriesOf, formatShape } from '../network/shape.js';
import { inputFeatures, type Features } from '../network/host/features.js';
import { productsPerRow } from '../network/host/patches.js';
import { InitializationError } from './errors.js';
import type { CommonOptions } from './initializer.js';
import { integerOf, openStream, rowWords, STREAMS, type ReplicaAddress } from './random-address.js';

/** Samples of a data set that are enough to offer to an initializer that looks at data. */
export const ANCHOR_SAMPLES = 1024;

const DENSE_ANCHORS = 64;
/** Each image of a convolutional network gives many patches. */
const IMAGE_ANCHORS = 16;

/**
 * The anchors of one initialization.
 *
 * @throws InitializationError code 'anchors' for rows of the wrong length, numbers that are not
 *   finite, no rows, or rows that are all equal
 */
export function chooseAnchors(
  network: Network,
  options: CommonOptions,
  address: ReplicaAddress,
): Features {
  const entries = entriesOf(network.input);
  const wanted = anchorsWanted(network, options);
  const draw = openStream(address, STREAMS.anchors, 0);
  if (options.anchors === undefined) {
    const data = new Float64Array(wanted * entries);
    for (let row = 0; row < wanted; row++) {
      rowWords(draw, row, entries).forEach((word, column) => {
        data[row * entries + column] = standardNormal(word) * NORMAL_UNIT;
      });
    }
    return inputFeatures(network.input, data, wanted);
  }
  const { count, rowAt } = readRows(network, options.anchors, entries);
  const chosen = sample(count, wanted, draw);
  const data = new Float64Array(chosen.length * entries);
  chosen.forEach((row, index) => {
    data.set(rowAt(row), index * entries);
  });
  checkValues(data, entries);
  return inputFeatures(network.input, data, chosen.length);
}

/** Anchors where there are enough. */
function anchorsWanted({ affineLayers }: Network, { anchorCount }: CommonOptions): number {
  const hasImages = affineLayers.some(({ layer }) => layer.type === 'conv2d');
  return anchorCount ?? (hasImages ? IMAGE_ANCHORS : DENSE_ANCHORS);
}

/** From so many multiplications on, some 0.1 s of all threads, a network is made on the host in steps and in f32. */
const LONG_PASS = 2 ** 31;
/** The same of parameters. */
const MANY_PARAMETERS = 2 ** 24;

/** Whether the network is large, or the anchors' way through it long. */
export function takesLong(network: Network, options: CommonOptions): boolean {
  return (
    network.parameters.count >= MANY_PARAMETERS ||
    anchorsWanted(network, options) * productsPerRow(network.affineLayers) >= LONG_PASS
  );
}

function fail(what: string): never {
  throw new InitializationError('anchors', what);
}

interface Rows {
  readonly count: number;
  /** In f32, as the GPU's inputs are. */
  rowAt(row: number): Float32Array;
}

function readRows(
  network: Network,
  anchors: NonNullable<CommonOptions['anchors']>,
  entries: number,
): Rows {
  const needed = `anchors must be rows of ${entries} numbers, the network's input ${formatShape(network.input)}`;
  const isDataset = 'inputs' in anchors;
  const count = isDataset ? anchors.count : anchors.length;
  if (count === 0) fail(`${needed}; got none: leave them out for synthetic ones`);
  if (!isDataset) {
    const wrong = anchors.findIndex((row) => row.length !== entries);
    if (wrong >= 0) fail(`${needed}; row ${wrong} has ${anchors[wrong]!.length}`);
    return { count, rowAt: (row) => Float32Array.from(anchors[row]!) };
  }
  const { inputs, normalization } = anchors;
  if (inputs.length !== count * entries) {
    fail(`${needed}; got ${inputs.length} numbers in ${count} rows`);
  }
  const { mean, deviation } = normalization;
  if (entries % mean.length !== 0 || deviation.length !== mean.length) {
    fail(
      `a normalization has as many means as deviations, one per channel or per entry; got ${mean.length} and ${deviation.length} for ${entries} entries`,
    );
  }
  const cells = entries / mean.length;
  const rowAt = (row: number): Float32Array => {
    const values = new Float32Array(entries);
    for (let entry = 0; entry < entries; entry++) {
      const channel = Math.floor(entry / cells);
      values[entry] = (inputs[row * entries + entry]! - mean[channel]!) / deviation[channel]!;
    }
    return values;
  };
  return { count, rowAt };
}

/** `wanted` different numbers below `count`, or all of them: Fisher and Yates's shuffle, cut short. */
export function sample(
  count: number,
  wanted: number,
  draw: (block: number) => readonly number[],
): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  if (count <= wanted) return order;
  for (let index = 0; index < wanted; index++) {
    const other = index + integerOf(draw(index)[0]!, count - index);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order.slice(0, wanted);
}

function checkValues(data: Float64Array, entries: number): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    fail(`anchors must be finite numbers, got ${data[bad]} as number ${bad % entries} of a row`);
  }
  const differs = data.some((value, index) => value !== data[index % entries]);
  if (!differs) {
    fail(
      `${data.length === entries ? 'there is one anchor' : `the ${data.length / entries} anchors are all equal`}: give at least two different rows of data, or leave them out for synthetic ones`,
    );
  }
}
