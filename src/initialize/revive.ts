/**
 * Revives dead ReLU units of a network in training: a unit that is active on none of some rows gets a new
 * row through a point between two of them, as `lps` draws it, at the scale of the layer's live units
 * (median deviation of their pre-activations), and outgoing weights 0. On these rows the network's outputs
 * stay exactly what they were.
 *
 * 'redo' instead draws the row as He does, with bias 0: what Sokar, Agarwal, Castro, Evci (2023) do to
 * dormant neurons, here to those that are dead.
 */
import { NORMAL_UNIT, standardNormal } from '../math/normal-fixed-point.js';
import type { AffineLayer } from '../network/affine-layers.js';
import { varianceOf, type Features } from '../network/host/features.js';
import { propagate, storedWeights } from '../network/host/forward-pass.js';
import { patchRows, positionsPerImage } from '../network/host/patches.js';
import type { Network, TrainOptions } from '../network/index.js';
import type { Weights } from '../network/weights.js';
import { chooseAnchors, sample } from './anchors.js';
import { InitializationError } from './errors.js';
import type { CommonOptions } from './initializer.js';
import { drawCuts, keepAlive, LIVE_MARGIN, projectionScale } from './lps/cuts.js';
import { openStream, rowWords, STREAMS, type DrawBlock } from './random-address.js';

/** Rows on which units are looked at; 1,024 unless stated. */
const ROWS = 1024;
/** Patches of a convolution's input between which its new channels bend. */
const PATCHES = 1024;
const USUAL_SHARE = 0.2;

/** How units are revived. */
export interface ReviveOptions extends Pick<CommonOptions, 'anchors' | 'anchorCount' | 'seed'> {
  /** Steps from one look to the next, from 1. */
  readonly every: number;
  /** Share of a network's ReLU units, above 0 to 1, from which on the dead ones are revived; 0.2 unless stated. */
  readonly share?: number;
  /** Where a new row comes from; 'anchors' unless stated. */
  readonly rows?: 'anchors' | 'redo';
}

/** An intervention for `train`, and what it has done. */
export interface Revival {
  /** Goes into the options of `train`. */
  readonly intervention: NonNullable<TrainOptions['intervention']>;
  /** Units revived so far, by replica. */
  readonly revived: ReadonlyMap<number, number>;
}

/**
 * Prepares the revival of dead units.
 *
 * @example
 * const { intervention, revived } = revive(net, { every: 100, share: 0.2, anchors: data });
 * await train(gpu, net, { ...options, intervention });
 * @throws InitializationError code 'network' for a network that is no chain of dense and convolution
 *   layers, pooling, dropout and activations; 'option' for every or share out of range; 'anchors'
 */
export function revive(network: Network, options: ReviveOptions): Revival {
  const { every, share = USUAL_SHARE, seed = 0 } = options;
  const fail = (what: string): never => {
    throw new InitializationError('option', what);
  };
  if (!Number.isSafeInteger(every) || every < 1) {
    fail(`revive looks every so many steps, a whole number from 1, got ${every}`);
  }
  if (!(share > 0 && share <= 1)) {
    fail(`the share of dead units to revive from must be above 0 and at most 1, got ${share}`);
  }
  checkChain(network);
  const anchors = chooseAnchors(
    network,
    { ...options, anchorCount: options.anchorCount ?? ROWS },
    { seed, replica: 0 },
  );
  const revived = new Map<number, number>();
  return {
    revived,
    intervention: {
      every,
      change: (weights, replica, step) => {
        const draw = { seed: seed + step, replica };
        const changed = reviveUnits(network, weights, anchors, { ...options, share, draw });
        if (changed === null) return null;
        revived.set(replica, (revived.get(replica) ?? 0) + changed.units);
        return changed.weights;
      },
    },
  };
}

/**
 * Revives the dead units of one network.
 *
 * @param options.draw where its random numbers come from
 * @returns null when there are too few, or none that can be revived: the input of a layer has to vary
 */
