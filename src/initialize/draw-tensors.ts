/** The host's version of shaders/initializer/{draw,asymmetric}.wgsl: the same numbers, bit for bit. */
import { scaledNormal, scaledUniform, UNIFORM_UNIT } from '../math/normal-fixed-point.js';
import type { Stepwise } from '../math/stepwise.js';
import type { Network } from '../network/index.js';
import type { TensorDistribution } from './distributions.js';
import {
  integerOf,
  openStream,
  rowWords,
  STREAMS,
  type DrawBlock,
  type ReplicaAddress,
} from './random-address.js';

/**
 * Draws one replica, row by row.
 *
 * @returns the trained tensors by their number in the layout, unpadded
 */
export function* drawTensors(
  network: Network,
  distributions: readonly TensorDistribution[],
  address: ReplicaAddress,
): Stepwise<Map<number, Float32Array>> {
  const { tensors } = network.parameters;
  const drawn = new Map<number, Float32Array>();
  for (const distribution of distributions) {
    const { rows, columns } = tensors[distribution.tensor]!;
    const draw = openStream(address, STREAMS.weights, distribution.tensor);
    drawn.set(distribution.tensor, yield* drawTensor(distribution, rows, columns, draw));
  }
  for (const { tensor, asymmetricBias } of distributions) {
    if (asymmetricBias === null) continue;
    const { rows, columns } = tensors[tensor]!;
    const draw = openStream(address, STREAMS.asymmetry, tensor);
    makeAsymmetric(drawn.get(tensor)!, drawn.get(asymmetricBias) ?? null, rows, columns, draw);
  }
  return drawn;
}

function* drawTensor(
  { kind, scale, mirroredRows }: TensorDistribution,
  rows: number,
  columns: number,
  draw: DrawBlock,
): Stepwise<Float32Array> {
  const data = new Float32Array(rows * columns);
  if (kind === 'constant') return data.fill(scale);
  const scaled = kind === 'normal' ? scaledNormal : scaledUniform;
  for (let row = 0; row < rows; row++) {
    const isMirror = mirroredRows > 0 && (row % mirroredRows) % 2 === 1;
    rowWords(draw, isMirror ? row - 1 : row, columns).forEach((word, column) => {
      const value = scaled(word, scale);
      data[row * columns + column] = isMirror ? 0 - value : value;
    });
    yield;
  }
  return data;
}

/** Replaces one entry of each row of (weights, bias) by the larger of two uniforms: Beta(2, 1). */
function makeAsymmetric(
  weights: Float32Array,
  bias: Float32Array | null,
  rows: number,
  columns: number,
  draw: DrawBlock,
): void {
  for (let row = 0; row < rows; row++) {
    const [choice, first, second] = draw(row);
    const column = integerOf(choice, columns + (bias ? 1 : 0));
    const value = Math.max(first >>> 8, second >>> 8) * UNIFORM_UNIT;
    if (column < columns) weights[row * columns + column] = value;
    else bias![row] = value;
  }
}
