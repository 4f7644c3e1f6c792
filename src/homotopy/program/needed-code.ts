/**
 * What some registers of a program need, and no more, as typed arrays that a loop runs through: instruction k has the
 * terms begin[k]..begin[k + 1].
 */
import type { Program } from './program.js';

export interface NeededCode {
  /** Places of registers: of results, and of factors. */
  readonly to: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly begin: Int32Array;
  /** 1 or -1 per term. */
  readonly sign: Float64Array;
  /** Whole numbers per instruction. */
  readonly times: Float64Array;
  readonly over: Float64Array;
}

/**
 * @param outputs registers.
 * @param stride numbers that a register takes.
 */
export function neededCode(
  program: Program,
  outputs: readonly number[],
  stride: number,
): NeededCode {
  const { temporaries } = program;
  const isNeeded = new Uint8Array(program.registers);
  for (const register of outputs) isNeeded[register] = 1;
  for (let k = program.instructions.length - 1; k >= 0; k--) {
    if (isNeeded[temporaries + k] === 0) continue;
    for (const { left, right } of program.instructions[k]!.terms)
      isNeeded[left] = isNeeded[right] = 1;
  }
  const places = [...program.instructions.keys()].filter((k) => isNeeded[temporaries + k] === 1);
  const instructions = places.map((k) => program.instructions[k]!);
  const terms = instructions.flatMap((instruction) => instruction.terms);
  const begin = new Int32Array(instructions.length + 1);
  instructions.forEach((each, k) => (begin[k + 1] = begin[k]! + each.terms.length));
  return {
    to: Int32Array.from(places, (k) => stride * (temporaries + k)),
    begin,
    left: Int32Array.from(terms, (term) => stride * term.left),
    right: Int32Array.from(terms, (term) => stride * term.right),
    sign: Float64Array.from(terms, (term) => (term.negative ? -1 : 1)),
    times: Float64Array.from(instructions, (each) => each.times),
    over: Float64Array.from(instructions, (each) => each.over),
  };
}

/** Registers of all entries of the Jacobian. */
export function jacobianRegisters({ jacobian }: Program): number[] {
  return jacobian.flatMap((row) => row.map(({ register }) => register));
}
