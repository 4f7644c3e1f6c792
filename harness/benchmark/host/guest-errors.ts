/** How guests fail. */
import { LpsError } from '../../../src/math/lps-error.js';

/** The guest went away (killed, crashed): another one may be started. */
export class GuestLostError extends LpsError {
  override readonly name = 'GuestLostError';
  override readonly kind = 'failed';
}
