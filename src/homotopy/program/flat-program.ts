/**
 * The evaluation program flattened to typed arrays, as the interpreting kernels walk it.
 */
import { ONE, type Sum } from './evaluation.js';
import type { HomotopyStructure } from './homotopy.js';

export interface FlatSums {
  /** start[k]..start[k+1] are the terms of sum k. */
  readonly start: Int32Array;
  readonly coefficients: Int32Array;
  readonly registers: Int32Array;
}

export interface FlatProgram {
  readonly products: Int32Array;
  /** Row i owns the entries rowStart[i]..rowStart[i+1]. */
  readonly rowStart: Int32Array;
  readonly columns: Int32Array;
  readonly entries: FlatSums;
  /** Euler group of equation i, or -1 for a direct sum. */
  readonly eulerGroup: Int32Array;
  readonly eulerDegree: Float64Array;
  /** Direct sums of the equations (empty where Euler's identity is used and none is needed). */
  readonly direct: FlatSums;
  readonly registers: number;
  /** Register that holds the constant 1. */
  readonly one: number;
}

export function flattenProgram(structure: HomotopyStructure): FlatProgram {
  const plan = structure.target;
  const one = plan.coordinates + plan.products.length;
  const rows = plan.jacobian;
  return {
    products: Int32Array.from(plan.products.flatMap(({ left, right }) => [left, right])),
    rowStart: Int32Array.from([0, ...cumulative(rows.map((row) => row.length))]),
    columns: Int32Array.from(rows.flatMap((row) => row.map((entry) => entry.coordinate))),
    entries: flattenSums(rows.flat(), one),
    eulerGroup: Int32Array.from(
      plan.values.map((rule) => (rule.kind === 'euler' ? rule.group : -1)),
    ),
    eulerDegree: Float64Array.from(
      plan.values.map((rule) => (rule.kind === 'euler' ? rule.degree : 1)),
    ),
    direct: flattenSums(
      plan.direct ??
        plan.values.map((rule) =>
          rule.kind === 'sum' ? rule.sum : { coefficients: [], registers: [] },
        ),
      one,
    ),
    registers: one + 1,
    one,
  };
}

function flattenSums(sums: readonly Sum[], one: number): FlatSums {
  return {
    start: Int32Array.from([0, ...cumulative(sums.map((sum) => sum.registers.length))]),
    coefficients: Int32Array.from(sums.flatMap((sum) => sum.coefficients)),
    registers: Int32Array.from(
      sums.flatMap((sum) => sum.registers.map((register) => (register === ONE ? one : register))),
    ),
  };
}

function cumulative(lengths: readonly number[]): number[] {
  let total = 0;
  return lengths.map((length) => (total += length));
}
