/** What a check of a document found. */
export interface CheckOutcome {
  readonly check: string;
  /** What was looked at, in a sentence. */
  readonly detail: string;
  /** What is wrong; empty when nothing is. */
  readonly failures: readonly string[];
}
