/**
 * A homotopy as data for shaders/lib/cooperative-tracker.wgsl, whose code serves every system of a size class.
 *
 * Instructions go in bundles of as many as there are lanes, none of which needs another of its level; a barrier ends a
 * level. A bundle is the number of its terms, a place and a factor per lane, and its terms, lane beside lane.
 */
import type { HomotopyStructure } from '../program/homotopy.js';
import type { Instruction, Program, StepKind } from '../program/program.js';
import { basisColumns } from './emit-solve.js';

/** How Newton's system is shared out. */
export interface CooperativeShape {
  /** Invocations per path; 1 needs no barriers. */
  readonly lanes: number;
  /** Rows of Newton's system per lane. */
  readonly rows: number;
  /** Columns of the Jacobian that there is room for, n or more. */
  readonly columns: number;
}

export interface CooperativeTables {
  /** Content of the binding `system`. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Complex numbers that a path keeps while it is worked on. */
  readonly registers: number;
  /** Of all paths alike: data of F, then coefficients of G. */
  readonly coefficients: number;
}

/** Members of `TrackedSystem` before its words, in the shader's order. */
const HEADER = [
  'variables',
  'coordinates',
  'groups',
  'registers',
  'data',
  'starts',
  'target_vectors',
  'real',
  'moves_by',
  'moving',
  'bundles',
  'moving_at',
  'spread_at',
  'columns_at',
  'groups_at',
  'members_at',
  'bundles_at',
] as const;
const MOVES_BY: Readonly<Record<StepKind, number>> = { start: 0, parameters: 1, powers: 2 };
const NEGATIVE = 0x80000000;
const LAST_OF_LEVEL = 0x80000000;
/** Bits of an operand in a term. */
const OPERAND_BITS = 15;

/**
 * @param targetVectors vec4f of target coefficients per family member.
 * @throws RangeError for a program with more operands than a term can name.
 */
export function cooperativeTables(
  structure: HomotopyStructure,
  { lanes, rows, columns }: CooperativeShape,
  targetVectors: number,
): CooperativeTables {
  const { program, variables: n, coordinates, groups } = structure;
  const starts = program.temporaries - program.starts;
  const levels = schedule(program, lanes);
  const { operand, registers } = assignPlaces(program, levels);
  if (registers + program.data + starts > 2 ** OPERAND_BITS) {
    throw new RangeError(
      `the GPU tracker handles up to ${2 ** OPERAND_BITS} coefficients and intermediate results, this system has ${registers + program.data + starts}`,
    );
  }
  const groupBegins = [0];
  for (const group of groups) groupBegins.push(groupBegins.at(-1)! + group.length);
  const zero = operand(program.zero);
  const bundles = levels.flatMap((level) =>
    pieces(level, lanes).map((bundle, k, all) => ({
      words: bundleWords(bundle, lanes, operand, zero, registers - 1),
      last: k + 1 === all.length,
    })),
  );
  for (const { words, last } of bundles) if (last) words[0]! += LAST_OF_LEVEL;
  const parts = {
    moving_at: program.moving.flatMap((index, k) => [
      program.rules[index]!.first,
      program.rules[index]!.power ?? program.rules[index]!.degree,
      operand(program.slopes + k) - 1,
    ]),
    spread_at: spreads(structure),
    columns_at: columnEntries(structure, { lanes, rows, columns }, operand),
    groups_at: groupBegins,
    members_at: groups.flat(),
    bundles_at: bundles.flatMap(({ words }) => words),
  };
  const words: number[] = [];
  const beginnings: Partial<Record<(typeof HEADER)[number], number>> = {};
  for (const [name, part] of Object.entries(parts)) {
    beginnings[name as keyof typeof parts] = words.length;
    for (const word of part) words.push(word);
  }
  const header: Partial<Record<(typeof HEADER)[number], number>> = {
    variables: n,
    coordinates,
    groups: groups.length,
    registers,
    data: program.data,
    starts,
    target_vectors: targetVectors,
    real: program.real ? 1 : 0,
    moves_by: MOVES_BY[program.stepKind],
    moving: program.moving.length,
    bundles: bundles.length,
    ...beginnings,
  };
  return {
    words: Uint32Array.from([...HEADER.map((name) => header[name]!), ...words]),
    registers,
    coefficients: program.data + starts,
  };
}

/** An instruction and the register that it writes. */
interface Scheduled {
  readonly instruction: Instruction;
  readonly register: number;
}

/**
 * Instructions by level: each as soon as its operands are there, the longest of a level first, so that those of a
 * bundle are about as long. A single lane keeps the order in which they were recorded, which needs few registers.
 */
function schedule(program: Program, lanes: number): Scheduled[][] {
  const scheduled = program.instructions.map((instruction, k) => ({
    instruction,
    register: program.temporaries + k,
  }));
  if (lanes === 1) return scheduled.map((each) => [each]);
  const levelOf: number[] = [];
  const levels: Scheduled[][] = [];
  for (const each of scheduled) {
    const level = operandsOf(each).reduce(
      (most, register) => Math.max(most, 1 + (levelOf[register - program.temporaries] ?? -1)),
      0,
    );
    levelOf.push(level);
    (levels[level] ??= []).push(each);
  }
  for (const level of levels)
    level.sort((a, b) => b.instruction.terms.length - a.instruction.terms.length);
  return levels;
}

