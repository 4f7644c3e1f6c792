/**
 * Where the emitted module keeps its data.
 */
import type { HomotopyStructure } from '../../program/homotopy.js';

/** Byte addresses in the module's memory. */
export interface MemoryLayout {
  /** The program's registers that are no temporaries: the point first. */
  readonly registers: number;
  /** Data of the coefficients that move. */
  readonly data: number;
  /** Byte offset of the coordinate held at 1 in the last group, and n of the unknowns, as i32. */
  readonly chart: number;
  readonly active: number;
  readonly value: number;
  /** n x N Jacobian of H. */
  readonly jacobian: number;
  /** n x (n + 2) augmented matrix: A | H | -H_s, solved in place. */
  readonly matrix: number;
  /** Solutions of both right sides, N each; 0 at coordinates held at 1. */
  readonly correction: number;
  readonly tangent: number;
  /** The null vector of the Jacobian, N, where it is eliminated in a static order. */
  readonly null: number;
  /** Square of the largest correction, and the largest part of the tangent. */
  readonly sizes: number;
  readonly bytes: number;
}

export function memoryLayout({
  variables: n,
  coordinates: N,
  program,
}: HomotopyStructure): MemoryLayout {
  let next = 0;
  const reserve = (complexNumbers: number) => {
    const at = next;
    next += 16 * complexNumbers;
    return at;
  };
  return {
    registers: reserve(program.temporaries),
    data: reserve(program.moving.length > 0 ? program.data : 0),
    chart: reserve(1),
    active: reserve(Math.ceil(n / 4)),
    value: reserve(n),
    jacobian: reserve(n * N),
    matrix: reserve(n * (n + 2)),
    correction: reserve(N),
    tangent: reserve(N),
    null: reserve(N),
    sizes: reserve(1),
    bytes: next,
  };
}
