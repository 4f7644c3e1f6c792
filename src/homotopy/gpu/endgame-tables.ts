/**
 * What the endgame's kernels read of a homotopy: its program as tables, and its coefficients as sums of f32.
 */
import type { HomotopyCoefficients, HomotopyStructure } from '../program/homotopy.js';
import { programTables } from './program-tables.js';

/** What the GPU needs of one member of a family; low parts only for an endgame. */
export type Target = Pick<HomotopyCoefficients, 'targetCoefficients' | 'termCoefficients'> &
  Partial<Pick<HomotopyCoefficients, 'targetLow'>>;

export interface EndgameTables {
  readonly words: Uint32Array<ArrayBuffer>;
  /** Members of `EndSystem` in shaders/lib/end-state.wgsl. */
  readonly system: Readonly<Record<string, number>>;
  /** Constants of shaders/tracker/endgame.wgsl: many systems share them, and its compiled code. */
  readonly constants: Readonly<Record<string, number>>;
  /** f32 operations of one Newton iteration. */
  readonly operationsPerIteration: number;
}

/** f32 operations of a complex product with addition in double-single arithmetic (shaders/lib/double-single.wgsl). */
const PRODUCT = 170;

/** Arrays of private memory that is not used cost next to nothing. */
const SMALLEST_VARIABLES = 8;
const SMALLEST_REGISTERS = 256;

function sizeClass(size: number, smallest: number): number {
  return Math.max(smallest, 2 ** Math.ceil(Math.log2(size)));
}

export function endgameTables(structure: HomotopyStructure): EndgameTables {
  const { program, variables: n, coordinates, groups, groupOf } = structure;
  const { words, constants } = programTables(program);
  const starts = program.temporaries - program.starts;
  const products = program.instructions.reduce((sum, { terms }) => sum + terms.length, 0);
  return {
    words: Uint32Array.from([...words, ...groupOf]),
    system: {
      ...Object.fromEntries(
        Object.entries(constants).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      group_of_at: words.length,
      variables: n,
      coordinates,
      groups: groups.length,
      targets_at: starts,
      target_vectors: program.data + groups.length * n,
      sums_at: program.data,
    },
    constants: {
      MOST_VARIABLES: sizeClass(n, SMALLEST_VARIABLES),
      MOST_REGISTERS: sizeClass(constants.REGISTERS!, SMALLEST_REGISTERS),
      MOST_POINTS: 1 + program.degree,
      FAMILY: program.stepKind === 'parameters' ? 1 : 0,
    },
    operationsPerIteration: PRODUCT * (products + n ** 3 / 3 + 3 * n ** 2 + 4 * coordinates),
  };
}

/**
 * Content of `end_coefficients`: gamma G, then every target; of each its parts, re and im.
 *
 * @param parts f32 per number: 2 for 48 bits, 3 for 70, 4 for 94
 */
export function endgameCoefficients(
  structure: HomotopyStructure,
  { system }: Pick<EndgameTables, 'system'>,
  startCoefficients: Float64Array,
  targets: readonly Target[],
  parts: number,
): Float32Array<ArrayBuffer> {
  const { program } = structure;
  const { targets_at: starts, target_vectors: vectors } = system;
  const out = new Float32Array(2 * parts * (starts! + targets.length * vectors!));
  const put = (index: number, numbers: ArrayLike<number>, low?: ArrayLike<number>): void => {
    for (let k = 0; k < numbers.length; k++) {
      let rest = numbers[k]!;
      const first = 2 * parts * (index + Math.floor(k / 2)) + (k % 2);
      for (let part = 0; part < parts; part++) {
        // Two parts have all but a few bits of an f64.
        if (part === 2) rest += low?.[k] ?? 0;
        out[first + 2 * part] = rest;
        rest -= Math.fround(rest);
      }
    }
  };
  put(0, startCoefficients);
  targets.forEach(({ targetCoefficients, targetLow, termCoefficients }, k) => {
    const first = starts! + k * vectors!;
    put(first, targetCoefficients.subarray(0, 2 * program.data), targetLow);
    const sums = leadingSums(structure, termCoefficients);
    put(
      first + program.data,
      sums.flatMap((sum) => [sum, 0]),
    );
  });
  return out;
}

/** [group][equation] sum of |coefficients| of the terms without the group's homogenising coordinate. */
function leadingSums(
  { terms, groups, variables }: HomotopyStructure,
  coefficients: Float64Array,
): number[] {
  return groups.flatMap((_, group) => {
    let index = 0;
    return terms.map((equation) =>
      equation.reduce((sum, exponents) => {
        const [re, im] = [coefficients[2 * index]!, coefficients[2 * index + 1]!];
        index++;
        return exponents[variables + group] === 0 ? sum + Math.hypot(re, im) : sum;
      }, 0),
    );
  });
}
