/**
 * Start data as the start kernels read it: tables that depend on the structure, values that depend
 * on the seed.
 */
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import { flattenStartTable, type StartTable } from '../start/index.js';
import type { CellStartTable } from '../start/polyhedral/cell-start.js';

/** From which a kernel makes start points of path ids. */
export type DeviceStartTable = StartTable | CellStartTable;

export interface FlatStart {
  readonly kernel: 'tracker/start-roots' | 'tracker/start-product' | 'tracker/start-cells';
  readonly words: Uint32Array<ArrayBuffer>;
  /** Constants of the kernel: sizes and places in `words`. */
  readonly constants: Readonly<Record<string, number>>;
  /** Complex numbers that `startValues` gives. */
  readonly values: number;
}

/** The structure's part. @throws TrackingLimitError when an id does not fit u32. */
export function flattenStart(structure: HomotopyStructure, table: DeviceStartTable): FlatStart {
  const { variables: n, coordinates, start } = structure;
  if (table.kind === 'cells') {
    return {
      kernel: 'tracker/start-cells',
      words: table.words,
      constants: { VARIABLES: n, COORDINATES: coordinates, CELLS: table.cells },
      values: table.points.length / 2,
    };
  }
  const flat = flattenStartTable(table);
  if (start.kind === 'univariate' && flat.kind === 'radix') {
    return {
      kernel: 'tracker/start-roots',
      words: new Uint32Array(flat.words),
      constants: { VARIABLES: n, COORDINATES: coordinates },
      values: start.degrees.reduce((sum, degree) => sum + degree, 0),
    };
  }
  if (start.kind !== 'product' || flat.kind !== 'graph') {
    throw new Error(`a ${flat.kind} start table does not belong to a ${start.kind} start system`);
  }
  const firstForms: number[] = [];
  const forms: number[] = [];
  const constants: number[] = [];
  for (const factors of start.factors) {
    firstForms.push(constants.length);
    for (const { coordinates: members, offset } of factors) {
      const row = new Array<number>(n).fill(0);
      members.forEach((coordinate, k) => {
        // 0 means "no such variable"; the homogenising coordinate carries the constant.
        if (k > 0) row[coordinate] = offset + k + 1;
      });
      forms.push(...row);
      constants.push(offset);
    }
  }
  const firstFormsAt = flat.words.length;
  const formsAt = firstFormsAt + firstForms.length;
  const constantsAt = formsAt + forms.length;
  const words = new Uint32Array(constantsAt + constants.length);
  words.set(flat.words, 0);
  words.set(firstForms, firstFormsAt);
  words.set(forms, formsAt);
  words.set(constants, constantsAt);
  return {
    kernel: 'tracker/start-product',
    words,
    constants: {
      VARIABLES: n,
      COORDINATES: coordinates,
      NODES: flat.nodeOffset,
      EDGES: flat.edgeOffset,
      FIRST_FORMS: firstFormsAt,
      FORMS: formsAt,
      FORM_CONSTANTS: constantsAt,
    },
    values: start.factors.flat().reduce((sum, factor) => sum + factor.coordinates.length, 0),
  };
}

/** The seed's part: all roots of every a x^d + b, or the coefficients themselves. */
export function startValues({ structure, startCoefficients }: Homotopy): Float32Array<ArrayBuffer> {
  const { start } = structure;
  if (start.kind !== 'univariate') return Float32Array.from(startCoefficients);
  const roots: number[] = [];
  start.degrees.forEach((degree, i) => {
    const [ar, ai, br, bi] = startCoefficients.slice(4 * i, 4 * i + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    // The argument of the quotient, not a difference of arguments: root k must be the root k of
    // `startSolution`, from which a failed path starts again.
    const angle = Math.atan2(-(bi * ar - br * ai), -(br * ar + bi * ai));
    const modulus = (Math.hypot(br, bi) / Math.hypot(ar, ai)) ** (1 / degree);
    for (let k = 0; k < degree; k++) {
      const phase = (angle + 2 * Math.PI * k) / degree;
      roots.push(modulus * Math.cos(phase), modulus * Math.sin(phase));
    }
  });
  return Float32Array.from(roots);
}
