/**
 * A homotopy as instructions over registers: recorded once (record-homotopy.ts), translated by every back end.
 *
 * A register holds one complex number. In the order of their numbers: the N coordinates of the point, the constants
 * 1 and 0, three numbers that depend on s alone, the coefficients of F at s, their slopes, the coefficients of G, and
 * what instructions compute, one register each. A translator turns instructions into its kind of arithmetic and knows
 * nothing else: neither what a start system is nor how a family moves.
 *
 * Two programs belong to a homotopy, run at different rates:
 *   the coefficient program, once a step: `rules` give the coefficients c(s), and their slopes, from the data;
 *   the instructions, once a Newton iteration: H, its Jacobian and -dH/ds, all multiplied by the same number.
 *
 * From a start system H = (1 - s) F + s G is divided by 1 - s: with sigma = s / (1 - s) Newton's equation
 * (dF + sigma dG) dx = -(F + sigma G) has the same solution, entries where G has no derivative need no blending,
 * and nothing is lost at s = 1, where 1 / (1 - s) is cut.
 *
 * In a family the parameters move along p(s) = p1 + tau(s) (p0 - p1), tau = gamma s / (1 + (gamma - 1) s), and the
 * coefficients with them: each is a polynomial in tau (Morgan & Sommese 1989; Sommese & Wampler, ch. 7).
 *
 * In a polyhedral homotopy every coefficient is c exp(p s): its power of t along log t (cell-homotopy.ts).
 */

/** left * right, or -left * right. */
export interface Term {
  readonly left: number;
  /** The register of the constant 1 where there is nothing to multiply by. */
  readonly right: number;
  readonly negative: boolean;
}

/** register = (sum of terms) * times / over */
export interface Instruction {
  readonly terms: readonly Term[];
  readonly times: number;
  readonly over: number;
}

/**
 * How a coefficient of F follows from the data: data[first..first + degree] are its Bernstein coefficients in tau, so that
 * both ends are exact however different their sizes are; its slope is dc/dtau. Degree 0 is a coefficient that stays.
 */
export interface CoefficientRule {
  readonly first: number;
  readonly degree: number;
  /** Of a polyhedral homotopy alone: the coefficient is data[first] exp(data[power] s), where data[power] is real. */
  readonly power?: number;
}

/** Which two numbers depend on s: sigma and 1 / (1 - s), or tau and -dtau/ds, or none and -1. */
export type StepKind = 'start' | 'parameters' | 'powers';

export interface JacobianEntry {
  readonly coordinate: number;
  readonly register: number;
}

export interface Program {
  /** n */
  readonly equations: number;
  /** N */
  readonly coordinates: number;
  /** First registers; the coordinates begin at 0. */
  readonly one: number;
  readonly zero: number;
  /** sigma or tau; the next are 1 / (1 - s) or -dtau/ds, and in a family 1 - tau. */
  readonly step: number;
  readonly coefficients: number;
  readonly slopes: number;
  readonly starts: number;
  readonly temporaries: number;
  /** Registers in all. */
  readonly registers: number;
  readonly stepKind: StepKind;
  /** One per coefficient of F. */
  readonly rules: readonly CoefficientRule[];
  /** Coefficients that have a slope, in the order of the slopes' registers. */
  readonly moving: readonly number[];
  /** Highest degree of a rule. */
  readonly degree: number;
  /** Complex numbers of data of F: all members of a family share everything but these. */
  readonly data: number;
  /** All coefficients of F are real: products with them cost half. */
  readonly real: boolean;
  readonly instructions: readonly Instruction[];
  /** Registers of H (or F), one per equation. */
  readonly values: readonly number[];
  /** Registers of -dH/ds; of 0 in a program of F alone. */
  readonly derivatives: readonly number[];
  /** Entries of row i that may differ from 0. */
  readonly jacobian: readonly (readonly JacobianEntry[])[];
}
