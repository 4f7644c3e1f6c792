/** What a solve refuses to do, and why. */
import { LpsError } from '../../math/lps-error.js';

/** A job that is well formed but cannot be done as asked; the message says what to change. */
export class SolveError extends LpsError {
  override readonly name = 'SolveError';
  override readonly kind = 'usage';
}
