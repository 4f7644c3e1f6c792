/** How an initializer refuses. */

/** What an initialization was told that it cannot do. */
export type InitializationErrorCode = 'unknown-method' | 'option' | 'anchors' | 'network';

/** Nothing was initialized. */
export class InitializationError extends Error {
  override readonly name = 'InitializationError';

  /** @param message what was needed, what was there, what to do */
  constructor(
    readonly code: InitializationErrorCode,
    message: string,
  ) {
    super(message);
  }
}
