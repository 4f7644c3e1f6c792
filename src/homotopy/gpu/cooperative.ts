/**
 * The tracker whose code serves every system of a size class: the template with calls into
 * shaders/lib/cooperative-tracker.wgsl, which reads the system from a table.
 *
 * Several lanes share a path where barriers are cheap. On a software adapter a barrier costs 0.6 us a lane group
 * (SwiftShader, 2026-11-27), as much as a hundred complex products: there one lane has a path for itself as long as the
 * unrolled elimination does not compile for too long.
 */
import { trackerTrack } from '../../generated/shaders/tracker/track.js';
import { cooperativeTrackerLibrary } from '../../generated/tracker-library.js';
import type { Shader } from '../../gpu/shader.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import {
  cooperativeTables,
  type CooperativeShape,
  type CooperativeTables,
} from './cooperative-tables.js';
import { fill, specialize } from './template.js';

export interface CooperativeTracker {
  readonly shader: Shader;
  /** Content of the binding `system`. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Invocations per path. */
  readonly lanes: number;
  /** What replaces the holes of shaders/tracker/track.wgsl. */
  readonly holes: Readonly<Record<string, readonly string[]>>;
}

const SMALLEST_COLUMNS = 4;
/** Complex numbers, by class. */
const REGISTERS = [256, 512, 1024, 1536];
/** Of workgroup memory: what every WebGPU adapter has. */
const WORKGROUP_BYTES = 16_384;
/** A subgroup's lanes: a row each, for up to 32 unknowns. */
export const HARDWARE_LANES = 32;

/** Rows that one lane may have: more compile for too long when they are unrolled. */
const MOST_ROWS = 16;
const SOFTWARE_LANES = 4;

/** Invocations per path by default. */
export function lanesFor(
  { variables }: HomotopyStructure,
  adapter: { readonly software: boolean },
): number {
  if (!adapter.software) return HARDWARE_LANES;
  return variables <= MOST_ROWS ? 1 : SOFTWARE_LANES;
}

/**
 * @param lanes wanted; one, which needs no workgroup memory, where intermediate results do not fit into it.
 * @throws RangeError for more than 32,768 coefficients and intermediate results.
 */
export function cooperativeTracker(
  structure: HomotopyStructure,
  lanes: number,
  targetVectors: number,
): CooperativeTracker {
  const columns = Math.max(SMALLEST_COLUMNS, 4 * Math.ceil(structure.variables / 4));
  const shape = { lanes, columns, rows: Math.ceil(columns / lanes) };
  const tables = cooperativeTables(structure, shape, targetVectors);
  if (lanes > 1 && workgroupBytes(shape, tables.registers) > WORKGROUP_BYTES)
    return cooperativeTracker(structure, 1, targetVectors);
  const template: Shader = trackerTrack;
  return {
    shader: {
      ...template,
      workgroupMemory: lanes > 1,
      code: `${template.code}\n${cooperativeLibrary(shape, tables)}`,
      bindings: [
        ...template.bindings,
        { name: 'system', group: 0, binding: 7, type: 'read-only-storage', minBindingSize: 72 },
      ],
    },
    words: tables.words,
    lanes,
    holes: { ...holes, ...(lanes > 1 ? ofWorkgroup : ofInvocation) },
  };
}

function registerClass(registers: number): number {
  return REGISTERS.find((size) => size >= registers) ?? 2 ** Math.ceil(Math.log2(registers));
}

/** Of the shared variables in shaders/lib/cooperative-tracker.wgsl. */
function workgroupBytes({ lanes, columns }: CooperativeShape, registers: number): number {
  const complex = 2 * columns + 6 * (columns + 1) + columns + 2 + registerClass(registers) + lanes;
  return 8 * complex + 4 * (columns + 2) + 8;
}

/** shaders/lib/cooperative-tracker.wgsl for a size class. */
export function cooperativeLibrary(
  shape: CooperativeShape,
  { registers, coefficients }: Pick<CooperativeTables, 'registers' | 'coefficients'>,
): string {
  const together = shape.lanes > 1;
  const kept = registers + (together ? 0 : coefficients);
  let code = specialize(cooperativeTrackerLibrary, {
    LANES: shape.lanes,
    ROWS: shape.rows,
    MOST_VARIABLES: shape.columns,
    MOST_REGISTERS: registerClass(kept),
    COPIED: together ? 0 : 1,
  });
  for (const [hole, statements] of Object.entries(elimination(shape)))
    code = fill(code, hole, statements);
  return together
    ? code
    : code
        .replaceAll('var<workgroup>', 'var<private>')
        .replaceAll('workgroupBarrier();', '')
        .replace('workgroupUniformLoad(&verdict)', 'verdict');
}

