/**
 * Systems for the tracker's tests, and an evaluator that shares nothing with the code under test:
 * it reads the parsed terms, multiplies powers out and solves Newton's equation by its own elimination.
 */
import { readFileSync } from 'node:fs';
import {
  createStartTable,
  gammaOf,
  startCoefficients,
  startSolution,
  type StartPlan,
} from '../../src/homotopy/start/index.js';
import { chooseStart, type StartKind } from '../../src/homotopy/start/index.js';
import { startHomotopy, type Homotopy } from '../../src/homotopy/program/homotopy.js';
import type { StartTable } from '../../src/homotopy/start/index.js';
import { toNumeric } from '../../src/polynomial/numeric.js';
import { parseSystem } from '../../src/polynomial/parse.js';
import type { NumericSystem } from '../../src/polynomial/system.js';

export interface Case {
  readonly system: NumericSystem;
  readonly plan: StartPlan;
  readonly table: StartTable;
  readonly homotopy: Homotopy;
  /** Affine start point of a path, f64, 2 n. */
  readonly start: (id: number) => Float64Array;
}

/** Text of the equations of test/data/systems/NAME.json. */
export function equations(name: string): string {
  const file = new URL(`../data/systems/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { equations: string[] }).equations.join('\n');
}

export function makeCase(text: string, start: StartKind, seed: number): Case {
  const parsed = parseSystem(text);
  const system = toNumeric(parsed);
  const plan = chooseStart(parsed, { start });
  const table = createStartTable(plan);
  const coefficients = startCoefficients(plan, seed);
  return {
    system,
    plan,
    table,
    homotopy: startHomotopy(system, plan, coefficients, gammaOf(seed)),
    start: (id) => startSolution(plan, table, coefficients, id),
  };
}

/** Affine coordinates of 2 N projective ones. */
export function affine(homotopy: Homotopy, point: ArrayLike<number>): Float64Array {
  const { variables, groupOf } = homotopy.structure;
  const x = new Float64Array(2 * variables);
  for (let j = 0; j < variables; j++) {
    const h = 2 * (variables + groupOf[j]!);
    const [re, im] = divide(point[2 * j]!, point[2 * j + 1]!, point[h]!, point[h + 1]!);
    x[2 * j] = re;
    x[2 * j + 1] = im;
  }
  return x;
}

/** Newton's correction of an affine point, relative to the point: how far it is from a zero. */
export function newtonDistance(system: NumericSystem, x: Float64Array): number {
  const { size } = newtonStep(system, x);
  return size;
}

/** The zero near x, by ten Newton steps; null when they do not converge to 1e-12. */
export function polish(system: NumericSystem, start: Float64Array): Float64Array | null {
  let x = start;
  for (let k = 0; k < 10; k++) {
    const { next, size } = newtonStep(system, x);
    x = next;
    if (size < 1e-12) return x;
  }
  return null;
}

/** How many of the points differ by more than 1e-6, relative. */
export function countDistinct(points: readonly Float64Array[]): number {
  const kept: Float64Array[] = [];
  for (const point of points) {
    const scale = Math.max(1, ...point.map(Math.abs));
    const known = kept.some((other) =>
      other.every((value, k) => Math.abs(value - point[k]!) < 1e-6 * scale),
    );
    if (!known) kept.push(point);
  }
  return kept.length;
}

function newtonStep(system: NumericSystem, x: Float64Array): { next: Float64Array; size: number } {
  const n = system.variables.length;
  // Rows [dF_i/dx_0 .. dF_i/dx_(n-1), F_i], entries [re, im].
  const rows = system.equations.map(({ exponents, coefficients }) => {
    const row = Array.from({ length: n + 1 }, () => [0, 0] as [number, number]);
    exponents.forEach((powers, term) => {
      for (let column = 0; column <= n; column++) {
        let value: [number, number] = [coefficients[2 * term]!, coefficients[2 * term + 1]!];
        if (column < n && powers[column] === 0) continue;
        powers.forEach((power, j) => {
          const count = j === column ? power - 1 : power;
          if (j === column) value = [value[0] * power, value[1] * power];
          for (let k = 0; k < count; k++) value = multiply(value, [x[2 * j]!, x[2 * j + 1]!]);
        });
        row[column]![0] += value[0];
        row[column]![1] += value[1];
      }
    });
    return row;
  });
  for (let k = 0; k < n; k++) {
    const best = rows.reduce(
      (b, row, i) => (i >= k && Math.hypot(...row[k]!) > Math.hypot(...rows[b]![k]!) ? i : b),
      k,
    );
    [rows[k], rows[best]] = [rows[best]!, rows[k]!];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = divide(...rows[i]![k]!, ...rows[k]![k]!);
      for (let j = k; j <= n; j++) {
        const product = multiply(factor, rows[k]![j]!);
        rows[i]![j]![0] -= product[0];
        rows[i]![j]![1] -= product[1];
      }
    }
  }
  const next = x.slice();
  let largest = 0;
  for (let k = 0; k < n; k++) {
    const change = divide(...rows[k]![n]!, ...rows[k]![k]!);
    next[2 * k]! -= change[0];
    next[2 * k + 1]! -= change[1];
    largest = Math.max(largest, Math.hypot(...change));
  }
  return { next, size: largest / Math.max(1, ...x.map(Math.abs)) };
}

function multiply(a: readonly [number, number], b: readonly [number, number]): [number, number] {
  return [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
}

function divide(ar: number, ai: number, br: number, bi: number): [number, number] {
  const norm = br * br + bi * bi;
  return [(ar * br + ai * bi) / norm, (ai * br - ar * bi) / norm];
}