export function reviveUnits(
  network: Network,
  weights: Weights,
  anchors: Features,
  {
    share,
    rows = 'anchors',
    draw: address,
  }: Required<Pick<ReviveOptions, 'share'>> &
    Pick<ReviveOptions, 'rows'> & {
      readonly draw: { readonly seed: number; readonly replica: number };
    },
): { readonly weights: Weights; readonly units: number } | null {
  const layers = findUnits(network, weights, anchors);
  const all = layers.reduce((sum, { layer }) => sum + layer.weight.rows, 0);
  const dead = layers.reduce((sum, found) => sum + found.dead.length, 0);
  if (dead === 0 || dead < share * all) return null;
  const tensors = new Map(weights.tensors);
  const dataOf = (name: string): Float32Array => {
    const { shape, data } = tensors.get(name)!;
    const copy = data.slice();
    tensors.set(name, { shape, data: copy });
    return copy;
  };
  const revived: FoundUnits[] = [];
  for (const found of layers.filter(({ dead: indices }) => indices.length > 0)) {
    const { layer } = found;
    const draw = (stream: number) => openStream(address, stream, layer.tensor);
    const made = rows === 'redo' ? heRows(found, draw(STREAMS.weights)) : anchoredRows(found, draw);
    if (made === null) continue;
    const { columns } = layer.weight;
    const weight = dataOf(layer.weight.name);
    const bias = dataOf(layer.bias!.name);
    for (const [index, unit] of found.dead.entries()) {
      weight.set(made.weight.subarray(index * columns, (index + 1) * columns), unit * columns);
      bias[unit] = made.bias[index]!;
    }
    revived.push(found);
  }
  // Last: new rows of the next layer, made while these units were 0, do not read them either.
  for (const { layer, next, dead: indices } of revived) {
    const outgoing = dataOf(next.weight.name);
    const cells = next.weight.columns / layer.weight.rows;
    for (const unit of indices) {
      for (let row = 0; row < next.weight.rows; row++) {
        const first = row * next.weight.columns + unit * cells;
        outgoing.fill(0, first, first + cells);
      }
    }
  }
  const units = revived.reduce((sum, found) => sum + found.dead.length, 0);
  return units === 0 ? null : { weights: { tensors, metadata: weights.metadata }, units };
}

/** @throws InitializationError code 'network' */
function checkChain(network: Network): void {
  const fail = (what: string): never => {
    throw new InitializationError(
      'network',
      `reviving units needs a chain of dense and conv2d layers (one group, with biases), pooling, dropout and activations; ${what}`,
    );
  };
  const parts = network.layers.map(({ type }) => type);
  for (const type of ['residual', 'batch-norm'] as const) {
    if (parts.includes(type)) fail(`this network has a ${type} layer`);
  }
  const affine = network.affineLayers;
  for (const { label, groups, bias, isOutput } of affine) {
    if (groups > 1) fail(`${label} has ${groups} groups`);
    if (!isOutput && bias === null) fail(`${label} has no biases`);
  }
  if (!affine.some(isRelu)) fail('this network has no ReLU units');
}

const isRelu = ({ activation, directlyActivated, isOutput }: AffineLayer): boolean =>
  !isOutput && directlyActivated && activation?.type === 'relu';

/** A ReLU layer with its dead units. */
interface FoundUnits {
  readonly layer: AffineLayer;
  /** Reads the units: its columns are in runs of equal length, one for each. */
  readonly next: AffineLayer;
  readonly dead: readonly number[];
  /** What the layer sees, [row][fan in]: its input, or patches of it. */
  readonly input: Float64Array;
  /** Median deviation of the live units' pre-activations; null without live ones. */
  readonly deviation: number | null;
}

