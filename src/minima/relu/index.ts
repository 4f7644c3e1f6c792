/** The minima of ReLU networks: the enumeration is loaded when it is asked for. */
import type { ReluMinima, ReluMinimaOptions } from './relu-minima.js';

/**
 * Enumerates the local minima of a network with one hidden layer of relu or leaky relu units and weight decay, with a
 * proof of each, and of there being no others.
 *
 * @throws ReluMinimaError for data, units, slope or lambda that the theorem does not cover
 * @throws TooManyCombinationsError
 */
export async function enumerateReluMinima(options: ReluMinimaOptions): Promise<ReluMinima> {
  const enumeration = await import('./enumerate-relu-minima.js');
  return enumeration.enumerateReluMinima(options);
}
