/** How an initializer refuses. */
import { LpsError } from '../math/lps-error.js';

/** What an initialization was told that it cannot do. */
export type InitializationErrorCode = 'unknown-method' | 'option' | 'anchors' | 'network';

/** Nothing was initialized. */
export class InitializationError extends LpsError {
  override readonly name = 'InitializationError';
  override readonly kind = 'usage';

  /** @param message what was needed, what was there, what to do */
  constructor(
    readonly code: InitializationErrorCode,
    message: string,
  ) {
    super(message);
  }
}
