/**
 * network: from a description of layers to a checked network with all its shapes and parameters.
 *
 * A network is plain data, frozen through and through: it can be sent to a worker, written as
 * JSON and compared, and everything that is derived from it stays true.
 */
import { findAffineLayers, type AffineLayer } from './affine-layers.js';
import { NetworkError } from './errors.js';
import type { Layer } from './layer.js';
import { layOutParameters } from './parameter-layout.js';
import type { ParameterLayout } from './parameters.js';
import { asObject, readLayers, show } from './read-layer.js';
import { entriesOf, inferShapes, MAXIMUM_ENTRIES, type LayerShape, type Shape } from './shape.js';

/** What a network is made from. */
export interface NetworkSpecification {
  /** [features] or [height, width, channels] of one sample. */
  readonly input: Shape;
  readonly layers: readonly Layer[];
}

/** A network whose layers fit together. */
export interface Network extends NetworkSpecification {
  /** Shape of one output. */
  readonly output: Shape;
  /** Shapes around every layer, in the order of `layers`. */
  readonly shapes: readonly LayerShape[];
  readonly parameters: ParameterLayout;
  /** Dense and convolution layers in the order in which an input meets them. */
  readonly affineLayers: readonly AffineLayer[];
}

/** What a network's JSON holds besides: derived, so it is derived anew. */
const DERIVED_FIELDS = ['output', 'shapes', 'parameters', 'affineLayers'];

/**
 * Checks a description of a network and works out all shapes and parameters.
 *
 * @example
 * const lenet = network({
 *   input: [28, 28, 1],
 *   layers: [conv2d(6, 5), relu(), maxPool2d(2), flatten(), dense(10)],
 * });
 * lenet.output; // [10]
 * @throws NetworkError naming the layer at fault, what it needs and what it got
 */
export function network(specification: NetworkSpecification): Network {
  return readNetwork(specification);
}

/**
 * A network from JSON: its text, or what JSON.parse made of it. Fields that a layer's function
 * would fill in may be left out, sizes may be one number: `{ "type": "max-pool2d", "size": 2 }`.
 *
 * @throws NetworkError for text that is not JSON and for every description `network` refuses
 */
export function networkFromJson(json: unknown): Network {
  if (typeof json !== 'string') {
    return readNetwork(json);
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new NetworkError('not-a-network', `a network must be JSON: ${(error as Error).message}`);
  }
  return readNetwork(value);
}

/** What to write as JSON: input and layers, from which networkFromJson makes an equal network. */
export function networkToJson({ input, layers }: Network): NetworkSpecification {
  return { input, layers };
}

function readNetwork(value: unknown): Network {
  const specification = asObject(value);
  if (specification === undefined) {
    throw new NetworkError(
      'not-a-network',
      `a network is an object { "input": [28, 28, 1], "layers": [...] }, got ${show(value)}`,
    );
  }
  const unknown = Object.keys(specification).find(
    (name) => !['input', 'layers', ...DERIVED_FIELDS].includes(name),
  );
  if (unknown !== undefined) {
    throw new NetworkError(
      'unknown-field',
      `a network has no field ${show(unknown)}; it has input and layers`,
      { field: unknown },
    );
  }
  const input = readInput(specification.input);
  const { layers: list } = specification;
  if (!Array.isArray(list) || list.length === 0) {
    throw new NetworkError(
      list === undefined ? 'missing-field' : 'value',
      `a network's layers must be a list of at least one layer, got ${show(list)}`,
      { field: 'layers' },
    );
  }
  const layers = readLayers(list, 'layers');
  const shapes = inferShapes(input, layers);
  const parameters = layOutParameters(layers, shapes);
  const affineLayers = findAffineLayers(layers, shapes, parameters.tensors);
  const { output } = shapes.at(-1)!;
  return deepFreeze({ input, layers, output, shapes, parameters, affineLayers });
}

function readInput(value: unknown): Shape {
  const isShape =
    Array.isArray(value) &&
    (value.length === 1 || value.length === 3) &&
    value.every((size) => Number.isSafeInteger(size) && size >= 1);
  if (!isShape) {
    throw new NetworkError(
      value === undefined ? 'missing-field' : 'value',
      `a network's input must be [features] or [height, width, channels], all positive integers, got ${show(value)}`,
      { field: 'input' },
    );
  }
  const shape = [...(value as number[])];
  if (entriesOf(shape) > MAXIMUM_ENTRIES) {
    throw new NetworkError(
      'too-large',
      `a network's input of shape ${show(value)} has ${entriesOf(shape)} numbers, at most ${MAXIMUM_ENTRIES} are possible`,
      { field: 'input' },
    );
  }
  return shape;
}

/** Freezes plain data with everything it holds. */
function deepFreeze<Data extends object>(data: Data): Data {
  for (const value of Object.values(data) as unknown[]) {
    if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
      deepFreeze(value);
    }
  }
  return Object.freeze(data);
}
