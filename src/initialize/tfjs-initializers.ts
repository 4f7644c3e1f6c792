/**
 * Weights for the layers of TensorFlow.js, as initializers that `tf.layers` takes.
 *
 * Its kernels are [in, out] and [height, width, in, out], its images lie channel after channel of each point, also when
 * they are flattened; ours are PyTorch's. The initializers give the numbers in its order.
 */
import type { Layer } from '../network/layer.js';
import type { Network } from '../network/index.js';
import type { LayerShape, Shape } from '../network/shape.js';
import { assertFits, type Weights, type WeightTensor } from '../network/weights.js';
import { InitializationError } from './errors.js';

/** What is used of TensorFlow.js: `@tensorflow/tfjs`, or `@tensorflow/tfjs-core` and `-layers` together. */
export interface TensorFlow<Initializer extends TfjsInitializer = TfjsInitializer> {
  readonly initializers: { zeros(): Initializer };
  tensor(values: Float32Array, shape: number[], dtype?: 'float32'): unknown;
}

/** An initializer of TensorFlow.js. */
export interface TfjsInitializer {
  // A method, so that its parameters may be narrower.
  apply(shape: (number | null)[], dtype?: string): unknown;
}

/** To be spread into the options of a layer: those that its kind has. */
export interface TfjsLayerInitializers<Initializer> {
  readonly kernelInitializer?: Initializer;
  readonly biasInitializer?: Initializer;
  readonly gammaInitializer?: Initializer;
  readonly betaInitializer?: Initializer;
  readonly movingMeanInitializer?: Initializer;
  readonly movingVarianceInitializer?: Initializer;
}

/** In tfjs's order: the tensor's own shape, and for each of its entries the place of ours. */
interface Order {
  readonly shape: readonly number[];
  readonly places: Uint32Array;
}

const OPTIONS: readonly (readonly [suffix: string, option: keyof TfjsLayerInitializers<never>])[] =
  [
    ['weight', 'kernelInitializer'],
    ['bias', 'biasInitializer'],
  ];
const NORM_OPTIONS: typeof OPTIONS = [
  ['weight', 'gammaInitializer'],
  ['bias', 'betaInitializer'],
  ['running_mean', 'movingMeanInitializer'],
  ['running_var', 'movingVarianceInitializer'],
];

/**
 * Initializers for a model of TensorFlow.js that has the layers of the network.
 *
 * A model that is saved names them "Zeros", so that it loads without this library; its weights are saved beside.
 *
 * @example
 * const net = network({ input: [4], layers: [dense(16), relu(), dense(3)] });
 * const init = tfjsInitializers(tf, net, await initialize(null, net, { method: 'lps', anchors: rows }));
 * tf.layers.dense({ units: 16, activation: 'relu', inputShape: [4], ...init.get('layers.0') });
 * tf.layers.dense({ units: 3, ...init.get('layers.2') });
 * @returns by the labels of the layers that have weights: `layers.N`, N counting all layers, activations too
 * @throws InitializationError code 'network' for what TensorFlow.js has not (groups of a convolution), and for a flatten
 *   inside a residual, or a residual between flatten and dense
 * @throws WeightsError when the weights are of another network
 */
export function tfjsInitializers<Initializer extends TfjsInitializer>(
  tf: TensorFlow<Initializer>,
  network: Network,
  weights: Weights,
): Map<string, TfjsLayerInitializers<Initializer>> {
  assertFits(network.parameters, weights);
  const found = new Map<string, TfjsLayerInitializers<Initializer>>();
  const take = (label: string, options: typeof OPTIONS, order: (tensor: WeightTensor) => Order) => {
    const own = options.flatMap(([suffix, option]) => {
      const tensor = weights.tensors.get(`${label}.${suffix}`);
      return tensor ? [[option, initializerOf(tf, label, tensor, order(tensor))] as const] : [];
    });
    found.set(label, Object.fromEntries(own));
  };
  const visit = (layers: readonly Layer[], shapes: readonly LayerShape[], isInside: boolean) => {
    /** The images that a row was before it was flattened. */
    let images: Shape | null = null;
    layers.forEach((layer, index) => {
      const { label, input, body, shortcut } = shapes[index]!;
      const rows = images;
      if (layer.type === 'flatten') {
        if (isInside) refuse(label, 'flatten is inside a residual');
        images = input;
      }
      if (layer.type === 'dense') {
        take(label, OPTIONS, (tensor) => kernelOrder(tensor, rows));
        images = null;
      } else if (layer.type === 'conv2d') {
        if (layer.groups > 1) refuse(label, `conv2d has ${layer.groups} groups`);
        take(label, OPTIONS, (tensor) => kernelOrder(tensor, null));
      } else if (layer.type === 'batch-norm') {
        take(label, NORM_OPTIONS, ({ shape }) => ({
          shape,
          places: flattenedOrder(shape[0]!, rows),
        }));
      } else if (layer.type === 'residual') {
        if (rows) refuse(label, 'residual follows flatten without a dense between them');
        visit(layer.body, body, true);
        visit(layer.shortcut, shortcut, true);
      }
    });
  };
  visit(network.layers, network.shapes, false);
  return found;
}

function refuse(label: string, what: string): never {
  throw new InitializationError('network', `${label}: ${what}, which TensorFlow.js cannot copy`);
}

/** [out, in, height, width] as [height, width, in, out], [out, in] as [in, out]; biases as they are. */
function kernelOrder({ shape, data }: WeightTensor, images: Shape | null): Order {
  if (shape.length === 1) return { shape, places: Uint32Array.from(data.keys()) };
  const [outputs, inputs, ...window] = shape as readonly [number, number, ...number[]];
  const points = window.reduce((product, size) => product * size, 1);
  const order = flattenedOrder(inputs, images);
  const places = new Uint32Array(data.length);
  let at = 0;
  for (let point = 0; point < points; point++)
    for (const input of order)
      for (let output = 0; output < outputs; output++)
        places[at++] = (output * inputs + input) * points + point;
  return { shape: [...window, inputs, outputs], places };
}

/** Entries of a row in tfjs's order: those of flattened images point by point, ours lie channel by channel. */
function flattenedOrder(entries: number, images: Shape | null): Uint32Array {
  if (images === null) return Uint32Array.from({ length: entries }, (_, k) => k);
  const channels = images.at(-1)!;
  const points = entries / channels;
  return Uint32Array.from(
    { length: entries },
    (_, k) => (k % channels) * points + Math.floor(k / channels),
  );
}

/** `tf.layers` takes nothing but its own kind: a zeros initializer, whose zeros are replaced. */
function initializerOf<Initializer extends TfjsInitializer>(
  tf: TensorFlow<Initializer>,
  label: string,
  { data }: WeightTensor,
  { shape: own, places }: Order,
): Initializer {
  const initializer = tf.initializers.zeros();
  initializer.apply = (shape) => {
    if (shape.join() !== own.join())
      throw new InitializationError(
        'network',
        `the layer that got the initializers of ${label} asks for [${shape.join(', ')}], the network has [${own.join(', ')}]: give each layer its own`,
      );
    return tf.tensor(
      Float32Array.from(places, (place) => data[place]!),
      [...own],
      'float32',
    );
  };
  return initializer;
}
