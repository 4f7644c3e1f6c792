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
  /** n byte offsets of the active columns, as i32. */
  readonly active: number;
  readonly value: number;
  /** n x N Jacobian of H. */
  readonly jacobian: number;
  /** n x (n + 2) augmented matrix: A | H | -H_s, solved in place. */
  readonly matrix: number;
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
    active: reserve(Math.ceil(n / 4)),
    value: reserve(n),
    jacobian: reserve(n * N),
    matrix: reserve(n * (n + 2)),
    bytes: next,
  };
}
