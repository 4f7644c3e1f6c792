/**
 * Believed afterwards: without a GPU, networks of every kind of layer give the outputs that their definition says, for
 * several replicas and samples, and what does not fit is refused. The truth: an f64 reference in plain loops.
 */
import { expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { forward, networkFromNotation, type Weights } from '../../../src/network/index.js';
import { entriesOf } from '../../../src/network/shape.js';
import { randomBatch, randomParameters } from '../../helpers/random-values.js';
import { referenceForward } from '../../helpers/reference-network.js';

const networks = [
  '13-17-gelu-7-dropout(0.5)-11',
  '5x3x2:bn-conv(3,2)-bn-sigmoid-flatten-2',
  '6x6x4:conv(8,3,groups=4)-tanh-avgpool(2x3,stride=1x2,padding=same)-globalpool-3',
  '7x7x2:pool(3,stride=2,padding=same)-residual(conv(4,1)-bn|conv(4,1))-relu-flatten-2',
];

/** One rounding to f32 of an f64 sum, beside errors of that sum. */
const TOLERANCE = 2 ** -23;

it.each(networks)('%s on the CPU gives what the reference gives', async (notation) => {
  const net = networkFromNotation(notation);
  const random = randomStream(7, networks.indexOf(notation));
  const parameters = [randomParameters(net, random), randomParameters(net, random)];
  const batch = randomBatch(random, 3, entriesOf(net.input));
  const weights = parameters.map((own): Weights => ({
    tensors: new Map(
      net.parameters.tensors.map(({ name, shape }) => [
        name,
        { shape, data: Float32Array.from(own.get(name)!) },
      ]),
    ),
    metadata: {},
  }));
  const outputs = await forward(null, net, weights, Float32Array.from(batch.flat()));
  const expected = parameters.flatMap((own) =>
    referenceForward(net, own, batch, { mode: 'inference' }).output.flat(),
  );
  expect(outputs).toHaveLength(expected.length);
  outputs.forEach((output, k) => {
    expect(Math.abs(output - expected[k]!)).toBeLessThanOrEqual(TOLERANCE * Math.abs(expected[k]!));
  });
});

it('refuses what does not fit, and says what is needed', async () => {
  const net = networkFromNotation('3-2');
  const weights: Weights = {
    tensors: new Map([['layers.0.weight', { shape: [2, 3], data: new Float32Array(6) }]]),
    metadata: {},
  };
  const six = new Float32Array(6);
  await expect(forward(null, net, weights, new Float32Array(7))).rejects.toThrow(
    'samples of 3 numbers, 7 numbers',
  );
  await expect(forward(null, net, weights, six, { batch: 0 })).rejects.toThrow('`batch` must be');
  await expect(forward(null, net, [], six)).rejects.toThrow('there are no weights');
  await expect(forward(null, net, weights, six)).rejects.toThrow(/missing: layers\.0\.bias/);
});
