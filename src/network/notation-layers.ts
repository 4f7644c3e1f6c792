/**
 * The names and arguments of the command-line notation: one table, read in both directions.
 *
 * A call becomes a layer without checks of its values; those are read-layer.ts's, so that notation
 * and JSON accept the same.
 */
import {
  ACTIVATION_TYPES,
  activationFields,
  activationNotation,
  isActivation,
} from './activations.js';
import { NetworkError } from './errors.js';
import type { Layer, ResidualLayer } from './layer.js';
import type { NotationArgument, NotationCall } from './notation-syntax.js';
import { defaultOf } from './read-layer.js';

/** How a layer is written. */
interface CallForm {
  readonly type: Exclude<Layer, ResidualLayer>['type'];
  /** Fields in the order of the arguments; they may also be named. */
  readonly positional: readonly string[];
  /** Fields that must be named. */
  readonly named: readonly string[];
  /** The field that takes all arguments as a list. */
  readonly list?: string;
  /** Fields that the name stands for. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

const form = (
  type: CallForm['type'],
  positional: readonly string[] = [],
  named: readonly string[] = [],
  rest: Pick<CallForm, 'list' | 'fixed'> = {},
): CallForm => ({ type, positional, named, ...rest });

const WINDOW = ['stride', 'padding'];

/** Activations take their options in order. */
const ACTIVATION_FORMS = Object.fromEntries(
  ACTIVATION_TYPES.map((type): [string, CallForm] => {
    const { name, list } = activationNotation(type);
    if (list !== undefined) return [name, form(type, [], [], { list })];
    return [name, form(type, Object.keys(activationFields(type)))];
  }),
);

const LAYER_FORMS: Readonly<Record<string, CallForm>> = {
  dense: form('dense', ['units'], ['bias']),
  conv: form('conv2d', ['filters', 'kernel'], WINDOW.concat('dilation', 'groups', 'bias')),
  pool: form('max-pool2d', ['size'], WINDOW),
  avgpool: form('average-pool2d', ['size'], WINDOW),
  globalpool: form('global-average-pool2d'),
  flatten: form('flatten'),
  bn: form('batch-norm', [], ['momentum', 'epsilon']),
  dropout: form('dropout', ['rate']),
};

/** Every name but `residual`, which the grammar knows. */
const FORMS: Readonly<Record<string, CallForm>> = Object.assign({}, LAYER_FORMS, ACTIVATION_FORMS, {
  square: form('polynomial', [], [], { fixed: { coefficients: [0, 0, 1] } }),
});

/** "conv(filters, kernel, stride=, padding=, ...)" */
function usage(name: string, { positional, named, list }: CallForm): string {
  const words = [
    ...positional,
    ...(list === undefined ? [] : [`${list}...`]),
    ...named.map((field) => `${field}=`),
  ];
  return words.length === 0 ? name : `${name}(${words.join(', ')})`;
}

/** All layers as they are written, for help and errors. */
export function layerUsages(): string[] {
  const calls = Object.entries(FORMS).map(([name, each]) => usage(name, each));
  return [...calls, 'residual(body)', 'residual(body | shortcut)'];
}

function activationNames(): readonly string[] {
  return Object.keys(FORMS).filter((name) => isActivation({ type: FORMS[name]!.type }));
}

/** The names of all activations in the notation. */
export const ACTIVATION_NAMES = activationNames();

/** Arguments by the name of their field: positions first, then names, none twice. */
export function bindArguments(
  call: NotationCall,
  positional: readonly string[],
  named: readonly string[],
  shape: string,
): Map<string, NotationArgument['value']> {
  const values = new Map<string, NotationArgument['value']>();
  call.arguments.forEach((argument, index) => {
    const field = argument.key ?? positional[index];
    const known = field !== undefined && [...positional, ...named].includes(field);
    const problem = !known
      ? argument.key === null
        ? 'takes fewer arguments without a name'
        : `has no argument "${argument.key}"`
      : values.has(field)
        ? `is given ${field} twice`
        : null;
    if (problem !== null) {
      const column = argument.offset + 1;
      throw new NetworkError(
        'notation',
        `network, column ${column}: ${call.name} ${problem}; write ${shape}`,
        {
          column,
        },
      );
    }
    values.set(field!, argument.value);
  });
  return values;
}

/**
 * The layer that a call describes, unchecked.
 *
 * @throws NetworkError code 'notation' for names and arguments that do not exist
 */
export function callToLayer(call: NotationCall): { readonly type: string } {
  const each = Object.hasOwn(FORMS, call.name) ? FORMS[call.name]! : undefined;
  if (each === undefined) {
    const column = call.offset + 1;
    throw new NetworkError(
      'notation',
      `network, column ${column}: there is no layer "${call.name}"; the layers are ${[...Object.keys(FORMS), 'residual'].join(', ')}`,
      { column },
    );
  }
  if (each.list !== undefined && call.arguments.every(({ key }) => key === null)) {
    return { type: each.type, [each.list]: call.arguments.map(({ value }) => value) };
  }
  const values = bindArguments(call, each.positional, each.named, usage(call.name, each));
  const fields = [...values].map(([field, value]) => [field, asJson(value)] as const);
  return { type: each.type, ...each.fixed, ...Object.fromEntries(fields) };
}

function asJson(value: NotationArgument['value']): unknown {
  return value === 'true' || value === 'false' ? value === 'true' : value;
}

/** Whether a field need not be written. */
function isDefault(layer: Layer, field: string, value: unknown): boolean {
  return JSON.stringify(defaultOf(layer, field)) === JSON.stringify(value);
}

/** The notation of a layer with all its arguments; the inverse of callToLayer. */
export function layerToCall(layer: Exclude<Layer, ResidualLayer>): string {
  const [name, { positional, named, list }] = Object.entries(FORMS).find(
    ([, { type }]) => type === layer.type,
  )!;
  const fields = layer as unknown as Readonly<Record<string, unknown>>;
  const words = [
    ...positional
      .filter((field) => !isDefault(layer, field, fields[field]))
      .map((field) => formatValue(fields[field])),
    ...(list === undefined ? [] : (fields[list] as number[]).map(formatValue)),
    ...named
      .filter((field) => !isDefault(layer, field, fields[field]))
      .map((field) => `${field}=${formatValue(fields[field])}`),
  ];
  return words.length === 0 ? name : `${name}(${words.join(',')})`;
}

/** Sizes as 3 or 3x5, numbers so that they are read back exactly. */
function formatValue(value: unknown): string {
  if (Array.isArray(value)) {
    return value[0] === value[1] ? String(value[0]) : value.join('x');
  }
  return Object.is(value, -0) ? '-0' : String(value);
}
