/**
 * Units of the unknowns: x_j = 2^u_j y_j, and equations times powers of two, so that the coefficients of
 * the system in y are as near to 1 as they can be.
 *
 * Without it x^6 = 10^12 loses all its solutions: what a tracker calls far away, small or equal is
 * measured in units of 1. Multiplying by powers of two is exact, so the scaled system is the same
 * system, and its solutions times 2^u_j are the solutions asked for, to the last bit.
 *
 * u minimises sum over all terms of (log2 |c| + <e, u> + v_i)^2, with v_i free for every equation, by
 * least squares (the objective of SCLGEN, Morgan 1987, without its second term, which changed u by
 * one or two and no count); a small ridge keeps apart what no coefficient tells apart.
 */
import { solvePositiveDefinite } from '../math/positive-definite.js';
import { SystemError } from './errors.js';
import type { NumericPolynomial, NumericSystem } from './system.js';

/** Relative to the mean diagonal of the normal equations. */
const RIDGE = 1e-3;
/** An equation whose largest coefficient is within 2^-3 .. 2^4 stays: coefficients +-1 cost nothing. */
const TOLERATED_EXPONENT = 3;
/** Other units than those that are in use must be this many powers of two away to be worth a change. */
const WORTH_CHANGING = 3;
/** By how many powers of two other units must move terms against one another to be worth a change. */
const WORTH_OTHER_UNITS = 6;
/** Terms this many powers of two below their equation's largest, in fitted units, are left out of the next fit. */
const OUTLIER_EXPONENT = 32;
const OUTLIER_PASSES = 2;
/** Below 2^-1022 f64 loses digits. */
const SMALLEST_EXPONENT = -1022;
const LONGEST_STEP = 1000;

/** Exponents u of the units 2^u_j of the unknowns. */
export type Units = Int32Array;

/**
 * The best units where they matter, else those of whoever wrote the system: where no two terms of an equation change
 * by a factor of more than 64 against one another the coefficients' sizes know no better. The 12,225 paths of network
 * s8 took 1.6 times as long in units of 1/2 and 1/8 (2026-11-27).
 */
export function chooseUnitsIfBetter(system: NumericSystem): Units {
  const best = chooseUnits(system);
  const isBetter = system.equations.some((equation) => {
    const shifts = termShifts(equation, best);
    return Math.max(...shifts) - Math.min(...shifts) > WORTH_OTHER_UNITS;
  });
  return isBetter ? best : new Int32Array(system.variables.length);
}

/**
 * The best units of the unknowns.
 *
 * @param near units in use: returned as they are when none of the best is more than a factor 8 away.
 */
export function chooseUnits(system: NumericSystem, near?: Units): Units {
  let units = fitUnits(system, null);
  // A mean of 1e-17 that ought to be 0 says nothing of units.
  for (let pass = 0; units && pass < OUTLIER_PASSES; pass += 1)
    units = fitUnits(system, units) ?? units;
  if (!units) return near ?? new Int32Array(system.variables.length);
  const best = units;
  return near?.every((unit, j) => Math.abs(unit - best[j]!) <= WORTH_CHANGING) ? near : best;
}

/** @param known units in which the terms that are far too small to matter are left out. */
function fitUnits(system: NumericSystem, known: Units | null): Units | null {
  const n = system.variables.length;
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (const equation of system.equations) addEquation(equation, n, normal, right, known);
  let trace = 0;
  for (let j = 0; j < n; j += 1) trace += normal[j * n + j]!;
  if (!(trace > 0)) return null;
  for (let j = 0; j < n; j += 1) normal[j * n + j]! += (RIDGE * trace) / n;
  return Int32Array.from(solvePositiveDefinite(normal, right), (value) => Math.round(value));
}

/** With v_i eliminated: exponents and logarithms are taken relative to their means over the equation. */
function addEquation(
  { exponents, coefficients }: NumericPolynomial,
  n: number,
  normal: Float64Array,
  right: Float64Array,
  known: Units | null,
): void {
  const shifts = known ? termShifts({ exponents, coefficients }, known) : null;
  const largest = shifts
    ? shifts.reduce(
        (most, shift, term) => Math.max(most, shift + logModulus(coefficients, term)),
        -Infinity,
      )
    : 0;
  const terms: { readonly exponents: readonly number[]; readonly log: number }[] = [];
  exponents.forEach((each, term) => {
    const log = logModulus(coefficients, term);
    const isOutlier = shifts !== null && shifts[term]! + log < largest - OUTLIER_EXPONENT;
    if (log > -Infinity && !isOutlier) terms.push({ exponents: each, log });
  });
  const mean = (value: (term: (typeof terms)[number]) => number) =>
    terms.reduce((sum, term) => sum + value(term), 0) / terms.length;
  const meanLog = mean(({ log }) => log);
  // An equation has few of a large system's unknowns.
  const active: number[] = [];
  for (let j = 0; j < n; j += 1) {
    if (terms.some((term) => term.exponents[j]! > 0)) active.push(j);
  }
  const means = active.map((j) => mean((term) => term.exponents[j]!));
  for (const term of terms) {
    const centred = active.map((j, a) => term.exponents[j]! - means[a]!);
    active.forEach((j, a) => {
      if (centred[a] === 0) return;
      right[j]! -= centred[a]! * (term.log - meanLog);
      active.forEach((k, b) => {
        normal[j * n + k]! += centred[a]! * centred[b]!;
      });
    });
  }
}

