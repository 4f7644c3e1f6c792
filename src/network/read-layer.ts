/**
 * Checks layers that come from anywhere (JSON, JavaScript) and fills in what was left out.
 *
 * One table says which fields a layer has, what each accepts and what it is when absent; the same
 * table lists the alternatives in error messages, so the two cannot disagree.
 */
import { ACTIVATION_TYPES, activationFields, type ActivationType } from './activations.js';
import { NetworkError } from './errors.js';
import type { Layer, LayerType, Padding, Size2 } from './layer.js';
import { choice, count, derived, flag, number, optional, type Field } from './layer-fields.js';
import { describeLayer } from './shape.js';

/** Residual layers inside residual layers; deeper ones (or circular objects) would end the stack. */
const MAXIMUM_NESTING = 32;

/** Longest piece of a wrong value that a message shows. */
const SHOWN_LENGTH = 60;

const isCells = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const size: Field<Size2> = {
  needs: 'a positive integer or [height, width]',
  read: (value) => {
    const pair = typeof value === 'number' ? [value, value] : value;
    return Array.isArray(pair) && pair.length === 2 && pair.every((n) => count.read(n))
      ? [pair[0] as number, pair[1] as number]
      : undefined;
  },
};

const layerList = (minimum: number): Field => ({
  needs: minimum === 0 ? 'a list of layers' : 'a list of at least one layer',
  read: (value) => (Array.isArray(value) && value.length >= minimum ? value : undefined),
  layers: { minimum },
});

const named = choice('valid', 'same');
const padding = optional<Padding>(
  {
    needs: "'valid' or 'same', or cells as PyTorch has them: a whole number or [rows, columns]",
    read: (value) => {
      const pair = typeof value === 'number' ? [value, value] : value;
      return Array.isArray(pair) && pair.length === 2 && pair.every(isCells)
        ? [pair[0] as number, pair[1] as number]
        : named.read(value);
    },
  },
  'valid',
);

const pool: Readonly<Record<string, Field>> = {
  size,
  stride: derived(size, (fields) => fields.size),
  padding,
};

type Fields = Readonly<Record<string, Field>>;

/** In the order in which they are written. */
const OWN_FIELDS: Readonly<Record<Exclude<LayerType, ActivationType>, Fields>> = {
  dense: { units: count, bias: optional(flag, true) },
  conv2d: {
    filters: count,
    kernel: size,
    stride: optional(size, [1, 1]),
    padding,
    dilation: optional(size, [1, 1]),
    groups: optional(count, 1),
    bias: optional(flag, true),
  },
  'max-pool2d': pool,
  'average-pool2d': pool,
  'global-average-pool2d': {},
  flatten: {},
  'batch-norm': {
    momentum: optional(
      number('a number from 0 to 1', (value) => value >= 0 && value <= 1),
      0.1,
    ),
    epsilon: optional(
      number('a number above 0 that f32 can hold', (value) => Math.fround(value) > 0),
      1e-5,
    ),
  },
  dropout: { rate: number('a number from 0 up to, not including, 1', (r) => r >= 0 && r < 1) },
  residual: { body: layerList(1), shortcut: derived(layerList(0), () => []) },
};

/** Every layer and its fields; by a call, which bundlers leave out where a spread would stay. */
const LAYER_FIELDS: Readonly<Record<LayerType, Fields>> = Object.assign(
  {},
  OWN_FIELDS,
  Object.fromEntries(
    ACTIVATION_TYPES.map((type): [ActivationType, Fields] => [type, activationFields(type)]),
  ) as Record<ActivationType, Fields>,
);

/** Names of all layers. */
const LAYER_TYPES = Object.keys(LAYER_FIELDS) as readonly LayerType[];

/** What a field of a layer is when it is left out; undefined when it must not be. */
export function defaultOf(layer: Layer, field: string): unknown {
  const fields = layer as unknown as Readonly<Record<string, unknown>>;
  return LAYER_FIELDS[layer.type][field]?.absent?.(fields);
}

/** How a message shows a value it refuses. */
export function show(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  // NaN and infinities have no JSON of their own.
  const text = typeof value === 'number' ? String(value) : asJson(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

function asJson(value: unknown): string {
  try {
    // Functions and symbols give undefined; circular objects and bigints throw.
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    return `a ${typeof value} without JSON`;
  }
}

/** A plain object, or undefined for lists, null and everything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/**
 * Checks a list of layers.
 *
 * @param prefix path of the list: "layers", "layers.3.body"
 * @returns the layers with every field in its canonical form
 * @throws NetworkError naming the layer, the field, its value and what it should be
 */
export function readLayers(list: readonly unknown[], prefix: string, nesting = 0): Layer[] {
  // Not map, which would skip the holes of a sparse list.
  return Array.from(list, (layer, index) => readLayer(layer, `${prefix}.${index}`, nesting));
}

function readLayer(value: unknown, label: string, nesting: number): Layer {
  const layer = asObject(value);
  if (layer === undefined || typeof layer.type !== 'string') {
    throw new NetworkError(
      'value',
      `${label}: a layer is an object with a type, such as { "type": "relu" }; got ${show(value)}`,
      { layer: label, field: 'type' },
    );
  }
  const { type } = layer;
  const where = describeLayer(label, type);
  if (!Object.hasOwn(LAYER_FIELDS, type)) {
    throw new NetworkError(
      'unknown-layer',
      `${label}: there is no layer "${type.slice(0, SHOWN_LENGTH)}"; the layers are ${LAYER_TYPES.join(', ')}`,
      { layer: label, field: 'type' },
    );
  }
  if (nesting > MAXIMUM_NESTING) {
    throw new NetworkError(
      'value',
      `${where}: lies inside more than ${MAXIMUM_NESTING} residual layers: write the branches one after another`,
      { layer: label },
    );
  }
  const fields = LAYER_FIELDS[type as LayerType];
  const unknown = Object.keys(layer).find(
    (name) => name !== 'type' && !Object.hasOwn(fields, name),
  );
  if (unknown !== undefined) {
    const known = Object.keys(fields).join(', ') || 'no fields but its type';
    throw new NetworkError(
      'unknown-field',
      `${where}: has no field "${unknown.slice(0, SHOWN_LENGTH)}"; it has ${known}`,
      { layer: label, field: unknown },
    );
  }
  const result: Record<string, unknown> = { type };
  for (const [name, field] of Object.entries(fields)) {
    result[name] = readField(layer[name], field, result, { label, where, name, nesting });
  }
  return result as unknown as Layer;
}

function readField(
  given: unknown,
  field: Field,
  before: Readonly<Record<string, unknown>>,
  at: { readonly label: string; readonly where: string; readonly name: string; nesting: number },
): unknown {
  if (given === undefined) {
    if (field.absent === undefined) {
      throw new NetworkError(
        'missing-field',
        `${at.where}: ${at.name} is missing; it must be ${field.needs}`,
        { layer: at.label, field: at.name },
      );
    }
    return field.absent(before);
  }
  const value = field.read(given);
  if (value === undefined) {
    throw new NetworkError(
      'value',
      `${at.where}: ${at.name} must be ${field.needs}, got ${show(given)}`,
      { layer: at.label, field: at.name },
    );
  }
  return field.layers === undefined
    ? value
    : readLayers(value as readonly unknown[], `${at.label}.${at.name}`, at.nesting + 1);
}
