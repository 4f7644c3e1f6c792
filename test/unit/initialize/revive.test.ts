/**
 * Believed after it passes: reviving leaves every output on the rows as it was, to the last bit, and no unit
 * dead on them; networks that it cannot do are refused. Truth: outputs and activities by a forward pass.
 */
import { expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { initializeOnHost } from '../../../src/initialize/host.js';
import { revive } from '../../../src/initialize/revive.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  leakyRelu,
  network,
  relu,
  type Network,
} from '../../../src/network/index.js';
import { inputFeatures } from '../../../src/network/host/features.js';
import { propagate, storedWeights } from '../../../src/network/host/forward-pass.js';
import { unpackWeights, type Weights } from '../../../src/network/weights.js';

const stream = randomStream(77, 0);
const rowsOf = (count: number, width: number): number[][] =>
  Array.from({ length: count }, () =>
    Array.from({ length: width }, () => Math.fround(stream.normal())),
  );

/** He's weights with the biases of the first layers' even units so low that these are dead. */
function halfDead(net: Network): Weights {
  const { block } = initializeOnHost(net, { method: 'he', seed: 5 });
  const parameters = { parameters: block, statistics: new Float32Array() };
  const weights = unpackWeights(net.parameters, parameters);
  for (const { bias, isOutput } of net.affineLayers) {
    if (isOutput) continue;
    const { data } = weights.tensors.get(bias!.name)!;
    for (let unit = 0; unit < data.length; unit += 2) data[unit] = -100;
  }
  return weights;
}

function look(net: Network, weights: Weights, rows: readonly (readonly number[])[]) {
  let dead = 0;
  const input = inputFeatures(net.input, Float64Array.from(rows.flat()), rows.length);
  const { data } = propagate(net, input, {
    weightsOf: storedWeights(weights),
    observe: (_label, layer, _input, output) => {
      if (layer.type !== 'relu') return;
      const cells = output.entries / output.channels;
      for (let channel = 0; channel < output.channels; channel++) {
        let isActive = false;
        for (let row = 0; row < output.count; row++) {
          const first = row * output.entries + channel * cells;
          isActive ||= output.data.subarray(first, first + cells).some((value) => value > 0);
        }
        if (!isActive) dead++;
      }
    },
  });
  return { data, dead };
}

const chain = network({ input: [5], layers: [dense(8), relu(), dense(6), relu(), dense(3)] });
const images = network({
  input: [6, 6, 2],
  layers: [
    conv2d(6, 3, { padding: 'same' }),
    relu(),
    averagePool2d(2),
    conv2d(4, 2),
    relu(),
    flatten(),
    dense(3),
  ],
});

it.each([
  ['dense layers', chain, 5],
  ['convolutions', images, 72],
])('leaves the outputs of %s as they are and no unit dead', (_name, net, width) => {
  const anchors = rowsOf(40, width);
  const weights = halfDead(net);
  const before = look(net, weights, anchors);
  const forced = net.affineLayers.reduce(
    (sum, { isOutput, weight }) => sum + (isOutput ? 0 : Math.ceil(weight.rows / 2)),
    0,
  );
  expect(before.dead).toBeGreaterThanOrEqual(forced);
  const { intervention, revived } = revive(net, { every: 10, share: 0.3, anchors });
  const after = look(net, intervention.change(weights, 2, 10)!, anchors);
  expect(after.dead).toBe(0);
  expect(after.data).toEqual(before.data);
  expect(revived).toEqual(new Map([[2, before.dead]]));
});

it('leaves networks with fewer dead units alone', () => {
  const anchors = rowsOf(40, 5);
  const { intervention, revived } = revive(chain, { every: 10, share: 0.6, anchors });
  expect(intervention.change(halfDead(chain), 0, 10)).toBeNull();
  expect(revived.size).toBe(0);
});

it('keeps the outputs with rows as ReDo draws them, too', () => {
  const anchors = rowsOf(40, 5);
  const weights = halfDead(chain);
  const { intervention } = revive(chain, { every: 1, anchors, rows: 'redo' });
  const changed = intervention.change(weights, 0, 1)!;
  expect(look(chain, changed, anchors).data).toEqual(look(chain, weights, anchors).data);
  expect(changed.tensors.get('layers.0.bias')!.data[0]).toBe(0);
});

it('refuses what it cannot do, by name and value', () => {
  const anchors = rowsOf(4, 5);
  const refusal = (layers: Parameters<typeof network>[0]['layers']) => () =>
    revive(network({ input: [5], layers }), { every: 1, anchors });
  expect(() => revive(chain, { every: 0, anchors })).toThrow(/every so many steps.*got 0/);
  expect(() => revive(chain, { every: 1, share: 1.5, anchors })).toThrow(/share.*got 1\.5/);
  expect(refusal([dense(4), batchNorm(), relu(), dense(2)])).toThrow(/has a batch-norm layer/);
  expect(refusal([dense(4, { bias: false }), relu(), dense(2)])).toThrow(/layers\.0 has no biases/);
  expect(refusal([dense(4), leakyRelu(), dense(2)])).toThrow(/no ReLU units/);
});
