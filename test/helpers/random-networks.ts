/** Random networks of every layer and activation, small enough for central differences. */
import fc from 'fast-check';
import {
  type ActivationLayer,
  elu,
  gelu,
  identity,
  leakyRelu,
  polynomial,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from '../../src/network/activations.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  residual,
  type Layer,
  type Padding,
  type Size2,
} from '../../src/network/layer.js';
import { network, type Network } from '../../src/network/network.js';
import { slideWindow, type Shape } from '../../src/network/shape.js';

/** A random number generator's draws: integers from low to high, both included. */
type Draw = (low: number, high: number) => number;

/** Every activation, each with an option that is not its default. */
export const ACTIVATIONS: readonly ActivationLayer[] = [
  identity(),
  relu(),
  leakyRelu(),
  leakyRelu(-0.25),
  elu(),
  elu(-0.5),
  tanh(),
  sigmoid(),
  gelu(),
  gelu({ approximation: 'tanh' }),
  silu(),
  softplus(),
  polynomial([0.25, 0.5, 0.125]),
  polynomial([0.5, -1, 0, 0.25]),
  polynomial([2]),
];

/** Which layers a random network may hold. */
export interface RandomNetworkOptions {
  /** Most layers before the last. */
  readonly depth?: number;
  /** Dropout has random factors of its own that a caller must know. */
  readonly withDropout?: boolean;
  readonly withResidual?: boolean;
}

/** Networks whose last layer is dense: of rows or of images, with one to four outputs. */
export function randomNetworks(options: RandomNetworkOptions = {}): fc.Arbitrary<Network> {
  return fc.gen().map((gen) => {
    const draw: Draw = (low, high) => gen(fc.integer, { min: low, max: high });
    const input: Shape =
      draw(0, 2) === 0 ? [draw(1, 7)] : [draw(1, 7), draw(1, 7), [1, 2, 3, 4][draw(0, 3)]!];
    const layers: Layer[] = [];
    let shape = input;
    for (let left = draw(0, options.depth ?? 5); left > 0; left--) {
      const layer = randomLayer(draw, shape, options);
      layers.push(layer);
      shape = network({ input: shape, layers: [layer] }).output;
    }
    if (shape.length === 3) {
      layers.push(draw(0, 1) === 0 ? flatten() : globalAveragePool2d());
    }
    layers.push(dense(draw(1, 4), { bias: draw(0, 3) > 0 }));
    return network({ input, layers });
  });
}

function randomLayer(draw: Draw, shape: Shape, options: RandomNetworkOptions): Layer {
  const images = shape.length === 3;
  switch (draw(0, images ? 8 : 4)) {
    case 0:
    case 1:
      return ACTIVATIONS[draw(0, ACTIVATIONS.length - 1)]!;
    case 2:
      return batchNorm({ momentum: draw(0, 4) / 4, epsilon: 1e-3 });
    case 3:
      if (options.withResidual ?? true) {
        return randomResidual(draw, shape);
      }
      return images ? randomConvolution(draw, shape) : dense(draw(1, 6));
    case 4:
      if (options.withDropout ?? false) {
        return dropout(draw(0, 3) / 4);
      }
      return images ? randomConvolution(draw, shape) : dense(draw(1, 6), { bias: draw(0, 1) > 0 });
    case 5:
    case 6:
      return randomConvolution(draw, shape);
    case 7: {
      const [size, stride, padding] = randomWindow(draw, shape, [1, 1]);
      const pool = draw(0, 1) === 0 ? maxPool2d : averagePool2d;
      return pool(size, { stride, padding });
    }
    default:
      return flatten();
  }
}

function randomConvolution(draw: Draw, shape: Shape): Layer {
  const channels = shape[2]!;
  const divisors = [1, 2, 3, 4].filter((divisor) => channels % divisor === 0);
  const groups = divisors[draw(0, divisors.length - 1)]!;
  const dilation: Size2 = [draw(1, 2), draw(1, 2)];
  const [kernel, stride, padding] = randomWindow(draw, shape, dilation);
  const filters = groups * draw(1, 3);
  return conv2d(filters, kernel, { stride, padding, dilation, groups, bias: draw(0, 2) > 0 });
}

/** A window that fits: 'valid' or some cells of padding where it lies within the image, 'same' otherwise. */
function randomWindow(
  draw: Draw,
  shape: Shape,
  dilation: Size2,
): [size: Size2, stride: Size2, padding: Padding] {
  const size: Size2 = [draw(1, 4), draw(1, 3)];
  const stride: Size2 = [draw(1, 3), draw(1, 2)];
  const fits = [0, 1].every(
    (axis) => slideWindow(shape[axis]!, size[axis]!, 1, dilation[axis]!, 'valid').output > 0,
  );
  if (!fits || draw(0, 1) === 1) return [size, stride, 'same'];
  const cells = (axis: 0 | 1): number => draw(0, Math.floor(size[axis] / 2));
  return [size, stride, draw(0, 1) === 0 ? 'valid' : [cells(0), cells(1)]];
}

function randomResidual(draw: Draw, shape: Shape): Layer {
  const activation = ACTIVATIONS[draw(0, ACTIVATIONS.length - 1)]!;
  const projects = draw(0, 1) === 0;
  if (shape.length === 1) {
    const units = projects ? draw(1, 5) : shape[0]!;
    return residual(
      [dense(draw(1, 5)), activation, dense(units)],
      projects ? [dense(units, { bias: false })] : [],
    );
  }
  const filters = projects ? draw(1, 4) : shape[2]!;
  const stride = projects ? draw(1, 2) : 1;
  return residual(
    [conv2d(filters, 3, { stride, padding: 'same', bias: false }), batchNorm(), activation],
    projects ? [conv2d(filters, 1, { stride })] : [],
  );
}
