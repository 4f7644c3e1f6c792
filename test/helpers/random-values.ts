/** Random parameters, batches and targets for a network, from one stream. */
import type { RandomStream } from '../../src/math/random.js';
import type { Network } from '../../src/network/network.js';
import { entriesOf } from '../../src/network/shape.js';
import type { ReferenceLoss } from './reference-network.js';

/** f32 values: what a GPU is given is exactly what the reference is given. */
const normal = (random: RandomStream): number => Math.fround(random.normal());

/** Weights of about unit gain, small biases, scales and variances away from zero. */
export function randomParameters(net: Network, random: RandomStream): Map<string, number[]> {
  return new Map(
    net.parameters.tensors.map(({ name, shape, role, fanIn }) => [
      name,
      Array.from({ length: entriesOf(shape) }, () => {
        switch (role) {
          case 'weight':
            return Math.fround(normal(random) / Math.sqrt(fanIn));
          case 'bias':
          case 'shift':
          case 'running-mean':
            return Math.fround(0.25 * normal(random));
          case 'scale':
          case 'running-variance':
            return Math.fround(0.5 + random.uniform());
        }
      }),
    ]),
  );
}

/** Standard normal entries. */
export function randomBatch(random: RandomStream, samples: number, entries: number): number[][] {
  return Array.from({ length: samples }, () =>
    Array.from({ length: entries }, () => normal(random)),
  );
}

/** A loss with targets of its kind. */
export function randomLoss(
  kind: ReferenceLoss['kind'],
  random: RandomStream,
  samples: number,
  outputs: number,
): ReferenceLoss {
  switch (kind) {
    case 'mse':
      return { kind, targets: randomBatch(random, samples, outputs) };
    case 'softmax-cross-entropy':
      return { kind, labels: Array.from({ length: samples }, () => random.integer(outputs)) };
    case 'binary-cross-entropy':
      return {
        kind,
        targets: randomBatch(random, samples, outputs).map((row) =>
          row.map((value) => (value > 0 ? 1 : 0)),
        ),
      };
  }
}
