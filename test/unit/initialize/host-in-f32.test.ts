/**
 * Believed after it passes: on the host in f32, in shares of rows, methods that look at the anchors make the weights of
 * their definition and measure what the report measures; helpers that do, lose or refuse shares change no bit. Truth: the
 * definition in f64, and f32 with one thread.
 */
import { describe, expect, it } from 'vitest';
import { chooseAnchors } from '../../../src/initialize/anchors.js';
import { findInitializer } from '../../../src/initialize/initializers.js';
import { measuring, type MeasuredOutput } from '../../../src/initialize/measured-output.js';
import { reportInitialization } from '../../../src/initialize/report.js';
import { reflectionsOf, semiOrthogonal } from '../../../src/initialize/semi-orthogonal.js';
import { multiplyReflectionsInF32 } from '../../../src/initialize/semi-orthogonal-f32.js';
import { openStream } from '../../../src/initialize/random-address.js';
import { initializeOnHost } from '../../../src/initialize/host.js';
import { packTensors } from '../../../src/initialize/host-layers.js';
import type { InitializationOptions } from '../../../src/initialize/initializers.js';
import { randomStream } from '../../../src/math/random.js';
import { atOnce, inSlices } from '../../../src/math/stepwise.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  maxPool2d,
  network,
  relu,
  residual,
  tanh,
  unpackWeights,
} from '../../../src/network/index.js';
import { f32Products, LayerShares, type RowHelpers } from '../../../src/network/host/f32-layer.js';

const net = network({
  input: [13, 11, 3],
  layers: [
    conv2d(8, 3, { padding: 1 }),
    relu(),
    conv2d(6, [3, 2], { stride: [2, 1], padding: 'same', groups: 2, bias: false }),
    batchNorm(),
    relu(),
    residual(
      [conv2d(6, 3, { padding: 2, dilation: 2 }), relu(), conv2d(8, 1)],
      [conv2d(8, 1), batchNorm()],
    ),
    relu(),
    maxPool2d(3, { stride: 2, padding: 1 }),
    conv2d(16, 2),
    tanh(),
    averagePool2d(2),
    flatten(),
    dense(9),
    relu(),
    dense(4),
  ],
});
const stream = randomStream(7, 0);
const anchors = Array.from({ length: 70 }, () =>
  Float32Array.from({ length: 13 * 11 * 3 }, () => stream.normal()),
);
const address = { seed: 5, replica: 2 };

function made(options: InitializationOptions, helpers?: RowHelpers) {
  const given = { ...options, ...address, anchors, anchorCount: 70 };
  const outputs = new Map<string, MeasuredOutput>();
  const rows = chooseAnchors(net, given, address);
  const pass = {
    anchors: () => ({ ...rows, data: Float32Array.from(rows.data) }),
    products: f32Products(helpers),
    multiplyReflections: multiplyReflectionsInF32,
    observe: measuring(outputs, () => undefined),
  };
  const { inSteps } = findInitializer(options.method ?? 'lps');
  return { given, outputs, steps: inSteps!(net, given, address, pass) };
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = 0;
  for (let index = 0; index < b.length; index++) {
    most = Math.max(most, Math.abs(a[index]! - b[index]!));
  }
  return most;
};

describe.each([
  { method: 'lps' },
  { method: 'lps', directions: 'anchors' },
  { method: 'looks-linear' },
  { method: 'lsuv' },
  { method: 'orthogonal' },
  { method: 'delta-orthogonal' },
  { method: 'rai' },
] as const)('$method', (options) => {
  it('makes the weights of the definition and measures the outputs', () => {
    const { given, outputs, steps } = made(options);
    const { tensors, warnings } = atOnce(steps);
    const block = packTensors(net, tensors);
    const truth = initializeOnHost(net, given);
    expect(warnings).toEqual(truth.warnings);
    expect(block.length).toBe(truth.block.length);
    expect(largest(block, truth.block)).toBeLessThan(2e-5);
    const statistics = new Float32Array(net.parameters.blockSize.statistics);
    const weights = unpackWeights(net.parameters, { parameters: block, statistics });
    const report = reportInitialization(net, weights, given);
    // Only methods that look at the anchors send them through.
    const looks = findInitializer(options.method).looksAtAnchors === true;
    expect(outputs.size > 0).toBe(looks);
    for (const { label, outputVariance } of looks ? report.layers : []) {
      expect(outputs.get(label)!.variance / outputVariance).toBeCloseTo(1, 4);
    }
  });
});

it('gives the same bits with helpers, whatever becomes of their shares', async () => {
  const alone = packTensors(net, atOnce(made({}).steps).tensors);
  let begun = 0;
  let asked = 0;
  /** Every third share is done later, every third refused, every third done at once. */
  const helpers: RowHelpers = {
    get areIdle() {
      return begun % 2 === 0 || asked++ % 2 === 0;
    },
    begin: (products, share) => {
      const work = { state: 'away' as 'away' | 'done' | 'failed' };
      const perform = () => {
        atOnce(new LayerShares(products).share(share));
        work.state = 'done';
      };
      const kind = begun++ % 3;
      if (kind === 0) setTimeout(perform, 2);
      else if (kind === 1) work.state = 'failed';
      else perform();
      return work;
    },
  };
  const { tensors } = await inSlices(made({}, helpers).steps);
  expect(begun).toBeGreaterThan(10);
  expect(packTensors(net, tensors)).toEqual(alone);
});

it('turns vectors in blocks as one reflection after another does', () => {
  for (const [rows, columns] of [
    [1, 1],
    [3, 5],
    [5, 3],
    [64, 64],
    [70, 300],
    [300, 130],
  ] as const) {
    const draw = openStream(address, 1, 2);
    const reflections = reflectionsOf(rows, columns, draw);
    const matrix = atOnce(multiplyReflectionsInF32(rows, columns, reflections));
    expect(matrix.length).toBe(rows * columns);
    expect(largest(matrix, semiOrthogonal(rows, columns, draw))).toBeLessThan(2e-6);
  }
});
