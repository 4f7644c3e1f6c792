/**
 * The homotopy H(x, s), s from 1 (start system G, or the solved member of a family) to 0 (target F), in a product of
 * projective spaces.
 *
 * gamma is folded into G's coefficients and the result is rounded to f32, so that the f32 kernels and the f64 stage
 * track the very same homotopy. Everything that a seed or a parameter changes (`startCoefficients`,
 * `targetCoefficients`) is data; everything else is structure, from which code is generated once. (Sommese &
 * Wampler, ch. 8; Morgan & Sommese 1987 for the patches.)
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import { scaleEquations } from '../../polynomial/scaling.js';
import type { NumericSystem } from '../../polynomial/system.js';
import type { StartCoefficients, StartPlan } from '../start/index.js';
import type { Program } from './program.js';
import { recordHomotopyStepwise, type StartForm } from './record-homotopy.js';
import { deriveData, homogeneousTerms, type SystemOptions } from './record-system.js';

export type { StartFactor, StartForm } from './record-homotopy.js';

/** What code is generated from: nothing here depends on a seed or on a parameter value. */
export interface HomotopyStructure {
  /** n equations in n variables. */
  readonly variables: number;
  /** N = n + number of groups. */
  readonly coordinates: number;
  /** Coordinates of each projective group, its homogenising coordinate (n + g) last. */
  readonly groups: readonly (readonly number[])[];
  /** Group of each coordinate. */
  readonly groupOf: readonly number[];
  /** H, its Jacobian and -dH/ds. */
  readonly program: Program;
  /** The (multi)homogenised F and its Jacobian. */
  readonly target: Program;
  /** [equation][term][coordinate] exponents of the homogenised F, for what is asked of its single terms. */
  readonly terms: readonly (readonly (readonly number[])[])[];
  /** Term of each coefficient of the program, counted through all equations. */
  readonly ruleTerms: readonly number[];
  readonly start: StartForm;
}

/** What a seed, a member of a family or a data set changes. */
export interface HomotopyCoefficients {
  /** Data of F, interleaved re, im (see `CoefficientRule`); equations scaled by powers of two. */
  readonly targetCoefficients: Float64Array;
  /** Their low parts: the exact coefficients to 32 digits. */
  readonly targetLow: Float64Array;
  /** The coefficients of F itself, equation by equation, in the order of `structure.terms`. */
  readonly termCoefficients: Float64Array;
  /** Coefficients of gamma G, every one exact in f32; of a family gamma itself. */
  readonly startCoefficients: Float64Array;
}

export interface Homotopy extends HomotopyCoefficients {
  readonly structure: HomotopyStructure;
}

/**
 * Homotopy from a linear-product (or total-degree, or multihomogeneous) start system.
 *
 * @param system the target, n polynomials in n variables.
 * @param plan structure that supports the system.
 * @param coefficients from `startCoefficients(plan, seed)`; gamma from `gammaOf(seed)`.
 */
export function startHomotopy(
  system: NumericSystem,
  plan: StartPlan,
  coefficients: StartCoefficients,
  gamma: readonly [number, number],
): Homotopy {
  return atOnce(startHomotopyStepwise(system, plan, coefficients, gamma));
}

/** The same, step by step. */
export function* startHomotopyStepwise(
  system: NumericSystem,
  plan: StartPlan,
  coefficients: StartCoefficients,
  gamma: readonly [number, number],
): Stepwise<Homotopy> {
  const n = system.variables.length;
  const scaled = scaleEquations(system);
  const groupOfVariable = new Array<number>(n).fill(0);
  plan.groups.forEach((group, g) => group.forEach((variable) => (groupOfVariable[variable] = g)));
  const degrees = plan.structure.map((sets) => {
    const row = new Array<number>(plan.groups.length).fill(0);
    sets.forEach((set) => (row[groupOfVariable[set[0]!]!]! += 1));
    return row;
  });
  const start: StartForm = plan.univariate
    ? { kind: 'univariate', degrees: plan.structure.map((sets) => sets.length) }
    : {
        kind: 'product',
        factors: plan.structure.map((sets, i) =>
          sets.map((set, j) => ({
            coordinates: [n + groupOfVariable[set[0]!]!, ...set],
            offset: coefficients.offsets[i]![j]!,
          })),
        ),
      };
  const options = { degrees, groups: plan.groups };
  const to = yield* homotopyTo(scaled, start, options);
  return to([scaled], foldGamma(plan, coefficients, gamma));
}

/**
 * Parameter homotopies: from one member of a family (all its isolated solutions known) to others.
 *
 * H stays in the family only if both ends have their equations scaled alike: equations that share a
 * parameter must move alike. Callers scale, with one scaling for all members.
 *
 * @param member any member: its exponents count, and their order.
 * @param parameterDegrees [equation][term] degree of each coefficient in the parameters.
 * @param degrees [equation][group] degrees of the projective closure; `groups` its variables.
 * @returns the homotopy along a line (see `memberLine`) to the member line[0]; all share one structure.
 */
export function parameterHomotopies(
  member: NumericSystem,
  parameterDegrees: readonly (readonly number[])[],
  groups: readonly (readonly number[])[],
  degrees: readonly (readonly number[])[],
  gamma: readonly [number, number],
): (line: readonly NumericSystem[]) => Homotopy {
  return atOnce(parameterHomotopiesStepwise(member, parameterDegrees, groups, degrees, gamma));
}

