/**
 * A solved general member of a network family, as a file.
 *
 * The gradient of a network's loss is affine in the moments of the data and in lambda. A member at
 * random complex values of them is solved once with all LPS paths; it has as many solutions as any
 * member can have isolated ones, so following these few leads to all solutions for every data set
 * (Morgan & Sommese 1989). The file keeps them as f64, bit by bit, because text is three times as
 * long; whoever reads one checks every solution, so a damaged file cannot pass.
 */
import type { SolvedMember } from '../homotopy/index.js';
import { LpsError } from '../math/lps-error.js';
import { randomStream } from '../math/random.js';
import { member, residual } from '../polynomial/index.js';
import type { NetworkFamily } from './network-family.js';

/** A file of a solved family that cannot be used. */
export class FamilyFileError extends LpsError {
  override readonly name = 'FamilyFileError';
  override readonly kind = 'input';
}

/** The file's content. */
export interface FamilyFile {
  readonly schemaVersion: 1;
  readonly layers: readonly number[];
  readonly bias: boolean | 'output';
  /** Exact power coefficients of the activation polynomial, lowest first, as fractions. */
  readonly activation: readonly string[];
  readonly variables: readonly string[];
  readonly groups: readonly (readonly string[])[];
  /** Names of the moments and of lambda, and their values [re, im] here. */
  readonly parameters: readonly string[];
  readonly values: readonly (readonly [number, number])[];
  /** Seed of the values and of the first solve. */
  readonly seed: number;
  /** LPS paths that were followed. */
  readonly paths: number;
  /** Seeds whose solves found this very set of solutions. */
  readonly confirmedBy: readonly number[];
  readonly count: number;
  /** Solutions one after the other, re and im of each unknown, little-endian f64 in base64. */
  readonly solutions: string;
}

/** Random numbers drawn for something else must be others. */
const PARAMETER_STREAM = 0x40000;
/** A solution that was stored as f64 has a residual of a few 1e-16. */
const LARGEST_RESIDUAL = 1e-12;

/** Random values on the complex unit circle: a general member with probability one. */
export function generalParameters(
  family: { readonly parameters: readonly unknown[] },
  seed: number,
): [number, number][] {
  const stream = randomStream(seed, PARAMETER_STREAM);
  return family.parameters.map(() => stream.unitCircle());
}

/** A network family in words that identify it. */
export function describeFamily(
  family: NetworkFamily,
): Pick<FamilyFile, 'layers' | 'bias' | 'activation'> {
  const { layers, bias } = family.layout.architecture;
  return { layers, bias, activation: family.activation.map((value) => value.toFraction()) };
}

/** Writes a solved member as the file's content. */
export function encodeBase(
  family: NetworkFamily,
  base: SolvedMember,
  origin: {
    readonly seed: number;
    readonly paths: number;
    readonly confirmedBy: readonly number[];
  },
): FamilyFile {
  const { gradient } = family;
  const numbers = base.solutions.flatMap(({ coordinates }) => coordinates.flat());
  const bytes = new Uint8Array(8 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((value, k) => {
    view.setFloat64(8 * k, value, true);
  });
  return {
    schemaVersion: 1,
    ...describeFamily(family),
    variables: gradient.variables,
    groups: base.start.groups,
    parameters: gradient.parameters,
    values: base.parameters!,
    ...origin,
    count: base.solutions.length,
    solutions: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')),
  };
}

/**
 * Reads the file's content back and checks it: right family, right number of solutions, each a zero.
 *
 * @param source names the file in messages
 * @throws FamilyFileError when the text is no such file, or of another family, or damaged
 */
export function decodeBase(text: string, family: NetworkFamily, source: string): SolvedMember {
  const refuse = (reason: string): FamilyFileError =>
    new FamilyFileError(`the family file "${source}" ${reason}; make it anew with "lps family"`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refuse(`is not JSON (${(error as Error).message})`);
  }
  if (typeof content !== 'object' || content === null) throw refuse('holds no JSON object');
  const file = content as FamilyFile;
  const identity = describeFamily(family);
  const { gradient } = family;
  const expected = {
    schemaVersion: 1,
    ...identity,
    variables: gradient.variables,
    parameters: gradient.parameters,
  };
  for (const [field, value] of Object.entries(expected)) {
    const found = JSON.stringify(file[field as keyof FamilyFile]);
    if (found !== JSON.stringify(value)) {
      throw refuse(
        `belongs to another network: ${field} is ${found}, not ${JSON.stringify(value)}`,
      );
    }
  }
  const damaged = damagedField(file, gradient.parameters.length);
  if (damaged !== null)
    throw refuse(`is damaged: "${damaged}" is missing or not what it should be`);
  const size = gradient.variables.length;
  const bytes = fromBase64(file.solutions);
  if (bytes?.length !== 16 * size * file.count) {
    throw refuse(
      `is damaged: ${bytes?.length ?? 'unreadable'} bytes instead of ${file.count} solutions`,
    );
  }
  const view = new DataView(bytes.buffer);
  const system = member(gradient, file.values);
  const solutions = Array.from({ length: file.count }, (_, row) => {
    const coordinates = Array.from({ length: size }, (__, k): [number, number] => [
      view.getFloat64(16 * (row * size + k), true),
      view.getFloat64(16 * (row * size + k) + 8, true),
    ]);
    if (!(residual(system, coordinates.flat()) <= LARGEST_RESIDUAL)) {
      throw refuse(`is damaged: solution ${row + 1} does not solve its system`);
    }
    return { coordinates, singular: false };
  });
  return {
    system: { name: gradient.name, variables: gradient.variables, degrees: gradient.degrees },
    parameters: file.values,
    start: { groups: file.groups },
    partial: false,
    solutions,
  };
}

/** The first field that others than those that name the family have wrong; null when all are right. */
function damagedField(
  { values, groups, count, solutions }: Partial<Record<keyof FamilyFile, unknown>>,
  parameters: number,
): keyof FamilyFile | null {
  const isPair = (value: unknown): boolean =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  const areNames = (value: unknown): boolean =>
    Array.isArray(value) && value.every((name) => typeof name === 'string');
  if (!Array.isArray(values) || values.length !== parameters || !values.every(isPair))
    return 'values';
  if (!Array.isArray(groups) || !groups.every(areNames)) return 'groups';
  if (!Number.isSafeInteger(count) || (count as number) < 0) return 'count';
  return typeof solutions === 'string' ? null : 'solutions';
}

/** Null for what is no base64. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
