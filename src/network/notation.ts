/**
 * Networks in one line of text, for the command line: `784-256-128-10`,
 * `28x28x1:conv(8,3)-relu-pool(2)-flatten-10`, `lenet5`. NOTATION_HELP says it all.
 *
 * Text becomes the same unchecked layers as JSON, and one place (network.ts) checks both; here an
 * error only learns the column of its layer.
 */
import { parse, SyntaxError as ParserError } from '../generated/notation-parser.js';
import { NetworkError } from './errors.js';
import { isActivation, relu, type ActivationLayer } from './activations.js';
import type { Layer } from './layer.js';
import { NAMED_NETWORKS, namedNetwork } from './named-networks.js';
import { networkFromJson, type Network } from './network.js';
import { ACTIVATION_NAMES, callToLayer, layerToCall, layerUsages } from './notation-layers.js';
import type { NotationItem, NotationSyntax } from './notation-syntax.js';
import { readLayers } from './read-layer.js';
import { entriesOf, formatShape, type Shape } from './shape.js';

/** What the text may leave to its surroundings. */
export interface NotationOptions {
  /** Shape of the data: the input where the text names none, and checked where it does. */
  readonly input?: Shape;
  /** Outputs of a named network that does not say `classes=`. */
  readonly classes?: number;
  /** What follows a number in the text; ReLU unless stated. */
  readonly activation?: ActivationLayer;
}

/** Width that help is set in. */
const HELP_WIDTH = 96;

/** Words separated by commas, broken into lines that are indented by `indent` but for the first. */
function wrap(words: readonly string[], indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && indent + line.length + word.length + 2 > HELP_WIDTH) {
      lines.push(line);
      line = '';
    }
    line += `${line === '' ? '' : ' '}${word},`;
  }
  return [...lines, line.slice(0, -1)].join(`\n${' '.repeat(indent)}`);
}

function notationHelp(): string {
  return `A network is a list of layers joined by dashes:
  784-256-128-10                             fully connected, 784 inputs, 10 outputs
  28x28x1:conv(8,3)-relu-pool(2)-flatten-10  on images of height x width x channels
  lenet5                                     a network with a name
The input is what stands before a colon, else a number in the first place, else the shape of the
data. Any other number is a dense layer of that many units. The hidden activation (relu unless
chosen) comes after it, and after a bn that follows it, unless an activation is written there or
the list ends. Images that go into a network of as many features are read channel by channel.
30*16 and 4*(conv(8,3,padding=same)-relu) repeat a layer and a list. Sizes are 3 or 3x5 (height x
width). Padding is valid, same (TensorFlow's: output ceil(input / stride), the odd cell at the end) or
cells on both sides as in PyTorch, padding=1 or padding=(1,2). bias is true or false.
  layers  ${wrap(layerUsages(), 10)}
  names   ${wrap(
    Object.values(NAMED_NETWORKS).map(({ usage }) => usage),
    10,
  )}`;
}

/** The notation explained, for --help. */
export const NOTATION_HELP = notationHelp();

/** Layers of one text, repetitions counted: more would be a slip of the pen. */
const MAXIMUM_LAYERS = 10_000;

/** An unchecked layer and where it stands in the text. */
interface PlacedLayer {
  readonly layer: { readonly type: string };
  readonly offset: number;
  readonly body: readonly PlacedLayer[];
  readonly shortcut: readonly PlacedLayer[];
}

/**
 * Reads a network from the notation of NOTATION_HELP.
 *
 * @example networkFromNotation('784-256-128-10').parameters.count // 235146
 * @throws NetworkError with the column of the mistake; code 'notation' where the text itself is
 *   wrong, else the code of network()
 */
