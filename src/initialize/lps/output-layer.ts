/**
 * Step 7 of `lps`: the network's outputs. Rows are normal with variance 1 / fan in, antisymmetric
 * where the features are paired; biases make the outputs' mean over the anchors 0.
 */
import { scaledNormal } from '../../math/normal-fixed-point.js';
import {
  groupSubstream,
  openStream,
  rowWords,
  STREAMS,
  type ReplicaAddress,
} from '../random-address.js';
import type { LayerPlan } from './layer-plan.js';

/**
 * The rows of one group.
 *
 * @returns [output][fan in], f32
 */
export function drawOutputRows(
  { layer, outputs, fanIn, pairedColumns }: LayerPlan,
  address: ReplicaAddress,
  group: number,
): Float32Array {
  const draw = openStream(address, STREAMS.weights, groupSubstream(layer.tensor, group));
  const { channels, cells } = pairedColumns ?? { channels: 1, cells: fanIn };
  const columns = Math.ceil(channels / 2) * cells;
  const rows = new Float32Array(outputs * fanIn);
  for (let output = 0; output < outputs; output++) {
    const words = rowWords(draw, output, columns);
    for (let column = 0; column < fanIn; column++) {
      const channel = Math.floor(column / cells);
      const word = words[Math.floor(channel / 2) * cells + (column % cells)]!;
      const value = scaledNormal(word, 1 / Math.sqrt(fanIn));
      rows[output * fanIn + column] = channel % 2 === 0 ? value : 0 - value;
    }
  }
  return rows;
}

/**
 * Biases that centre the outputs on the anchors.
 *
 * @param features [anchor][fan in]
 * @returns one per output, f32
 */
export function centringBiases(
  rows: Float32Array,
  features: Float64Array,
  fanIn: number,
): Float32Array {
  const count = features.length / fanIn;
  const mean = new Float64Array(fanIn);
  features.forEach((value, index) => {
    mean[index % fanIn]! += value / count;
  });
  return Float32Array.from({ length: rows.length / fanIn }, (_, output) => {
    let sum = 0;
    for (let k = 0; k < fanIn; k++) sum += rows[output * fanIn + k]! * mean[k]!;
    return 0 - sum;
  });
}
