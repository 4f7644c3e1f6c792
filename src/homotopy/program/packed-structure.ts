/**
 * A structure as it is sent to workers: instructions and rules as numbers in a row. To copy their objects takes the
 * sending thread 290 ms a worker for 3 equations of 2,500 terms, in one piece in which nothing else happens.
 */
import type { HomotopyStructure } from './homotopy.js';
import type { CoefficientRule, Instruction, Program, Term } from './program.js';

export interface PackedStructure extends Omit<HomotopyStructure, 'program' | 'target'> {
  readonly program: PackedProgram;
  readonly target: PackedProgram;
}

interface PackedProgram extends Omit<Program, 'instructions' | 'rules'> {
  /** Of each instruction the number of terms, then left and right of each; ~left where it is negative. */
  readonly code: Int32Array;
  /** Of each instruction `times` and `over`. */
  readonly factors: Float64Array;
  /** Of each rule `first`, `degree` and `power`, or -1 without one. */
  readonly ruleNumbers: Int32Array;
}

export function packStructure(structure: HomotopyStructure): PackedStructure {
  return {
    ...structure,
    program: packProgram(structure.program),
    target: packProgram(structure.target),
  };
}

export function unpackStructure(packed: PackedStructure): HomotopyStructure {
  return {
    ...packed,
    program: unpackProgram(packed.program),
    target: unpackProgram(packed.target),
  };
}

function packProgram({ instructions, rules, ...rest }: Program): PackedProgram {
  const terms = instructions.reduce((sum, instruction) => sum + instruction.terms.length, 0);
  const code = new Int32Array(instructions.length + 2 * terms);
  const factors = new Float64Array(2 * instructions.length);
  let at = 0;
  instructions.forEach((instruction, k) => {
    code[at++] = instruction.terms.length;
    for (const { left, right, negative } of instruction.terms) {
      code[at++] = negative ? ~left : left;
      code[at++] = right;
    }
    factors[2 * k] = instruction.times;
    factors[2 * k + 1] = instruction.over;
  });
  const ruleNumbers = new Int32Array(3 * rules.length);
  rules.forEach(({ first, degree, power = -1 }, k) => {
    ruleNumbers[3 * k] = first;
    ruleNumbers[3 * k + 1] = degree;
    ruleNumbers[3 * k + 2] = power;
  });
  return { ...rest, code, factors, ruleNumbers };
}

function unpackProgram({ code, factors, ruleNumbers, ...rest }: PackedProgram): Program {
  const instructions: Instruction[] = [];
  for (let at = 0; at < code.length;) {
    const terms: Term[] = [];
    const end = at + 1 + 2 * code[at]!;
    for (at++; at < end; at += 2) {
      const left = code[at]!;
      const negative = left < 0;
      terms.push({ left: negative ? ~left : left, right: code[at + 1]!, negative });
    }
    const k = 2 * instructions.length;
    instructions.push({ terms, times: factors[k]!, over: factors[k + 1]! });
  }
  const rules: CoefficientRule[] = [];
  for (let k = 0; k < ruleNumbers.length; k += 3) {
    const [first, degree, power] = [ruleNumbers[k]!, ruleNumbers[k + 1]!, ruleNumbers[k + 2]!];
    rules.push(power < 0 ? { first, degree } : { first, degree, power });
  }
  return { ...rest, instructions, rules };
}
