/** The JSON of a solve: the result, and the system itself, so that `lps verify` can check it from the file alone. */
import type { SolveResult } from '../homotopy/index.js';
import { formatTerms } from '../polynomial/format.js';
import type { PolynomialSystem } from '../polynomial/index.js';

export interface SolveDocument extends SolveResult {
  readonly system: SolveResult['system'] & {
    /** Exact, in the notation of `lps solve`: equation = 0. */
    readonly equations: readonly string[];
  };
}

/** @param system what was solved, exactly */
export function solveDocument(result: SolveResult, system: PolynomialSystem): SolveDocument {
  return {
    ...result,
    system: {
      ...result.system,
      equations: system.polynomials.map((terms) => formatTerms(terms, system.variables)),
    },
  };
}
