/**
 * The inverse of F's Jacobian at a zero, in the charts of its largest coordinates: it gives the
 * condition number, and Krawczyk's test needs it as preconditioner.
 */
import { modulus, solveComplexLinear } from '../../math/complex-linear.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import { jacobianRegisters, neededCode, type NeededCode } from '../program/needed-code.js';
import type { Program } from '../program/program.js';

export interface TargetInverse {
  /** dF^-1: n x n, interleaved re, im. Overwritten by the next. */
  readonly inverse: Float64Array;
  /** ||dF^-1|| (infinity norm) with the rows of dF scaled to norm 1. */
  readonly condition: number;
  /** Coordinate of each group that is 1. */
  readonly charts: readonly number[];
}

const known = new WeakMap<Program, NeededCode>();

/** Of a program, once: solves of a structure share it. */
function jacobianCode(program: Program): NeededCode {
  let code = known.get(program);
  if (!code) known.set(program, (code = neededCode(program, jacobianRegisters(program), 2)));
  return code;
}

export class TargetInverter {
  private readonly structure: HomotopyStructure;
  /** What the Jacobian takes, and two numbers a register. */
  private readonly code: NeededCode;
  private readonly registers: Float64Array;
  /** dF, its rows scaled, and beside it the identity. */
  private readonly matrix: Float64Array;
  private readonly rowSums: Float64Array;
  private readonly inverse: Float64Array;
  /** Place of each coordinate among the unknowns, -1 for those held at 1. */
  private readonly columns: Int32Array;

  constructor({ structure, targetCoefficients }: Homotopy) {
    const { target, variables: n } = structure;
    this.structure = structure;
    this.code = jacobianCode(target);
    this.registers = new Float64Array(2 * target.registers);
    this.registers[2 * target.one] = 1;
    target.rules.forEach(({ first }, index) => {
      const parts = targetCoefficients.subarray(2 * first, 2 * first + 2);
      this.registers.set(parts, 2 * (target.coefficients + index));
    });
    this.matrix = new Float64Array(2 * n * 2 * n);
    this.rowSums = new Float64Array(n);
    this.inverse = new Float64Array(2 * n * n);
    this.columns = new Int32Array(structure.coordinates);
  }

  /**
   * @param point from `normalise`: 2N projective coordinates, the largest of each group 1.
   * @returns null when the Jacobian is singular.
   */
  invert(point: Float64Array): TargetInverse | null {
    const { structure, matrix, rowSums, inverse } = this;
    const n = structure.variables;
    const charts = structure.groups.map(
      (group) => group.find((j) => point[2 * j] === 1 && point[2 * j + 1] === 0) ?? group[0]!,
    );
    this.gatherJacobian(point, charts);
    for (let i = 0; i < n; i++) {
      const row = 4 * i * n;
      let sum = 0;
      for (let k = row; k < row + 2 * n; k += 2) sum += modulus(matrix[k]!, matrix[k + 1]!);
      if (!(sum > 0)) return null;
      for (let k = row; k < row + 2 * n; k++) matrix[k] = matrix[k]! / sum;
      matrix[row + 2 * n + 2 * i] = 1;
      rowSums[i] = sum;
    }
    if (solveComplexLinear(matrix, n, n) === 0) return null;
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

  /** dF in the coordinates other than `charts` to the left half of the matrix, the rest of which is then 0. */
  private gatherJacobian(point: Float64Array, charts: readonly number[]): void {
    const { registers, columns, matrix } = this;
    const { variables: n, coordinates: N, groupOf, target } = this.structure;
    registers.set(point);
    this.run();
    let count = 0;
    for (let j = 0; j < N; j++) columns[j] = charts[groupOf[j]!] === j ? -1 : count++;
    matrix.fill(0);
    for (let i = 0; i < n; i++) {
      for (const { coordinate, register } of target.jacobian[i]!) {
        const column = columns[coordinate]!;
        if (column < 0) continue;
        const at = 4 * i * n + 2 * column;
        matrix[at] = registers[2 * register]!;
        matrix[at + 1] = registers[2 * register + 1]!;
      }
    }
  }

  /** The program's instructions, one complex number after the other. */
  private run(): void {
    const { registers } = this;
    const { to, begin, left, right, sign, times, over } = this.code;
    const one = 2 * this.structure.target.one;
    for (let k = 0; k < to.length; k++) {
      let re = 0;
      let im = 0;
      for (let t = begin[k]!; t < begin[k + 1]!; t++) {
        const a = left[t]!;
        const b = right[t]!;
        const s = sign[t]!;
        const ar = registers[a]!;
        const ai = registers[a + 1]!;
        if (b === one) {
          re += s * ar;
          im += s * ai;
        } else {
          const br = registers[b]!;
          const bi = registers[b + 1]!;
          re += s * (ar * br - ai * bi);
          im += s * (ar * bi + ai * br);
        }
      }
      if (times[k] !== over[k]) {
        re = (re * times[k]!) / over[k]!;
        im = (im * times[k]!) / over[k]!;
      }
      registers[to[k]!] = re;
      registers[to[k]! + 1] = im;
    }
  }
}
