/**
 * A base set as a file: its parameters, and the units of each solution, from which the rest follows. In f64: the shares of
 * large units cancel, and f32 leaves nothing of some residual moments.
 */
import type { StartSolutions } from '../../homotopy/index.js';
import { LpsError } from '../../math/lps-error.js';
import { member, residual, type ParameterValue } from '../../polynomial/index.js';
import { placeOfBias, withMoments, type LagrangeFamily } from './lagrange-family.js';

/** A file of a base set that cannot be used. */
export class BaseSetFileError extends LpsError {
  override readonly name = 'BaseSetFileError';
  override readonly kind = 'input';
}

/** The file's content. */
export interface BaseSetFile {
  readonly schemaVersion: 1;
  readonly inputs: number;
  readonly powers: readonly number[];
  readonly units: number;
  /** Seed of the monodromy, and those that found as many solutions. */
  readonly seed: number;
  readonly confirmedBy: readonly number[];
  /** [re, im] of the Lagrange family's parameters. */
  readonly values: readonly (readonly [number, number])[];
  readonly count: number;
  /** w, b, v of unit after unit, solution after solution, re and im of each as little-endian f64 in base64. */
  readonly solutions: string;
}

/**
 * What rounding leaves of a residual where no weight is large. The residual moments are differences of polynomials of degree d in
 * the units' weights: where these are of size R, rounding grows with R^d.
 */
const ROUNDING = 1000 * 2 ** -52;

/** `strata-inputs-1-powers-0-1-2-units-3.json` */
export function baseSetFileName({ inputs, powers, units }: LagrangeFamily): string {
  return `strata-inputs-${inputs}-powers-${powers.join('-')}-units-${units}.json`;
}

/** Looks for the base set of a family in store; null where there is none, and it is found anew. */
export type FindBaseSet = (family: LagrangeFamily) => Promise<StartSolutions | null>;

/**
 * @param read the text of a file of data/families by its name; null where there is none
 */
export function baseSetsFrom(read: (name: string) => Promise<string | null>): FindBaseSet {
  return async (family) => {
    // Without live units there is nothing to know.
    if (family.units === 0) return null;
    const name = baseSetFileName(family);
    const text = await read(name);
    return text === null ? null : decodeBaseSet(text, family, name);
  };
}

export function encodeBaseSet(
  family: LagrangeFamily,
  { parameters, solutions }: StartSolutions,
  origin: Pick<BaseSetFile, 'seed' | 'confirmedBy'>,
): BaseSetFile {
  const { inputs, powers, units } = family;
  const numbers = solutions.flatMap(({ coordinates }) =>
    coordinates.slice(0, placeOfBias(family)).flat(),
  );
  const view = new DataView(new ArrayBuffer(8 * numbers.length));
  numbers.forEach((value, k) => {
    view.setFloat64(8 * k, value, true);
  });
  const bytes = new Uint8Array(view.buffer);
  return {
    schemaVersion: 1,
    inputs,
    powers,
    units,
    ...origin,
    values: parameters.map((value) => (typeof value === 'number' ? [value, 0] : value)),
    count: solutions.length,
    solutions: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')),
  };
}

/**
 * Reads the file's content back and checks it: right family, right number of solutions, each nearly a zero.
 *
 * @param source names the file in messages
 * @throws BaseSetFileError when the text is no such file, or of another family, or damaged
 */
export function decodeBaseSet(
  text: string,
  family: LagrangeFamily,
  source: string,
): StartSolutions {
  const refuse = (reason: string): BaseSetFileError =>
    new BaseSetFileError(
      `the file "${source}" of a base set ${reason}; remove it, or make it anew with "npm run families"`,
    );
  let file: Partial<BaseSetFile>;
  try {
    file = JSON.parse(text) as Partial<BaseSetFile>;
  } catch (error) {
    throw refuse(`is not JSON (${(error as Error).message})`);
  }
  const { inputs, powers, units, system } = family;
  const expected = { schemaVersion: 1, inputs, powers, units };
  for (const [field, value] of Object.entries(expected)) {
    const found = JSON.stringify(file?.[field as keyof BaseSetFile]);
    if (found !== JSON.stringify(value)) {
      throw refuse(`is of others: ${field} is ${found}, not ${JSON.stringify(value)}`);
    }
  }
  const { values, count, solutions } = file;
  const width = placeOfBias(family);
  const view = floats(solutions);
  if (!isParameters(values, system.parameters.length)) throw refuse('is damaged: "values"');
  if (view?.byteLength !== 16 * width * count!) {
    throw refuse(`is damaged: it does not hold ${String(count)} solutions`);
  }
  const numeric = member(system, values);
  return {
    parameters: values,
    solutions: Array.from({ length: count! }, (_, row) => {
      const own = Array.from({ length: width }, (__, k): readonly [number, number] => [
        view.getFloat64(16 * (row * width + k), true),
        view.getFloat64(16 * (row * width + k) + 8, true),
      ]);
      const coordinates = withMoments(family, numeric, own);
      const size = Math.max(...own.map((each) => Math.hypot(...each)));
      const limit = ROUNDING * (1 + size) ** powers.at(-1)!;
      if (!(residual(numeric, coordinates.flat()) <= limit)) {
        throw refuse(`is damaged: solution ${row + 1} does not solve its system`);
      }
      return { coordinates };
    }),
  };
}

function isParameters(
  values: unknown,
  count: number,
): values is readonly (readonly [number, number])[] {
  const isPair = (value: ParameterValue): boolean =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  return Array.isArray(values) && values.length === count && values.every(isPair);
}

/** Null for what is no base64. */
function floats(text: unknown): DataView | null {
  if (typeof text !== 'string') return null;
  try {
    return new DataView(Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer);
  } catch {
    return null;
  }
}