/** log2 of the modulus, roughly (the larger part); -Infinity for 0. */
function logModulus(coefficients: Float64Array, term: number): number {
  return Math.log2(
    Math.max(Math.abs(coefficients[2 * term]!), Math.abs(coefficients[2 * term + 1]!)),
  );
}

/** What a system is multiplied by: x_j = 2^units[j] y_j, and equation i times 2^equations[i]. */
export interface Scaling {
  readonly units: Units;
  readonly equations: Int32Array;
}

/** Given units, the powers of two with which every equation's largest coefficient is near 1. */
export function chooseScaling(system: NumericSystem, units: Units): Scaling {
  const equations = Int32Array.from(system.equations, (equation) => {
    const shifts = termShifts(equation, units);
    const largest = shifts.reduce(
      (most, shift, term) => Math.max(most, shift + logModulus(equation.coefficients, term)),
      -Infinity,
    );
    const excess = Math.floor(largest);
    return Math.abs(excess) > TOLERATED_EXPONENT ? -excess : 0;
  });
  return { units, equations };
}

/**
 * The same system in y, with its equations scaled. Exact, but for a part of a complex coefficient that is
 * 2^1022 times smaller than the equation's largest.
 *
 * @throws SystemError code coefficient when the coefficients of an equation differ by so much that f64
 *   cannot hold them side by side.
 */
export function scaleSystem(system: NumericSystem, { units, equations }: Scaling): NumericSystem {
  return {
    variables: system.variables,
    equations: system.equations.map((equation, i) =>
      scaleEquation(equation, units, equations[i]!, `equation ${i + 1}`),
    ),
  };
}

/** Every equation scaled by a power of two so that its largest coefficient is near 1; the unknowns stay. */
export function scaleEquations(system: NumericSystem): NumericSystem {
  return scaleSystem(system, chooseScaling(system, new Int32Array(system.variables.length)));
}

function termShifts({ exponents }: NumericPolynomial, units: Units): number[] {
  return exponents.map((each) => each.reduce((sum, exponent, j) => sum + exponent * units[j]!, 0));
}

function scaleEquation(
  equation: NumericPolynomial,
  units: Units,
  common: number,
  label: string,
): NumericPolynomial {
  const { exponents, coefficients, low } = equation;
  const shifts = termShifts(equation, units);
  if (common === 0 && shifts.every((shift) => shift === 0)) return equation;
  const scaled = coefficients.map((part, k) => shiftExponent(part, shifts[k >> 1]! + common));
  shifts.forEach((_, term) => {
    const before = logModulus(coefficients, term);
    if (before > SMALLEST_EXPONENT && !(logModulus(scaled, term) > SMALLEST_EXPONENT)) {
      throw new SystemError(
        'coefficient',
        `${label} has coefficients that differ by more than a factor 2^1000 in any reasonable units of the unknowns: leave out the terms that do not matter`,
      );
    }
  });
  if (!low) return { exponents, coefficients: scaled };
  return {
    exponents,
    coefficients: scaled,
    low: low.map((part, k) => {
      const shifted = shiftExponent(part, shifts[k >> 1]! + common);
      // A part is 0 only when nothing was rounded.
      return shifted === 0 ? Math.sign(part) * Number.MIN_VALUE : shifted;
    }),
  };
}

/** value * 2^shift, rounded once. In steps, because 2^1074 alone overflows, and the smallest one first: what
 * is subnormal after a whole step is 0 after the next. */
export function shiftExponent(value: number, shift: number): number {
  const step = shift < 0 ? -LONGEST_STEP : LONGEST_STEP;
  let out = value * 2 ** (shift % LONGEST_STEP);
  for (let left = Math.trunc(shift / LONGEST_STEP); left !== 0; left -= Math.sign(left)) {
    if (out === 0 || !Number.isFinite(out)) return out;
    out *= 2 ** step;
  }
  return out;
}
