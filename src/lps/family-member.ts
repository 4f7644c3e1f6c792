/**
 * One member of a network family as a polynomial system: exact, or f64 from a table.
 *
 * All members share their supports, so a solver compiles the family once: `compileFamily` keeps
 * coefficient_term = constant_term + sum of table entries * parameters and fills a new
 * coefficient vector per data set in microseconds. Parameters may be complex: the generic member
 * that a parameter homotopy starts from is one.
 */
import Fraction from 'fraction.js';
import { rationalToNumber } from '../math/rational.js';
import { createSystem } from '../polynomial/canonical.js';
import { exactReal } from '../polynomial/exact.js';
import type { NumericSystem, PolynomialSystem, Term } from '../polynomial/system.js';
import type { FamilyPoint } from './moments.js';
import { CONSTANT, type FamilyTerm, type NetworkFamily } from './network-family.js';

/**
 * The stationarity system grad J = 0 of one data set, with exact coefficients.
 *
 * @param point parameters as rationals (exactFamilyPoint) or as the f64 they are
 * @throws SystemError when an equation vanishes identically for this data (all targets and lambda zero)
 */
export function stationaritySystem(
  family: NetworkFamily,
  point: FamilyPoint<Fraction>,
  name: string,
): PolynomialSystem {
  return createSystem({
    name,
    variables: family.layout.variables,
    polynomials: family.gradient.map((terms) => exactTerms(terms, point)),
    labels: family.layout.variables.map((variable) => `the derivative by ${variable}`),
  });
}

function exactTerms(terms: readonly FamilyTerm[], point: FamilyPoint<Fraction>): Term[] {
  return terms.map(({ exponents, parts }) => ({
    exponents,
    coefficient: exactReal(
      parts.reduce(
        (sum, { parameter, coefficient }) =>
          sum.add(
            parameter === CONSTANT
              ? coefficient
              : coefficient.mul(point.parameters[parameter] as Fraction),
          ),
        new Fraction(0),
      ),
    ),
  }));
}

/** Coefficients of a list of polynomials as affine functions of the parameters, in f64. */
export interface CompiledPolynomials {
  /** [polynomial][term] exponents, shared by all members. */
  readonly exponents: readonly (readonly (readonly number[])[])[];
  /** Terms of polynomial p are rows rowStart[p] .. rowStart[p+1] - 1 of the table. */
  readonly rowStart: readonly number[];
  /** Value of every row when all parameters are zero. */
  readonly constants: Float64Array;
  /** Entries of row r are entryStart[r] .. entryStart[r+1] - 1. */
  readonly entryStart: Uint32Array;
  readonly entryParameter: Uint32Array;
  readonly entryFactor: Float64Array;
}

/** Prepares the table of a list of polynomials of the family (its gradient, or its loss). */
export function compileFamily(polynomials: readonly (readonly FamilyTerm[])[]): CompiledPolynomials {
  const rows = polynomials.flat();
  const entries = rows.map(({ parts }) => parts.filter(({ parameter }) => parameter !== CONSTANT));
  const entryStart = new Uint32Array(rows.length + 1);
  entries.forEach((list, row) => {
    entryStart[row + 1] = (entryStart[row] as number) + list.length;
  });
  const rowStart = [0];
  for (const terms of polynomials) {
    rowStart.push((rowStart.at(-1) as number) + terms.length);
  }
  return {
    exponents: polynomials.map((terms) => terms.map(({ exponents }) => exponents)),
    rowStart,
    constants: Float64Array.from(rows, ({ parts }) =>
      parts.reduce(
        (sum, { parameter, coefficient }) =>
          parameter === CONSTANT ? sum + rationalToNumber(coefficient) : sum,
        0,
      ),
    ),
    entryStart,
    entryParameter: Uint32Array.from(entries.flat(), ({ parameter }) => parameter),
    entryFactor: Float64Array.from(entries.flat(), ({ coefficient }) => rationalToNumber(coefficient)),
  };
}

/**
 * All coefficients of one member, row by row of the table.
 *
 * @param parameters interleaved re, im: length 2 * parameters of the family
 * @returns interleaved re, im: length 2 * rows
 */
export function memberCoefficients(
  compiled: CompiledPolynomials,
  parameters: Float64Array,
): Float64Array {
  const { constants, entryStart, entryParameter, entryFactor } = compiled;
  const coefficients = new Float64Array(2 * constants.length);
  for (let row = 0; row < constants.length; row++) {
    let re = constants[row] as number;
    let im = 0;
    for (let entry = entryStart[row] as number; entry < (entryStart[row + 1] as number); entry++) {
      const factor = entryFactor[entry] as number;
      const parameter = 2 * (entryParameter[entry] as number);
      re += factor * (parameters[parameter] as number);
      im += factor * (parameters[parameter + 1] as number);
    }
    coefficients[2 * row] = re;
    coefficients[2 * row + 1] = im;
  }
  return coefficients;
}

/** A member as the trackers consume it; terms that happen to vanish keep their place. */
export function numericMember(
  variables: readonly string[],
  compiled: CompiledPolynomials,
  parameters: Float64Array,
): NumericSystem {
  const coefficients = memberCoefficients(compiled, parameters);
  return {
    variables,
    equations: compiled.exponents.map((exponents, polynomial) => ({
      exponents,
      coefficients: coefficients.subarray(
        2 * (compiled.rowStart[polynomial] as number),
        2 * (compiled.rowStart[polynomial + 1] as number),
      ),
    })),
  };
}

/** Real parameters in the interleaved form. */
export function complexParameters(parameters: readonly number[]): Float64Array {
  const interleaved = new Float64Array(2 * parameters.length);
  parameters.forEach((value, index) => (interleaved[2 * index] = value));
  return interleaved;
}