function operandsOf({ instruction }: Scheduled): number[] {
  return instruction.terms.flatMap(({ left, right }) => [left, right]);
}

/**
 * Where every register is. The coordinates, 1, 0 and the numbers of the step keep their numbers; then come values and slopes
 * of coefficients that move, then temporaries, which share places, and one place that nobody reads. What is the same for
 * all paths comes last: the data of F as they are, then the coefficients of G.
 */
function assignPlaces(
  program: Program,
  levels: readonly (readonly Scheduled[])[],
): { operand: (register: number) => number; registers: number } {
  const { temporaries, coefficients, slopes, starts, moving, rules } = program;
  const lastUse = new Map<number, number>();
  levels.forEach((level, k) => {
    for (const register of level.flatMap(operandsOf)) lastUse.set(register, k);
  });
  const outputs = [
    ...program.values,
    ...program.derivatives,
    ...program.jacobian.flat().map(({ register }) => register),
  ];
  for (const register of outputs) lastUse.set(register, Infinity);
  const places = new Map<number, number>();
  const free: number[] = [];
  let size = coefficients + 2 * moving.length;
  levels.forEach((level, k) => {
    for (const { register } of level) places.set(register, free.pop() ?? size++);
    // Operands of this level are needed until it ends: what is free now serves the next.
    for (const register of new Set(level.flatMap((each) => [each.register, ...operandsOf(each)]))) {
      const place = register < temporaries ? undefined : places.get(register);
      if (place !== undefined && (lastUse.get(register) ?? k) <= k) free.push(place);
    }
  });
  const registers = size + 1;
  const ofMoving = new Map(moving.map((index, k) => [index, coefficients + 2 * k]));
  const operand = (register: number): number => {
    if (register >= temporaries) return places.get(register)!;
    if (register >= starts) return registers + program.data + register - starts;
    if (register >= slopes) return coefficients + 2 * (register - slopes) + 1;
    if (register < coefficients) return register;
    const index = register - coefficients;
    return ofMoving.get(index) ?? registers + rules[index]!.first;
  };
  return { operand, registers };
}

function pieces<T>(list: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, k) =>
    list.slice(k * length, (k + 1) * length),
  );
}

function bundleWords(
  bundle: readonly Scheduled[],
  lanes: number,
  operand: (register: number) => number,
  zero: number,
  unread: number,
): number[] {
  const terms = Math.max(...bundle.map(({ instruction }) => instruction.terms.length));
  const each = Array.from({ length: lanes }, (_, lane) => bundle[lane]);
  const factors = Float32Array.from(each, (one) =>
    one ? one.instruction.times / one.instruction.over : 0,
  );
  const words = [
    terms,
    ...each.map((one) => (one ? operand(one.register) : unread)),
    ...new Uint32Array(factors.buffer),
  ];
  for (let k = 0; k < terms; k++) {
    for (const one of each) {
      const term = one?.instruction.terms[k];
      const left = term ? operand(term.left) : zero;
      const right = term ? operand(term.right) : zero;
      words.push(left + right * 2 ** OPERAND_BITS + (term?.negative ? NEGATIVE : 0));
    }
  }
  return words;
}

/** For every coordinate the columns of the hyperplane's basis that move it, first and second; n is none. */
function spreads({ groups, variables, coordinates }: HomotopyStructure): number[] {
  const first = new Array<number>(coordinates).fill(variables);
  const second = new Array<number>(coordinates).fill(variables);
  basisColumns(groups).forEach((column, t) => {
    first[column.first] = t;
    second[column.second] = t;
  });
  return first.map((column, j) => column + second[j]! * 2 ** 8);
}

/** [column of Newton's system][row of a lane][lane]: where its two parts are. */
function columnEntries(
  { program, groups, variables: n }: HomotopyStructure,
  { lanes, rows, columns }: CooperativeShape,
  operand: (register: number) => number,
): number[] {
  const basis = basisColumns(groups);
  const jacobian = program.jacobian.map(
    (row) => new Map(row.map(({ coordinate, register }) => [coordinate, register])),
  );
  const words: number[] = [];
  for (let t = 0; t < columns + 2; t++) {
    for (let i = 0; i < rows * lanes; i++) {
      let [first, second] = [program.zero, program.zero];
      const column = basis[t];
      if (i < n && column) {
        first = jacobian[i]!.get(column.first) ?? program.zero;
        second = jacobian[i]!.get(column.second) ?? program.zero;
      } else if (i < n && t < n + 2) {
        first = (t === n ? program.values : program.derivatives)[i]!;
      }
      words.push(operand(first) + operand(second) * 2 ** 16);
    }
  }
  return words;
}
