/**
 * What a field of a layer accepts. One description serves JSON, JavaScript and the notation, fills in
 * what was left out, and words the error message, so that these cannot disagree.
 */

/** A field: what it needs, in words, and how a value becomes its canonical form. */
export interface Field<Value = unknown> {
  readonly needs: string;
  /** The canonical value, or undefined when the value is not acceptable. */
  readonly read: (value: unknown) => Value | undefined;
  /** The value when absent; a function of the other fields read before; none when required. */
  readonly absent?: (fields: Readonly<Record<string, unknown>>) => Value;
  /** A list of layers, which is read one by one to name the layer at fault. */
  readonly layers?: { readonly minimum: number };
}

/** f32 is what kernels compute in: 1e39 would be infinite there. */
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(Math.fround(value));

export const count: Field<number> = {
  needs: 'a positive integer',
  read: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 1 ? (value as number) : undefined,
};

export const flag: Field<boolean> = {
  needs: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

export const number = (
  needs = 'a finite number',
  accepts: (value: number) => boolean = () => true,
): Field<number> => ({
  needs,
  read: (value) => (isNumber(value) && accepts(value) ? value : undefined),
});

export const numberList = (needs: string): Field<readonly number[]> => ({
  needs,
  read: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isNumber) ? [...value] : undefined,
});

export const choice = <Name extends string>(...names: readonly Name[]): Field<Name> => ({
  needs: names.map((name) => `'${name}'`).join(' or '),
  read: (value) => names.find((name) => name === value),
});

/** The same field with what it is when it is left out, by the fields before it. */
export const derived = <Value>(
  field: Field<Value>,
  absent: NonNullable<Field<Value>['absent']>,
): Field<Value> => ({ ...field, absent });

/** The same field with a value for when it is left out. */
export const optional = <Value>(field: Field<Value>, value: NoInfer<Value>): Field<Value> =>
  derived(field, () => value);
