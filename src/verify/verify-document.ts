/**
 * Checks a document of `lps solve`, `lps minima`, `lps family` or `lps start` from what it carries: systems, data and
 * claims. Nothing here knows how the result was found.
 */
import type { PolynomialSystem } from '../polynomial/system.js';
import type { CheckOutcome } from './check-outcome.js';
import { checkClaims } from './claims.js';
import { readMinima, verifyMinima } from './network/verify-minima.js';
import { DocumentError, objectAt } from './read-fields.js';
import { verifyExact } from './relu/verify-exact.js';
import { readSolve } from './system/read-solve.js';
import { verifySolve } from './system/verify-solve.js';

export interface VerifyDocumentOptions {
  /** The system that was solved; default: the document's own. */
  readonly system?: PolynomialSystem | undefined;
  /** Told how many solutions of a part of the document are looked at. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * @param document parsed JSON
 * @throws DocumentError when it is no such document, naming the field; SystemError for equations that cannot be read
 */
export function verifyDocument(
  document: unknown,
  options: VerifyDocumentOptions = {},
): CheckOutcome[] {
  if (Array.isArray(document)) {
    return document.flatMap((member, k) =>
      within(`member ${k + 1}`, verifyDocument(member, options)),
    );
  }
  const root = objectAt(document, 'the document');
  const hasExact = root.exact !== undefined && root.exact !== null;
  if (root.solutions === undefined && !hasExact) {
    throw new DocumentError(
      'the document has neither "solutions" nor an "exact" part to verify; make one by lps solve --out FILE or lps minima --out FILE',
    );
  }
  const outcomes: CheckOutcome[] = [];
  if (root.solutions !== undefined) {
    const solve = readSolve(root, options.system);
    outcomes.push(...verifySolve(solve, options.onProgress));
    if (root.criticalPoints !== undefined) outcomes.push(...verifyMinima(readMinima(root), solve));
  }
  if (hasExact) outcomes.push(...within('true', verifyExact(document)));
  outcomes.push(checkClaims(root));
  for (const [column, part] of Object.entries(objectAt(root.columns ?? {}, 'columns'))) {
    outcomes.push(...within(column, verifyDocument(part, { onProgress: options.onProgress })));
  }
  return outcomes;
}

function within(part: string, outcomes: readonly CheckOutcome[]): CheckOutcome[] {
  return outcomes.map((outcome) => ({ ...outcome, check: `${part}: ${outcome.check}` }));
}
