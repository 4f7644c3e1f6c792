/** Why the minima of a ReLU network cannot be enumerated. */
import { LpsError } from '../../math/lps-error.js';

/** Data, network or lambda for which the theorem does not hold; the message says what to change. */
export class ReluMinimaError extends LpsError {
  override readonly name = 'ReluMinimaError';
  override readonly kind = 'input';
}

/** More combinations than this machine can solve; the message has their number and the time. */
export class TooManyCombinationsError extends LpsError {
  override readonly name = 'TooManyCombinationsError';
  override readonly kind = 'limit';
  constructor(
    message: string,
    readonly combinations: number,
  ) {
    super(message);
  }
}
