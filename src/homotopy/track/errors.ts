/** What can go wrong with the threads that follow paths. */
import { LpsError } from '../../math/lps-error.js';

/** A worker stopped twice on the same piece of work, or could not do it; or the device was closed meanwhile. */
export class WorkerError extends LpsError {
  override readonly name = 'WorkerError';
  override readonly kind = 'failed';
}
