/** What training and evaluation refuse before anything is computed, as one typed error. */
import { LpsError } from '../math/lps-error.js';

/** One code per kind of mistake. */
export type TrainingErrorCode =
  /** Data of another shape than the network's input or output, labels out of range, not finite. */
  | 'data'
  /** An option whose value cannot be. */
  | 'option'
  /** A batch larger than the data. */
  | 'batch'
  /** Weights of another network. */
  | 'weights';

/** The call cannot be carried out; nothing was computed. */
export class TrainingError extends LpsError {
  override readonly name = 'TrainingError';
  override readonly kind = 'input';
  readonly code: TrainingErrorCode;

  /** @param message one line: what was needed, what was there, what to do */
  constructor(code: TrainingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
