/**
 * The inverse of F's Jacobian at a zero, in the charts of its largest coordinates: it gives the
 * condition number, and Krawczyk's test needs it as preconditioner.
 */
import { modulus, solveComplexLinear } from '../../math/complex-linear.js';
import * as complex from '../../math/complex.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import { Interpreter } from '../program/interpreter.js';

export interface TargetInverse {
  /** dF^-1: n x n, interleaved re, im. */
  readonly inverse: Float64Array;
  /** ||dF^-1|| (infinity norm) with the rows of dF scaled to norm 1. */
  readonly condition: number;
  /** Coordinate of each group that is 1. */
  readonly charts: readonly number[];
}

export class TargetInverter {
  private readonly structure: HomotopyStructure;
  private readonly interpreter: Interpreter;

  constructor({ structure, targetCoefficients }: Homotopy) {
    this.structure = structure;
    this.interpreter = new Interpreter(structure.target, complex);
    this.interpreter.setData(targetCoefficients);
  }

  /**
   * @param point from `normalise`: 2N projective coordinates, the largest of each group 1.
   * @returns null when the Jacobian is singular.
   */
  invert(point: Float64Array): TargetInverse | null {
    const { structure } = this;
    const n = structure.variables;
    const charts = structure.groups.map(
      (group) => group.find((j) => point[2 * j] === 1 && point[2 * j + 1] === 0) ?? group[0]!,
    );
    const jacobian = this.jacobianAt(point, charts);
    const matrix = new Float64Array(2 * n * 2 * n);
    const rowSums = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < n; c++) {
        rowSums[i]! += modulus(jacobian[2 * (i * n + c)]!, jacobian[2 * (i * n + c) + 1]!);
      }
      if (!(rowSums[i]! > 0)) return null;
      for (let k = 0; k < 2 * n; k++)
        matrix[4 * i * n + k] = jacobian[2 * i * n + k]! / rowSums[i]!;
      matrix[4 * i * n + 2 * n + 2 * i] = 1;
    }
    if (solveComplexLinear(matrix, n, n) === 0) return null;
    const inverse = new Float64Array(2 * n * n);
    let condition = 0;
    for (let r = 0; r < n; r++) {
      let rowSum = 0;
      for (let i = 0; i < n; i++) {
        const re = matrix[4 * r * n + 2 * n + 2 * i]!;
        const im = matrix[4 * r * n + 2 * n + 2 * i + 1]!;
        rowSum += modulus(re, im);
        inverse[2 * (r * n + i)] = re / rowSums[i]!;
        inverse[2 * (r * n + i) + 1] = im / rowSums[i]!;
      }
      condition = Math.max(condition, rowSum);
    }
    return { inverse, condition, charts };
  }

  /** dF in the coordinates other than `charts`: n x n, interleaved. */
  private jacobianAt(point: Float64Array, charts: readonly number[]): Float64Array {
    const { variables: n, coordinates: N, groupOf, target } = this.structure;
    const { registers } = this.interpreter;
    registers.set(point);
    this.interpreter.run();
    const columns = new Int32Array(N).fill(-1);
    let count = 0;
    for (let j = 0; j < N; j++) if (charts[groupOf[j]!] !== j) columns[j] = count++;
    const out = new Float64Array(2 * n * n);
    target.jacobian.forEach((row, i) => {
      for (const { coordinate, register } of row) {
        if (columns[coordinate]! < 0) continue;
        const at = 2 * (i * n + columns[coordinate]!);
        out[at] = registers[2 * register]!;
        out[at + 1] = registers[2 * register + 1]!;
      }
    });
    return out;
  }
}
