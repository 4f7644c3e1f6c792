/**
 * The first homotopy of a polyhedral start as a program of its own kind: sum of c_a t^w(a) x^a with log t = reach * s, s from
 * 1 to 0 as everywhere (cell-start.ts says where it begins). It has the instructions of the second homotopy, whose family
 * has every coefficient as a parameter; what differs is where coefficients come from: c exp(p s), p = reach * w.
 *
 * All cells share the structure; a cell's data are the c, which are the same for all, and its p.
 */
import type { Homotopy, HomotopyStructure } from './homotopy.js';

/** @param family of `coefficientHomotopies`. */
export function cellStructure(family: HomotopyStructure): HomotopyStructure {
  const { program, target, ruleTerms, terms } = family;
  const coefficients = ruleTerms.length;
  const rules = ruleTerms.map((term, k) => ({ first: k, degree: 1, power: coefficients + term }));
  return {
    ...family,
    program: { ...program, stepKind: 'powers', rules, data: coefficients + terms.flat().length },
    target: {
      ...target,
      stepKind: 'powers',
      rules: rules.map(({ first }) => ({ first, degree: 0 })),
      data: coefficients,
    },
  };
}

/**
 * Data of a cell.
 *
 * @param general the general system as the target of its family's homotopy.
 * @param powers of t: [equation][term].
 * @param reach log t at s = 1, below 0.
 * @returns interleaved.
 */
export function cellData(
  { structure, targetCoefficients }: Homotopy,
  powers: readonly Float64Array[],
  reach: number,
): Float64Array {
  const { rules } = structure.program;
  const data = new Float64Array(2 * (rules.length + structure.terms.flat().length));
  rules.forEach(({ first }, k) =>
    data.set(targetCoefficients.subarray(2 * first, 2 * first + 2), 2 * k),
  );
  let at = 2 * rules.length;
  for (const ofEquation of powers) {
    for (const power of ofEquation) {
      data[at] = reach * power;
      at += 2;
    }
  }
  return data;
}