function findUnits(network: Network, weights: Weights, anchors: Features): FoundUnits[] {
  const affine = network.affineLayers;
  const found: FoundUnits[] = [];
  propagate(network, anchors, {
    weightsOf: storedWeights(weights),
    observe: (label, _layer, input, output) => {
      const index = affine.findIndex((one) => one.label === label);
      const layer = affine[index];
      if (!layer || !isRelu(layer)) return;
      const units = Array.from({ length: layer.weight.rows }, (_, unit) => valuesOf(output, unit));
      const isDead = units.map((values) => values.every((value) => value <= 0));
      const deviations = units
        .filter((_, unit) => !isDead[unit])
        .map((values) => Math.sqrt(varianceOf(values)))
        .sort((a, b) => a - b);
      const dead = isDead.flatMap((is, unit) => (is ? [unit] : []));
      found.push({
        layer,
        next: affine[index + 1]!,
        dead,
        input: dead.length === 0 ? new Float64Array() : rowsInto(layer, input),
        deviation: deviations[deviations.length >> 1] ?? null,
      });
    },
  });
  return found;
}

/** All pre-activations of a unit, or of a channel. */
function valuesOf({ count, channels, entries, data }: Features, unit: number): Float64Array {
  const cells = entries / channels;
  const values = new Float64Array(count * cells);
  for (let row = 0; row < count; row++) {
    const first = row * entries + unit * cells;
    values.set(data.subarray(first, first + cells), row * cells);
  }
  return values;
}

function rowsInto({ layer, tensor }: AffineLayer, input: Features): Float64Array {
  if (layer.type === 'dense') return input.data;
  const draw = openStream({ seed: 0, replica: 0 }, STREAMS.patches, tensor);
  const positions = sample(input.count * positionsPerImage(layer, input), PATCHES, draw);
  return patchRows(layer, input, positions, 0);
}

/** Normal directions, scaled, each through a point between two rows; null where the rows do not differ. */
function anchoredRows(
  { layer, dead, input, deviation }: FoundUnits,
  draw: (stream: number) => DrawBlock,
): { readonly weight: Float32Array; readonly bias: Float32Array } | null {
  const { columns } = layer.weight;
  const count = input.length / columns;
  const directions = dead.map((unit) => normalRow(draw(STREAMS.weights), unit, columns));
  const projections = new Float64Array(count * dead.length);
  const project = (): void => {
    for (let row = 0; row < count; row++) {
      directions.forEach((direction, index) => {
        let sum = 0;
        for (let k = 0; k < columns; k++) sum += input[row * columns + k]! * direction[k]!;
        projections[row * dead.length + index] = sum;
      });
    }
  };
  project();
  const spread = projectionScale(projections, dead.length);
  if (!(spread > 0 && spread < Infinity) || count < 2) return null;
  const target = deviation ?? 1;
  for (const direction of directions) {
    direction.forEach((entry, k) => (direction[k] = Math.fround((target / spread) * entry)));
  }
  project();
  const { lo } = drawCuts(projections, dead.length, 0, draw(STREAMS.cuts));
  const bias = Float32Array.from(lo, (cut) => 0 - cut);
  keepAlive(projections, bias, LIVE_MARGIN * target);
  return { weight: Float32Array.from(directions.flatMap((row) => [...row])), bias };
}

function heRows(
  { layer, dead }: FoundUnits,
  draw: DrawBlock,
): { readonly weight: Float32Array; readonly bias: Float32Array } {
  const { columns } = layer.weight;
  const deviation = Math.sqrt(2 / columns);
  const rows = dead.flatMap((unit) => [...normalRow(draw, unit, columns)]);
  return {
    weight: Float32Array.from(rows, (entry) => deviation * entry),
    bias: new Float32Array(dead.length),
  };
}

function normalRow(draw: DrawBlock, unit: number, columns: number): Float64Array {
  return Float64Array.from(rowWords(draw, unit, columns), (word) => {
    return standardNormal(word) * NORMAL_UNIT;
  });
}
