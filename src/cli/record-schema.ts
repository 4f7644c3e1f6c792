/** Files that are read back are held against a JSON Schema first: they may be old, damaged or written by hand. */
import { Ajv, type ValidateFunction } from 'ajv';

const ajv = new Ajv({ allowUnionTypes: true });
const compiled = new WeakMap<object, ValidateFunction>();

/**
 * @param schema JSON Schema (draft 7)
 * @returns what is wrong with the value, such as "solutions: must be string"; null when nothing is
 */
export function violation(schema: object, value: unknown): string | null {
  let validate = compiled.get(schema);
  if (!validate) {
    const { $id } = schema as { readonly $id?: string };
    validate = ($id === undefined ? undefined : ajv.getSchema($id)) ?? ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return null;
  const { instancePath, message } = validate.errors![0]!;
  const place = instancePath.slice(1).replaceAll('/', '.');
  return `${place === '' ? '' : `${place}: `}${message ?? 'does not fit'}`;
}