export function networkFromNotation(text: string, options: NotationOptions = {}): Network {
  const syntax = attempt(() => parse(text));
  const [only] = syntax.items;
  if (syntax.items.length === 1 && only?.kind === 'call' && isName(only.name)) {
    return namedNetwork(only, { ...options, input: inputOf(syntax, options).input });
  }
  const { input, items } = inputOf(syntax, options);
  if (countLayers(items) > MAXIMUM_LAYERS) {
    throw new NetworkError('notation', `the text asks for more than ${MAXIMUM_LAYERS} layers`);
  }
  const placed = placeLayers(items, options.activation ?? relu());
  try {
    return networkFromJson({ input, layers: placed.map(({ layer }) => layer) });
  } catch (error) {
    throw error instanceof NetworkError ? withColumn(error, placed) : error;
  }
}

/**
 * Reads one activation, such as `leaky-relu(0.1)`.
 *
 * @throws NetworkError when the text is no activation
 */
export function activationFromNotation(text: string): ActivationLayer {
  const call = attempt(() => parse(text, { startRule: 'Single' as const }));
  if (!ACTIVATION_NAMES.includes(call.name)) {
    throw new NetworkError(
      'notation',
      `"${text}" is not an activation; the activations are ${ACTIVATION_NAMES.join(', ')}, and some take arguments: leaky-relu(0.1), gelu(tanh), poly(0.1,0.5,0.4)`,
    );
  }
  const layer = callToLayer(call);
  return readLayers([layer], 'activation')[0] as ActivationLayer;
}

/** The text that networkFromNotation reads as an equal network. */
export function notationOf({ input, layers }: Pick<Network, 'input' | 'layers'>): string {
  const list = formatList(layers);
  return input.length === 1 ? `${input[0]}-${list}` : `${input.join('x')}:${list}`;
}

const isName = (name: string): boolean => Object.hasOwn(NAMED_NETWORKS, name);

function attempt<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ParserError)) {
      throw error;
    }
    const column = error.location.start.offset + 1;
    const message = error.message.replace(/^E/, 'e').replace(/\.$/, '');
    throw new NetworkError(
      'notation',
      `network, column ${column}: ${message}; write layers joined by dashes, such as 784-256-10 or conv(8,3)-relu-flatten-10`,
      { column },
    );
  }
}

/** The input shape, and the items that are layers. */
function inputOf(
  { input: written, items }: NotationSyntax,
  { input: data }: NotationOptions,
): { readonly input: Shape; readonly items: readonly NotationItem[] } {
  const [first, ...rest] = items;
  const asNumber = written === null && first?.kind === 'units' ? [first.units] : null;
  const input = written ?? asNumber ?? data;
  if (input === undefined) {
    throw new NetworkError(
      'notation',
      'the text does not say what goes into the network; begin it with the shape of a sample, such as 28x28x1: or 784:',
      { column: 1 },
    );
  }
  const fits =
    data === undefined ||
    formatShape(input) === formatShape(data) ||
    (input.length === 1 && entriesOf(input) === entriesOf(data));
  if (!fits) {
    const needed = data.length === 1 ? `${data[0]}` : `${data.join('x')} or ${entriesOf(data)}`;
    throw new NetworkError(
      'notation',
      `network, column 1: the network takes ${input.join('x')} and the data are ${formatShape(data)}; begin it with ${needed}, or choose other inputs`,
      { column: 1 },
    );
  }
  if (asNumber !== null && rest.length === 0) {
    throw new NetworkError(
      'notation',
      `a number in the first place is the input, and no layer follows it; write ${asNumber[0]}-10 for 10 outputs`,
      { column: 1 },
    );
  }
  return { input, items: asNumber === null ? items : rest };
}

