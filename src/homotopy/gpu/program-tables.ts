/**
 * A program as words that a kernel loops over in double-single arithmetic, whose inlined code takes minutes to compile.
 *
 * The kernel's registers are a private array, so temporaries share places: one is free again after its last use.
 * Operands below REGISTERS are places in that array, those above the coefficients, the slopes and the start coefficients.
 */
import type { HomotopyStructure } from '../program/homotopy.js';
import type { Program } from '../program/program.js';

export interface ProgramTables {
  readonly words: readonly number[];
  /** Constants of shaders/tracker/refine.wgsl, and members of `EndSystem`: sizes, and where the parts of the table begin. */
  readonly constants: Readonly<Record<string, number>>;
}

const NEGATIVE = 0x80000000;

export function programTables(program: Program): ProgramTables {
  const { places, size } = assignPlaces(program);
  const operand = (register: number): number => {
    if (register < program.coefficients) return register;
    if (register < program.temporaries) return size + register - program.coefficients;
    return places[register - program.temporaries]!;
  };
  const terms: number[] = [];
  const instructions = program.instructions.flatMap((instruction, k) => {
    for (const { left, right, negative } of instruction.terms) {
      terms.push(operand(left) + (negative ? NEGATIVE : 0), operand(right));
    }
    return [places[k]!, terms.length / 2, ...factorBits(instruction.times / instruction.over)];
  });
  const jacobian = program.jacobian.flatMap((row) => {
    const entries = new Array<number>(program.coordinates).fill(program.zero);
    for (const { coordinate, register } of row) entries[coordinate] = operand(register);
    return entries;
  });
  const parts = {
    INSTRUCTIONS_AT: instructions,
    TERMS_AT: terms,
    JACOBIAN_AT: jacobian,
    VALUES_AT: program.values.map(operand),
    DERIVATIVES_AT: program.derivatives.map(operand),
    RULES_AT: program.rules.flatMap(({ first, degree }) => [first, degree]),
    MOVING_AT: program.moving,
  };
  const words: number[] = [];
  const beginnings: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts)) {
    beginnings[name] = words.length;
    for (const word of part) words.push(word);
  }
  return {
    words,
    constants: {
      ...beginnings,
      INSTRUCTIONS: program.instructions.length,
      REGISTERS: size,
      COEFFICIENTS: program.rules.length,
      SLOPES: program.moving.length,
    },
  };
}

/** A factor as two f32: 48 bits. */
function factorBits(factor: number): [number, number] {
  const high = Math.fround(factor);
  return [...new Uint32Array(Float32Array.of(high, factor - high).buffer)] as [number, number];
}

/** The place of each temporary, after the coordinates and constants. */
function assignPlaces(program: Program): { places: number[]; size: number } {
  const { temporaries } = program;
  const lastUse = new Array<number>(program.instructions.length).fill(0);
  program.instructions.forEach(({ terms }, k) => {
    for (const register of terms.flatMap(({ left, right }) => [left, right])) {
      if (register >= temporaries) lastUse[register - temporaries] = k;
    }
  });
  const outputs = [
    ...program.values,
    ...program.derivatives,
    ...program.jacobian.flat().map(({ register }) => register),
  ];
  for (const register of outputs) {
    if (register >= temporaries) lastUse[register - temporaries] = Infinity;
  }
  const ends = new Map<number, number[]>();
  lastUse.forEach((end, temporary) => ends.set(end, [...(ends.get(end) ?? []), temporary]));
  const free: number[] = [];
  let size = program.coefficients;
  const places: number[] = [];
  program.instructions.forEach((_, k) => {
    // Its own operands are still needed: what ends here is free from the next instruction on.
    places.push(free.pop() ?? size++);
    for (const temporary of ends.get(k) ?? []) free.push(places[temporary]!);
  });
  return { places, size };
}

export interface RefineTables {
  readonly words: Uint32Array<ArrayBuffer>;
  /** Constants of shaders/tracker/refine.wgsl. */
  readonly constants: Readonly<Record<string, number>>;
  /** Complex numbers of data per family member. */
  readonly data: number;
}

/** F alone, for the refinement of arrivals. */
export function refineTables({
  target,
  variables,
  coordinates,
  groups,
  groupOf,
}: HomotopyStructure): RefineTables {
  const { words, constants } = programTables(target);
  // What only moving coefficients need.
  const { DERIVATIVES_AT: _, MOVING_AT: __, COEFFICIENTS: ___, SLOPES: ____, ...used } = constants;
  return {
    words: Uint32Array.from([...words, ...groupOf]),
    constants: {
      ...used,
      GROUP_OF_AT: words.length,
      VARIABLES: variables,
      COORDINATES: coordinates,
      GROUPS: groups.length,
      TARGET_VECTORS: target.data,
    },
    data: target.data,
  };
}

/** refine_coefficients: every part of the data as two f32. */
export function refineCoefficients(data: Float64Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(2 * data.length);
  data.forEach((part, k) => {
    out[2 * k] = part;
    out[2 * k + 1] = part - Math.fround(part);
  });
  return out;
}
