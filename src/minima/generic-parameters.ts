/**
 * A general member of a network family: where a parameter homotopy begins.
 *
 * For general complex parameters the number of isolated solutions is the largest of the family
 * (465 for a 1-2-1 network with all biases and degree 2, of 12,225 paths; 2026-11-23), and every
 * isolated solution of every data set is the end of a path from there.
 */
import { randomStream } from '../math/random.js';
import type { NetworkFamily } from './network-family.js';

/** Stream of random numbers of this module. */
const STREAM = 0x6e7;

/**
 * Moments and lambda drawn from the complex unit circle: the size that the moments of
 * standardised data have, and no data set has these values.
 *
 * @param seed integer in 0..2^53-1
 * @returns [re, im] per parameter of the family
 */
export function genericParameters(family: NetworkFamily, seed: number): [number, number][] {
  const random = randomStream(seed, STREAM);
  return family.parameters.map(() => random.unitCircle());
}
