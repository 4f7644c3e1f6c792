/**
 * Structures and partitions as text and JSON.
 *
 * The text is PHCpack's: one line per equation, `{ x1 }{ x2 x3 }` with a pair of braces per factor; a partition
 * is one such line. The JSON form is a list of such lines, or nested lists of variable names.
 */
import { assertWellFormed } from './support.js';
import { StructureError } from './product-structure.js';
import type { ProductStructure } from './product-structure.js';
import type { Partition } from './partition.js';

/** `{ x1 }{ x2 x3 }` for each equation. */
export function formatStructure(
  structure: ProductStructure,
  variables: readonly string[],
): string[] {
  return structure.map((factors) => formatSets(factors, variables));
}

/** `{ x1 }{ x2 x3 }` for a partition. */
export function formatPartition(partition: Partition, variables: readonly string[]): string {
  return formatSets(partition, variables);
}

function formatSets(sets: readonly (readonly number[])[], variables: readonly string[]): string {
  return sets.map((set) => `{ ${set.map((variable) => variables[variable]!).join(' ')} }`).join('');
}

/** Reads `{ a b }{ c }`; names are separated by blanks or commas. */
function parseSets(
  line: string,
  variables: readonly string[],
  where: string,
  equation?: number,
): number[][] {
  const rest = line.replace(/\{([^{}]*)\}/g, '').trim();
  if (rest !== '') {
    throw new StructureError(
      `${where}: '${rest}' is outside braces. Write one { ... } per set of variables.`,
      equation,
    );
  }
  return [...line.matchAll(/\{([^{}]*)\}/g)].map((match) =>
    indices(
      match[1]!.split(/[\s,]+/).filter((name) => name !== ''),
      variables,
      where,
      equation,
    ),
  );
}

function indices(
  names: readonly unknown[],
  variables: readonly string[],
  where: string,
  equation?: number,
): number[] {
  return names.map((name) => {
    const index = typeof name === 'string' ? variables.indexOf(name) : -1;
    if (index < 0) {
      throw new StructureError(
        `${where}: ${JSON.stringify(name)} is not a variable of the system (${variables.join(', ')}).`,
        equation,
      );
    }
    return index;
  });
}

/**
 * Reads a structure from text (one line per equation) or from parsed JSON.
 *
 * @param input text; or per equation a text line or a list of lists of variable names
 * @param variables the system's variables; the structure has as many equations
 * @throws StructureError naming the equation
 */
export function parseStructure(input: unknown, variables: readonly string[]): ProductStructure {
  const lines: unknown =
    typeof input === 'string' ? input.split(/\r?\n/).filter((line) => line.trim() !== '') : input;
  if (!Array.isArray(lines)) {
    throw new StructureError(
      'A structure is text with one line of sets per equation, or a list with one entry per equation.',
    );
  }
  const structure = lines.map((entry: unknown, equation) => {
    const where = `Equation ${equation + 1} of the structure`;
    if (typeof entry === 'string') return parseSets(entry, variables, where, equation);
    if (Array.isArray(entry) && entry.every((set) => Array.isArray(set))) {
      return entry.map((set: readonly unknown[]) => indices(set, variables, where, equation));
    }
    throw new StructureError(
      `${where} is neither text like { x }{ y z } nor a list of lists of names.`,
      equation,
    );
  });
  assertWellFormed(structure, variables.length);
  return structure;
}

/**
 * Reads a partition from `{ x y }{ z }` or from a list of lists of names.
 *
 * @throws StructureError when the form is wrong or a name unknown; whether it covers the variables is checked by `chooseStart`
 */
export function parsePartition(input: unknown, variables: readonly string[]): Partition {
  if (typeof input === 'string') return parseSets(input, variables, 'The partition');
  if (Array.isArray(input) && input.every((group) => Array.isArray(group))) {
    return input.map((group: readonly unknown[]) => indices(group, variables, 'The partition'));
  }
  throw new StructureError(
    'A partition is text like { x y }{ z }, or a list of lists of variable names.',
  );
}
