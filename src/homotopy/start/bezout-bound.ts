/**
 * Whether general coefficients give as many solutions as the total degree: then no product structure has fewer paths.
 *
 * By Bezout's theorem they do when the forms of highest degree have no common zero but 0. On the torus of the variables of
 * a set S no monomial vanishes, so each general form that has monomials in S alone takes one from the dimension |S| - 1 of
 * its projective space (Bertini): |S| such forms leave nothing. That is asked of every S.
 */
import type { SystemExponents } from './product-structure.js';

/** All sets of so many variables are looked at in a few milliseconds. */
const MOST_VARIABLES = 14;

/** @returns false where it is not known, too: for more than 14 variables, and for some degenerate supports */
export function attainsTotalDegree(exponents: SystemExponents): boolean {
  const variables = exponents.length;
  if (variables > MOST_VARIABLES) return false;
  const leading = exponents.map(leadingVariables);
  for (let set = 1; set < 2 ** variables; set++) {
    let missing = 0;
    for (let rest = set; rest !== 0; rest &= rest - 1) missing++;
    for (let i = 0; missing > 0 && i < variables; i++) {
      for (const monomial of leading[i]!) {
        if ((monomial & ~set) !== 0) continue;
        missing--;
        break;
      }
    }
    if (missing > 0) return false;
  }
  return true;
}

/** The variables of each monomial of highest degree, as bit masks. */
function leadingVariables(terms: readonly (readonly number[])[]): number[] {
  const degrees = terms.map((term) => term.reduce((sum, exponent) => sum + exponent, 0));
  const degree = Math.max(...degrees);
  const masks = terms.flatMap((term, k) =>
    degrees[k] === degree
      ? [term.reduce((mask, exponent, j) => (exponent > 0 ? mask | (1 << j) : mask), 0)]
      : [],
  );
  return [...new Set(masks)];
}
