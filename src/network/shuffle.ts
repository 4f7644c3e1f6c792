/**
 * The order in which an epoch visits the samples: the same on every runtime, and for every epoch
 * computable without the ones before it.
 */
import { randomStream } from '../math/random.js';

/** Which numbers of a seed shuffle (the second word of the address, see src/math/random.ts). */
const SHUFFLE_STREAM = 0x5348_5546;

/**
 * A permutation of 0..count-1 (Fisher and Yates; Durstenfeld 1964).
 *
 * @param epoch from 0; every epoch has its own random numbers
 */
export function shuffledOrder(
  count: number,
  seed: number,
  epoch: number,
): Uint32Array<ArrayBuffer> {
  const random = randomStream(seed, SHUFFLE_STREAM, epoch);
  const order = Uint32Array.from({ length: count }, (_, k) => k);
  for (let last = count - 1; last > 0; last--) {
    const chosen = random.integer(last + 1);
    const kept = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = kept;
  }
  return order;
}
