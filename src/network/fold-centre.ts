/**
 * Takes the centring of inputs into a network: what was trained on x - c becomes a plain network on x, because
 * W (x - c) + b = W x + (b - W c). Exact but for the rounding of the new biases.
 */
import type { AffineLayer } from './affine-layers.js';
import { NetworkError } from './errors.js';
import type { Network } from './network.js';
import type { Weights } from './weights.js';

/**
 * Weights of the same network for inputs that are not centred.
 *
 * @param centre c in the units that the network reads: one number per channel of images, per feature of rows;
 *   -c goes the other way
 * @throws NetworkError when the first layer is none that can take it: dense or a convolution without padding, with
 *   biases, behind nothing but flatten
 */
export function foldCentre(net: Network, weights: Weights, centre: ArrayLike<number>): Weights {
  const layer = centredLayer(net);
  const { weight, bias, groups } = layer;
  const tensors = new Map(weights.tensors);
  const entries = tensors.get(weight.name)!.data;
  const { shape, data: before } = tensors.get(bias!.name)!;
  const inputOf = inputChannels(net, layer);
  const data = before.map((value, row) => {
    const group = Math.floor((row * groups) / weight.rows);
    let product = 0;
    for (let column = 0; column < weight.columns; column++) {
      product += entries[row * weight.columns + column]! * centre[inputOf(column, group)]!;
    }
    return value - product;
  });
  tensors.set(bias!.name, { shape, data });
  return { ...weights, tensors };
}

/**
 * The layer that takes a centre.
 *
 * @throws NetworkError as `foldCentre`
 */
export function centredLayer({ layers, affineLayers }: Network): AffineLayer {
  const position = layers.findIndex(({ type }) => type !== 'flatten');
  const layer = layers[position];
  const fail = (what: string): never => {
    throw new NetworkError(
      'value',
      `inputs cannot be centred for this network: ${what}; subtract their mean yourself, before every use of it`,
      { layer: `layers.${Math.max(position, 0)}` },
    );
  };
  if (layer?.type !== 'dense' && layer?.type !== 'conv2d') {
    return fail(
      'its first layer must be dense or a convolution, which takes the mean into its biases',
    );
  }
  if (!layer.bias) return fail('its first layer has no biases');
  if (layer.type === 'conv2d') {
    const { padding } = layer;
    const isPadded = padding === 'same' || (padding !== 'valid' && Math.max(...padding) > 0);
    if (isPadded) return fail('its first convolution pads with zeros, which would not be centred');
  }
  return affineLayers[0]!;
}

/** Which number of the centre belongs to a column of the layer's weights, in a group of its rows. */
function inputChannels(
  { input }: Network,
  { layer, weight }: AffineLayer,
): (column: number, group: number) => number {
  if (layer.type === 'conv2d') {
    const window = layer.kernel[0] * layer.kernel[1];
    const channels = weight.columns / window;
    return (column, group) => group * channels + Math.floor(column / window);
  }
  const [height, width] = input;
  const cells = input.length === 3 ? height! * width! : 1;
  return (column) => Math.floor(column / cells);
}
