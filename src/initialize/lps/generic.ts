/**
 * `lps-generic`: the rows (w, b) that solve generic linear equations, as in a start system without
 * data. The solution of A v = c with normal A and c has a uniform direction and an infinite
 * variance, so the direction is kept and the norm is sqrt(2), which keeps a ReLU network's second
 * moment. Also the fallback for layers whose features do not differ on the anchors.
 */
import { NORMAL_UNIT, scaledNormal, standardNormal } from '../../math/normal-fixed-point.js';
import type { Network } from '../../network/index.js';
import type { AffineLayer } from '../../network/affine-layers.js';
import { zeroBias, type HostLayers } from '../host-layers.js';
import type { AffineWeights } from '../../network/host/forward-pass.js';
import {
  groupSubstream,
  openStream,
  rowWords,
  STREAMS,
  type ReplicaAddress,
} from '../random-address.js';

/** A whole layer, group by group. */
export function genericLayer(layer: AffineLayer, address: ReplicaAddress): AffineWeights {
  const { rows, columns } = layer.weight;
  const perGroup = rows / layer.groups;
  const weight = new Float32Array(rows * columns);
  const bias = layer.bias ? new Float32Array(rows) : null;
  for (let group = 0; group < layer.groups; group++) {
    const made = genericRows(layer, address, group);
    weight.set(made.weight, group * perGroup * columns);
    bias?.set(made.bias, group * perGroup);
  }
  return { weight, bias, mirrored: false };
}

/** The rows of one group; biases are 0 when the layer has none. */
export function genericRows(
  layer: AffineLayer,
  address: ReplicaAddress,
  group: number,
): { readonly weight: Float32Array; readonly bias: Float32Array } {
  const { columns } = layer.weight;
  const rows = layer.weight.rows / layer.groups;
  const draw = openStream(address, STREAMS.generic, groupSubstream(layer.tensor, group));
  const weight = new Float32Array(rows * columns);
  const bias = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const normal = rowWords(draw, row, columns + (layer.bias ? 1 : 0)).map(
      (word) => standardNormal(word) * NORMAL_UNIT,
    );
    const scale = Math.SQRT2 / Math.sqrt(normal.reduce((sum, value) => sum + value * value, 0));
    for (let column = 0; column < columns; column++) {
      weight[row * columns + column] = scale * normal[column]!;
    }
    if (layer.bias) bias[row] = scale * normal[columns]!;
  }
  return { weight, bias };
}

/**
 * All affine layers: hidden ones generic, the output layer normal with variance 1 / fan in and
 * without bias.
 */
export function genericLayers(network: Network, address: ReplicaAddress): HostLayers {
  const layers = new Map<AffineLayer, AffineWeights>();
  for (const layer of network.affineLayers) {
    layers.set(layer, layer.isOutput ? outputLayer(layer, address) : genericLayer(layer, address));
  }
  return { layers, warnings: [] };
}

function outputLayer(layer: AffineLayer, address: ReplicaAddress): AffineWeights {
  const { rows, columns } = layer.weight;
  const draw = openStream(address, STREAMS.weights, layer.tensor);
  const weight = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const words = rowWords(draw, row, columns);
    weight.set(
      words.map((word) => scaledNormal(word, 1 / Math.sqrt(columns))),
      row * columns,
    );
  }
  return { weight, bias: zeroBias(layer), mirrored: false };
}