function* parameterHomotopiesStepwise(
  member: NumericSystem,
  parameterDegrees: readonly (readonly number[])[],
  groups: readonly (readonly number[])[],
  degrees: readonly (readonly number[])[],
  gamma: readonly [number, number],
): Stepwise<(line: readonly NumericSystem[]) => Homotopy> {
  const options = { degrees, groups, parameterDegrees };
  const to = yield* homotopyTo(member, { kind: 'parameters' }, options);
  const startCoefficients = Float64Array.from(gamma);
  return (line) => to(line, startCoefficients);
}

/**
 * The same in the family of all systems with these monomials: every coefficient is a parameter.
 *
 * @returns the homotopy from `from` to another system with the same exponents in the same order.
 */
export function coefficientHomotopies(
  from: NumericSystem,
  groups: readonly (readonly number[])[],
  degrees: readonly (readonly number[])[],
  gamma: readonly [number, number],
): (to: NumericSystem) => Homotopy {
  return atOnce(coefficientHomotopiesStepwise(from, groups, degrees, gamma));
}

/** The same, step by step. */
export function* coefficientHomotopiesStepwise(
  from: NumericSystem,
  groups: readonly (readonly number[])[],
  degrees: readonly (readonly number[])[],
  gamma: readonly [number, number],
): Stepwise<(to: NumericSystem) => Homotopy> {
  const family = yield* coefficientFamilyStepwise(from, groups, degrees);
  return family(from, gamma);
}

/** Homotopies between any two systems with the same exponents in the same order. */
export type CoefficientFamily = (
  from: NumericSystem,
  gamma: readonly [number, number],
) => (to: NumericSystem) => Homotopy;

/** All of them share what is recorded here, whatever their coefficients. */
export function* coefficientFamilyStepwise(
  member: NumericSystem,
  groups: readonly (readonly number[])[],
  degrees: readonly (readonly number[])[],
): Stepwise<CoefficientFamily> {
  const parameterDegrees = member.equations.map(({ exponents }) => exponents.map(() => 1));
  const along = yield* homotopyTo(
    member,
    { kind: 'parameters' },
    { degrees, groups, parameterDegrees },
  );
  return (from, gamma) => {
    const startCoefficients = Float64Array.from(gamma);
    return (to) => along([to, from], startCoefficients);
  };
}

/** Records the structure; what is returned adds the coefficients. */
function* homotopyTo(
  system: NumericSystem,
  start: StartForm,
  options: SystemOptions,
): Stepwise<(line: readonly NumericSystem[], startCoefficients: Float64Array) => Homotopy> {
  const { program, target, derived } = yield* recordHomotopyStepwise(system, start, options);
  yield;
  const { groups } = options;
  const n = system.variables.length;
  const groupOf = new Array<number>(n + groups.length).fill(0);
  groups.forEach((group, g) => {
    group.forEach((variable) => (groupOf[variable] = g));
    groupOf[n + g] = g;
  });
  let terms = 0;
  const firstTerms = system.equations.map(
    ({ exponents }) => (terms += exponents.length) - exponents.length,
  );
  const structure: HomotopyStructure = {
    variables: n,
    coordinates: n + groups.length,
    groups: groups.map((group, g) => [...group, n + g]),
    groupOf,
    program,
    target,
    terms: homogeneousTerms(system, options),
    ruleTerms: derived.map(({ equation, term }) => firstTerms[equation]! + term),
    start,
  };
  return (line, startCoefficients) => {
    const { high, low } = deriveData({ derived, rules: program.rules }, line);
    return {
      structure,
      targetCoefficients: high,
      targetLow: low,
      termCoefficients: Float64Array.from(
        line[0]!.equations.flatMap(({ coefficients }) => Array.from(coefficients)),
      ),
      startCoefficients,
    };
  };
}

/** gamma multiplies the first factor of each product (or both terms of a univariate equation). */
function foldGamma(
  plan: StartPlan,
  coefficients: StartCoefficients,
  gamma: readonly [number, number],
): Float64Array {
  const [gr, gi] = gamma;
  const { values } = coefficients;
  if (plan.univariate) {
    const out = new Float64Array(4 * plan.structure.length);
    plan.structure.forEach((_, i) => {
      const at = 2 * coefficients.offsets[i]![0]!;
      const cr = values[at]!;
      const ci = values[at + 1]!;
      out.set([gr, gi, -(gr * cr - gi * ci), -(gr * ci + gi * cr)].map(Math.fround), 4 * i);
    });
    return out;
  }
  const out = values.map(Math.fround);
  plan.structure.forEach((sets, i) => {
    const first = coefficients.offsets[i]![0]!;
    const scale = plan.kind === 'multihomogeneous' ? formScale(sets) : 1;
    for (let k = first; k <= first + sets[0]!.length; k++) {
      const cr = scale * values[2 * k]!;
      const ci = scale * values[2 * k + 1]!;
      out[2 * k] = Math.fround(gr * cr - gi * ci);
      out[2 * k + 1] = Math.fround(gr * ci + gi * cr);
    }
  });
  return out;
}

/**
 * Power of two that gives the linear forms of a product unit norm, so that G weighs as much as F.
 *
 * Solves per path, 500 paths, 2026-11-23: the 1-2-1 network 568 -> 455, 1-1-1 457 -> 264, rbpl
 * 227 -> 252; general linear products lose 5% and are left alone.
 */
function formScale(sets: readonly (readonly number[])[]): number {
  const logNorm = sets.reduce((sum, set) => sum + 0.5 * Math.log2(set.length + 1), 0);
  return 2 ** -Math.round(logNorm);
}
