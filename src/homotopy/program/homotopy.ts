/**
 * The homotopy H(x, s) = s G(x) + (1 - s) F(x), s from 1 (start system G) to 0 (target F), in a
 * product of projective spaces.
 *
 * gamma is folded into G's coefficients and the result is rounded to f32, so that the f32 kernels
 * and the f64 tier track the very same homotopy. Everything that a seed or a parameter changes
 * (`startCoefficients`, `targetCoefficients`) is data; everything else is structure, from which
 * code is generated once. (spec: Sommese & Wampler, ch. 8; Morgan & Sommese 1987 for the patches.)
 */
import { scaleEquations } from '../../polynomial/scaling.js';
import type { NumericSystem } from '../../polynomial/system.js';
import {
  deriveCoefficients,
  homogeneousTerms,
  planEvaluation,
  type EvaluationOptions,
  type EvaluationPlan,
} from './evaluation.js';
import type { StartPlan } from '../start/index.js';

/** One linear form of the start system in projective coordinates. */
export interface StartFactor {
  /** Coordinates that occur; the homogenising coordinate of the factor's group comes first. */
  readonly coordinates: readonly number[];
  /** Index (in complex numbers) of its first coefficient in `startCoefficients`. */
  readonly offset: number;
}

export type StartForm =
  /** G_i = a_i x_i^d_i + b_i x_0^d_i; coefficients a_i, b_i at 2 i and 2 i + 1. */
  | { readonly kind: 'univariate'; readonly degrees: readonly number[] }
  /** G_i = product of linear forms, never expanded. */
  | { readonly kind: 'product'; readonly factors: readonly (readonly StartFactor[])[] }
  /** G = another member of the family: same program, other derived coefficients. */
  | { readonly kind: 'parameters' };

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
  /** Program for the (multi)homogenised target F and its Jacobian. */
  readonly target: EvaluationPlan;
  /** [equation][term][coordinate] exponents of the homogenised F, for what is asked of its single terms. */
  readonly terms: readonly (readonly (readonly number[])[])[];
  readonly start: StartForm;
}

/** What a seed, a member of a family or a data set changes. */
export interface HomotopyCoefficients {
  /** Derived coefficients of F, interleaved re, im; equations scaled by powers of two. */
  readonly targetCoefficients: Float64Array;
  /** Their low parts: the exact coefficients to 32 digits. */
  readonly targetLow: Float64Array;
  /** The coefficients of F itself, equation by equation, in the order of `structure.terms`. */
  readonly termCoefficients: Float64Array;
  /** Coefficients of gamma G, every one exact in f32 (except for parameter homotopies). */
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
  coefficients: { readonly values: Float64Array; readonly offsets: readonly (readonly number[])[] },
  gamma: readonly [number, number],
): Homotopy {
  const n = system.variables.length;
  const scaled = scaleEquations(system);
  const groupOfVariable = new Array<number>(n).fill(0);
  plan.groups.forEach((group, g) => group.forEach((variable) => (groupOfVariable[variable] = g)));
  const degrees = plan.structure.map((sets) => {
    const row = new Array<number>(plan.groups.length).fill(0);
    sets.forEach((set) => (row[groupOfVariable[set[0]!]!]! += 1));
    return row;
  });
  const options: EvaluationOptions = {
    degrees,
    groups: plan.groups,
    unitCoefficients: true,
    directValues: false,
  };
  const target = planEvaluation(scaled, options);
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
  return {
    structure: {
      ...projective(n, plan.groups),
      target,
      terms: homogeneousTerms(scaled, options),
      start,
    },
    ...targetOf(target, scaled),
    startCoefficients: foldGamma(plan, coefficients, gamma),
  };
}

/**
 * Parameter homotopies: from one member of a family (all its isolated solutions known) to others.
 *
 * H stays in the family only if both ends have their equations scaled alike: equations that share a
 * parameter must blend it alike. Callers scale, with one scaling for all members.
 *
 * @param from the solved member.
 * @param degrees [equation][group] degrees of the projective closure; `groups` its variables.
 * @returns the homotopy to a member with the same monomials in the same order; all share one structure.
 */
export function parameterHomotopies(
  from: NumericSystem,
  groups: readonly (readonly number[])[],
  degrees: readonly (readonly number[])[],
  gamma: readonly [number, number],
): (to: NumericSystem) => Homotopy {
  const options: EvaluationOptions = {
    degrees,
    groups,
    unitCoefficients: false,
    directValues: true,
  };
  const plan = planEvaluation(from, options);
  const startCoefficients = deriveCoefficients(plan, from).high;
  for (let k = 0; k < startCoefficients.length; k += 2) {
    const re = startCoefficients[k]!;
    const im = startCoefficients[k + 1]!;
    startCoefficients[k] = gamma[0] * re - gamma[1] * im;
    startCoefficients[k + 1] = gamma[0] * im + gamma[1] * re;
  }
  const structure: HomotopyStructure = {
    ...projective(from.variables.length, groups),
    target: plan,
    terms: homogeneousTerms(from, options),
    start: { kind: 'parameters' },
  };
  return (to) => ({
    structure,
    ...targetOf(plan, to),
    startCoefficients,
  });
}

function targetOf(plan: EvaluationPlan, system: NumericSystem) {
  const { high, low } = deriveCoefficients(plan, system);
  return {
    targetCoefficients: high,
    targetLow: low,
    termCoefficients: Float64Array.from(
      system.equations.flatMap(({ coefficients }) => Array.from(coefficients)),
    ),
  };
}

function projective(n: number, groups: readonly (readonly number[])[]) {
  const groupOf = new Array<number>(n + groups.length).fill(0);
  groups.forEach((group, g) => {
    group.forEach((variable) => (groupOf[variable] = g));
    groupOf[n + g] = g;
  });
  return {
    variables: n,
    coordinates: n + groups.length,
    groups: groups.map((group, g) => [...group, n + g]),
    groupOf,
  };
}

/** gamma multiplies the first factor of each product (or both terms of a univariate equation). */
function foldGamma(
  plan: StartPlan,
  coefficients: { readonly values: Float64Array; readonly offsets: readonly (readonly number[])[] },
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