const holes = {
  'load the state': ['load_state(path, capacity, chart, now.family_member);'],
  'new chart': ['chart = new_chart();'],
  'Newton correction and tangent': [
    'let newton = newton_iteration(s, sigma, scale, now.family_member);',
    'let correction_size = newton.x;',
    'let magnitudes = newton.y;',
    'let smallest_pivot = newton.z;',
    'let largest_pivot = newton.w;',
  ],
  'accept and predict': [
    'accept_and_predict(proceed, moves, tangent_weight, previous_tangent_weight, previous_step_weight);',
  ],
  'save the hand-over point': ['save_base(path, capacity);'],
  'store the state': ['store_state(path, capacity);'],
};

/** A path per invocation. */
export const ofInvocation = {
  'whose turn it is': [
    'let turn = id.x;',
    'if (turn >= counters.running) {',
    '  return;',
    '}',
    'let writes = true;',
  ],
  'whether it has stopped': ['let stopped = status != RUNNING;'],
};

/** A path per workgroup: as many are started as there are paths. */
const ofWorkgroup = {
  'whose turn it is': ['let turn = workgroup.x;', 'lane = local;', 'let writes = lane == 0u;'],
  'whether it has stopped': ['let stopped = agreed(status != RUNNING);'],
};

/**
 * Newton's system in variables of its own per entry, unrolled: a software adapter takes ten times as long for an index that is
 * computed, and compiles a call for longer than what it computes.
 */
function elimination({ lanes, rows, columns }: CooperativeShape): Record<string, string[]> {
  const width = columns + 2;
  const each = <T>(count: number, make: (k: number) => T): T[] =>
    Array.from({ length: count }, (_, k) => make(k));
  const ofRows = (make: (row: number) => string[]): string[] => each(rows, make).flat();
  const entry = (row: number, j: number): string => `entry_${row}_${j}`;
  const product = (a: string, b: string): string =>
    `vec2f(${a}.x * ${b}.x - ${a}.y * ${b}.y, ${a}.x * ${b}.y + ${a}.y * ${b}.x)`;
  const chosen = (j: number): string =>
    each(rows, (row) => row)
      .slice(1)
      .reduce((text, row) => `select(${text}, ${entry(row, j)}, is_${row})`, entry(0, j));
  const found = ofRows((row) => [`let is_${row} = row == ${row}u;`]);
  return {
    'rows of this lane': [
      ...ofRows((row) => each(width, (j) => `var ${entry(row, j)}: vec2f;`)),
      ...ofRows((row) => [`var column_${row} = n;`, `var inverse_${row}: vec2f;`]),
      'var done = 0u;',
      ...ofRows((row) => [`done |= select(0u, ${2 ** row}u, ${row}u * LANES + lane >= n);`]),
    ],
    'column t of the rows': ofRows((row) => [
      ...each(width - 1, (j) => `${entry(row, j)} = ${entry(row, j + 1)};`),
      `let places_${row} = system.words[at + ${row}u * LANES];`,
      `${entry(row, width - 1)} = operand(places_${row} & 0xffffu, family_member)`,
      `  - signs[t] * operand(places_${row} >> 16u, family_member);`,
    ]),
    "this lane's largest entry of the first column": ofRows((row) => [
      `let size_${row} = dot(${entry(row, 0)}, ${entry(row, 0)});`,
      `let better_${row} = (done & ${2 ** row}u) == 0u && size_${row} > size;`,
      `size = select(size, size_${row}, better_${row});`,
      `row = select(row, ${row}u, better_${row});`,
    ]),
    "the pivot's row": [
      ...found,
      ...(lanes === 1
        ? each(width, (j) => `let pivot_${j} = ${chosen(j)};`)
        : [
            'if (mine) {',
            ...each(width, (j) => `  pivot_row[${j}] = ${chosen(j)};`),
            '}',
            'workgroupBarrier();',
            ...each(width, (j) => `let pivot_${j} = pivot_row[${j}];`),
          ]),
    ],
    eliminate: ofRows((row) => [
      `let found_${row} = mine && is_${row};`,
      `column_${row} = select(column_${row}, k, found_${row});`,
      `inverse_${row} = select(inverse_${row}, inverse, found_${row});`,
      `let factor_${row} = select(${product(entry(row, 0), 'inverse')}, vec2f(0.0, 0.0), found_${row});`,
      ...each(
        width - 1,
        (j) =>
          `${entry(row, j)} = ${entry(row, j + 1)} - ${product(`factor_${row}`, `pivot_${j + 1}`)};`,
      ),
    ]),
    solutions: ofRows((row) => [
      `if (column_${row} < n) {`,
      `  vectors[CORRECTION * STRIDE + column_${row}] = ${product(entry(row, 0), `inverse_${row}`)};`,
      `  vectors[NEW_TANGENT * STRIDE + column_${row}] = ${product(entry(row, 1), `inverse_${row}`)};`,
      '}',
    ]),
  };
}
