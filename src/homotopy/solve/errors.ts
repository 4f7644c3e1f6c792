/** What a solve refuses to do, and why. */

/** A job that is well formed but cannot be done as asked; the message says what to change. */
export class SolveError extends Error {
  override readonly name = 'SolveError';
}