/** Layers that a list stands for, without making them. */
function countLayers(items: readonly NotationItem[]): number {
  const counts = items.map((item) => {
    switch (item.kind) {
      case 'repeat':
        return item.times * countLayers(item.items);
      case 'residual':
        return 1 + countLayers(item.body) + countLayers(item.shortcut);
      case 'units':
      case 'call':
        return 1;
    }
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function unroll(items: readonly NotationItem[]): Exclude<NotationItem, { kind: 'repeat' }>[] {
  return items.flatMap((item) =>
    item.kind === 'repeat'
      ? Array.from({ length: item.times }, () => unroll(item.items)).flat()
      : [item],
  );
}

/** Items as layers, with the hidden activation after numbers. */
function placeLayers(items: readonly NotationItem[], activation: ActivationLayer): PlacedLayer[] {
  const placed: PlacedLayer[] = [];
  // Where an activation is owed: the offset of the number that it follows.
  let owed: number | null = null;
  for (const item of unroll(items)) {
    const layer = itemToLayer(item, activation);
    if (owed !== null && layer.layer.type !== 'batch-norm') {
      if (!isActivation(layer.layer)) {
        placed.push({ layer: activation, offset: owed, body: [], shortcut: [] });
      }
      owed = null;
    }
    placed.push(layer);
    owed = item.kind === 'units' ? item.offset : owed;
  }
  return placed;
}

function itemToLayer(
  item: Exclude<NotationItem, { kind: 'repeat' }>,
  activation: ActivationLayer,
): PlacedLayer {
  const { offset } = item;
  switch (item.kind) {
    case 'units': {
      const layer = { type: 'dense', units: item.units };
      return { layer, offset, body: [], shortcut: [] };
    }
    case 'call':
      return { layer: callToLayer(item), offset, body: [], shortcut: [] };
    case 'residual': {
      const body = placeLayers(item.body, activation);
      const shortcut = placeLayers(item.shortcut, activation);
      const list = (layers: readonly PlacedLayer[]) => layers.map(({ layer }) => layer);
      const layer = { type: 'residual', body: list(body), shortcut: list(shortcut) };
      return { layer, offset, body, shortcut };
    }
  }
}

/** The error with the column of the layer it names. */
function withColumn(error: NetworkError, placed: readonly PlacedLayer[]): NetworkError {
  // "layers.3.body.1" -> 3, body, 1
  const path = error.layer?.split('.').slice(1) ?? [];
  let layer: PlacedLayer | undefined;
  let list = placed;
  for (const step of path) {
    if (step === 'body' || step === 'shortcut') {
      list = layer?.[step] ?? [];
    } else {
      layer = list[Number(step)];
    }
  }
  if (layer === undefined) {
    return error;
  }
  const column = layer.offset + 1;
  return new NetworkError(error.code, `network, column ${column}: ${error.message}`, {
    column,
    ...(error.layer === undefined ? {} : { layer: error.layer }),
    ...(error.field === undefined ? {} : { field: error.field }),
  });
}

function formatList(layers: readonly Layer[]): string {
  const words: string[] = [];
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index]!;
    if (layer.type === 'residual') {
      const shortcut = layer.shortcut.length === 0 ? '' : `|${formatList(layer.shortcut)}`;
      words.push(`residual(${formatList(layer.body)}${shortcut})`);
    } else if (layer.type === 'dense' && layer.bias && isNumberEnough(layers, index)) {
      words.push(String(layer.units));
      index += isImpliedRelu(layers, index + 1) ? 1 : 0;
    } else {
      words.push(layerToCall(layer));
    }
  }
  return words.join('-');
}

/** Whether a dense layer may be written as a number: an activation or the end comes after it. */
function isNumberEnough(layers: readonly Layer[], index: number): boolean {
  let next = index + 1;
  while (layers[next]?.type === 'batch-norm') {
    next++;
  }
  return next === layers.length || isActivation(layers[next]!);
}

/** Whether the layer is a ReLU that a reader adds after a number: not before what would replace it. */
function isImpliedRelu(layers: readonly Layer[], index: number): boolean {
  const next = layers[index + 1];
  return (
    layers[index]?.type === 'relu' &&
    next !== undefined &&
    next.type !== 'batch-norm' &&
    !isActivation(next)
  );
}
