/**
 * The start solution of a path id, in f64, and the check that it is a safe place to start from.
 *
 * A product start solves n linear equations, one chosen factor per equation; a univariate start
 * takes a root of c_i in every coordinate. Nothing is stored: any path can be started, or started
 * again, from its id.
 */
import { modulus, solveComplexLinear } from '../../math/complex-linear.js';
import { StartSolutionError } from './product-structure.js';
import type { StartPlan } from './product-structure.js';
import type { StartCoefficients } from './start-coefficients.js';
import { unrank } from './start-table.js';
import type { StartTable } from './start-table.js';

/** A condition above this loses half of f64's digits in the solve. */
const LARGEST_CONDITION = 1e8;
/** An unchosen factor below this, relative to 1 + sum |x_k|, makes the start nearly singular in f32 (24 bits). */
const SMALLEST_FACTOR = 1e-6;

/**
 * The start solution of one path.
 *
 * @param id 0..paths-1
 * @returns n complex coordinates, interleaved re, im
 * @throws RangeError when id is out of range
 * @throws StartSolutionError when the chosen forms are singular in f64; redraw an equation
 */
export function startSolution(
  plan: StartPlan,
  table: StartTable,
  coefficients: StartCoefficients,
  id: number,
): Float64Array {
  const choice = unrank(table, id);
  if (plan.univariate) return rootsOfConstants(plan, coefficients, choice);
  const n = plan.structure.length;
  const matrix = chosenForms(plan, coefficients, choice, 1);
  if (solveComplexLinear(matrix, n, 1) === 0) throw new StartSolutionError(id);
  const solution = new Float64Array(2 * n);
  for (let row = 0; row < n; row++) {
    solution.set(matrix.subarray(2 * (row * (n + 1) + n), 2 * (row + 1) * (n + 1)), 2 * row);
  }
  return solution;
}

/** x_i = |c_i|^(1/d) exp(i (arg c_i + 2 pi k) / d). */
function rootsOfConstants(
  plan: StartPlan,
  coefficients: StartCoefficients,
  choice: Uint32Array,
): Float64Array {
  const solution = new Float64Array(2 * plan.structure.length);
  plan.structure.forEach((factors, equation) => {
    const degree = factors.length;
    const at = 2 * coefficients.offsets[equation]![0]!;
    const re = coefficients.values[at]!;
    const im = coefficients.values[at + 1]!;
    const modulus = Math.hypot(re, im) ** (1 / degree);
    const angle = (Math.atan2(im, re) + 2 * Math.PI * choice[equation]!) / degree;
    solution[2 * equation] = modulus * Math.cos(angle);
    solution[2 * equation + 1] = modulus * Math.sin(angle);
  });
  return solution;
}

/** [A | -constants | room for rightSides - 1 more columns], rows = equations. */
function chosenForms(
  plan: StartPlan,
  coefficients: StartCoefficients,
  choice: Uint32Array,
  rightSides: number,
): Float64Array {
  const n = plan.structure.length;
  const width = 2 * (n + rightSides);
  const matrix = new Float64Array(n * width);
  for (let equation = 0; equation < n; equation++) {
    const factor = choice[equation]!;
    let at = 2 * coefficients.offsets[equation]![factor]!;
    const row = equation * width;
    matrix[row + 2 * n] = -coefficients.values[at]!;
    matrix[row + 2 * n + 1] = -coefficients.values[at + 1]!;
    for (const variable of plan.structure[equation]![factor]!) {
      at += 2;
      matrix[row + 2 * variable] = coefficients.values[at]!;
      matrix[row + 2 * variable + 1] = coefficients.values[at + 1]!;
    }
  }
  return matrix;
}

/** How good one start solution is. */
export interface StartCheck {
  readonly ok: boolean;
  /** 1-norm condition of the chosen linear forms; 1 for a univariate start. */
  readonly condition: number;
  /** Smallest |L_ij(x)| / (1 + sum of |x_k| over its set) of the factors not chosen; Infinity when there is none. */
  readonly smallestFactor: number;
  /** The equation to redraw when not ok. */
  readonly equation: number;
}

/** Checks the start solution of one path. */
export function checkStartSolution(
  plan: StartPlan,
  table: StartTable,
  coefficients: StartCoefficients,
  id: number,
): StartCheck {
  if (plan.univariate) return { ok: true, condition: 1, smallestFactor: Infinity, equation: 0 };
  const n = plan.structure.length;
  const choice = unrank(table, id);
  const rightSides = 1 + n;
  const width = 2 * (n + rightSides);
  const matrix = chosenForms(plan, coefficients, choice, rightSides);
  for (let row = 0; row < n; row++) matrix[row * width + 2 * (n + 1 + row)] = 1;
  const columnNorm = (column: number): number => {
    let sum = 0;
    for (let row = 0; row < n; row++) {
      const at = row * width + 2 * column;
      sum += modulus(matrix[at]!, matrix[at + 1]!);
    }
    return sum;
  };
  const columns = Array.from({ length: n }, (_, column) => column);
  const norm = Math.max(...columns.map(columnNorm));
  if (solveComplexLinear(matrix, n, rightSides) === 0) {
    return { ok: false, condition: Infinity, smallestFactor: 0, equation: n - 1 };
  }
  // Column e of the inverse is how far the solution moves when equation e's form does.
  const sensitivities = columns.map((column) => columnNorm(n + 1 + column));
  const worst = sensitivities.indexOf(Math.max(...sensitivities));
  const condition = norm * sensitivities[worst]!;
  const solution = new Float64Array(2 * n);
  for (let row = 0; row < n; row++) {
    solution.set(matrix.subarray(row * width + 2 * n, row * width + 2 * n + 2), 2 * row);
  }
  const { value: smallestFactor, equation: nearest } = smallestUnchosen(
    plan,
    coefficients,
    choice,
    solution,
  );
  const wellConditioned = condition < LARGEST_CONDITION;
  return {
    ok: wellConditioned && smallestFactor > SMALLEST_FACTOR,
    condition,
    smallestFactor,
    equation: wellConditioned ? nearest : worst,
  };
}

function smallestUnchosen(
  plan: StartPlan,
  coefficients: StartCoefficients,
  choice: Uint32Array,
  solution: Float64Array,
): { value: number; equation: number } {
  let value = Infinity;
  let worst = 0;
  plan.structure.forEach((factors, equation) => {
    factors.forEach((set, factor) => {
      if (factor === choice[equation]) return;
      const form = evaluateForm(coefficients, equation, factor, set, solution);
      const relative = modulus(form.re, form.im) / form.scale;
      if (relative < value) {
        value = relative;
        worst = equation;
      }
    });
  });
  return { value, equation: worst };
}

/** L_ij(x), and 1 + sum |x_k| over the form's variables: the size its terms have. */
export function evaluateForm(
  coefficients: StartCoefficients,
  equation: number,
  factor: number,
  set: readonly number[],
  solution: Float64Array,
): { re: number; im: number; scale: number } {
  const { values } = coefficients;
  let at = 2 * coefficients.offsets[equation]![factor]!;
  let re = values[at]!;
  let im = values[at + 1]!;
  let scale = 1;
  for (const variable of set) {
    at += 2;
    const x = solution[2 * variable]!;
    const y = solution[2 * variable + 1]!;
    re += values[at]! * x - values[at + 1]! * y;
    im += values[at]! * y + values[at + 1]! * x;
    scale += modulus(x, y);
  }
  return { re, im, scale };
}
