/**
 * Which tensor of somebody else's file is which of a network: PyTorch's names follow the program that
 * made the model, and safetensors files are sorted, so neither names nor order alone decide.
 */
import type { Network } from './network.js';
import { WeightsError, type Weights, type WeightTensor } from './weights.js';

/** A tensor's name and shape, as a file has them. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** PyTorch counts batches beside its running statistics; nothing here depends on the count. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * Pairs a network's tensors with those of a file:
 *
 * 1. by `names`, where they are given: the network's name to the file's;
 * 2. by equal names, also behind another first part ("layers.0.weight", "0.weight", "net.0.weight");
 * 3. by the shapes of a layer's tensors; several layers alike only when their names differ in numbers alone,
 *    which then give the order ("fc1" before "fc2", "blocks.9" before "blocks.10").
 *
 * Anything else could be permuted without notice and is refused.
 *
 * @returns the file's name by the network's
 * @throws WeightsError naming tensors that are missing, left over, of another shape or not to be told apart
 */
export function matchTensors(
  network: Network,
  others: readonly NamedShape[],
  names?: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const own = network.parameters.tensors;
  const theirs = others.filter(({ name }) => !COUNTER.test(name));
  const match =
    names === undefined ? (byName(own, theirs) ?? byShape(own, theirs)) : byMap(own, theirs, names);
  for (const { name, shape } of own) {
    const other = match.get(name)!;
    const found = theirs.find((tensor) => tensor.name === other)!;
    if (sizes(found.shape) !== sizes(shape)) {
      throw new WeightsError(
        `the tensor ${other} is ${sizes(found.shape)}, the network's ${name} is ${sizes(shape)}: change the network, or name the tensors (--names)`,
      );
    }
  }
  return match;
}

/** Somebody else's weights under the network's names. */
export function renameWeights(
  network: Network,
  weights: Weights,
  names?: Readonly<Record<string, string>>,
): Weights {
  const others = [...weights.tensors].map(([name, { shape }]) => ({ name, shape }));
  const match = matchTensors(network, others, names);
  const tensors = new Map(
    [...match].map(([name, other]): [string, WeightTensor] => [name, weights.tensors.get(other)!]),
  );
  return { tensors, metadata: weights.metadata };
}

/**
 * A network's weights under somebody else's names, in the order of the file; its batch counters become 0,
 * as strict loading asks for them.
 *
 * @throws WeightsError as matchTensors does
 */
export function weightsLike(
  network: Network,
  weights: Weights,
  others: readonly NamedShape[],
  names?: Readonly<Record<string, string>>,
): Weights {
  const match = matchTensors(network, others, names);
  const own = new Map([...match].map(([name, other]) => [other, name]));
  const tensors = new Map(
    others.map(({ name, shape }): [string, WeightTensor] => [
      name,
      COUNTER.test(name)
        ? { shape, data: new Float32Array(1) }
        : weights.tensors.get(own.get(name)!)!,
    ]),
  );
  return { tensors, metadata: weights.metadata };
}

function byMap(
  own: readonly NamedShape[],
  theirs: readonly NamedShape[],
  names: Readonly<Record<string, string>>,
): Map<string, string> {
  const known = new Set(theirs.map(({ name }) => name));
  const unknown = Object.keys(names).find((name) => !own.some((tensor) => tensor.name === name));
  if (unknown !== undefined) {
    throw new WeightsError(
      `the map names "${unknown}", which the network has not; it has ${list(own)}`,
    );
  }
  const used = new Map<string, string>();
  for (const { name } of own) {
    const other = names[name];
    if (other === undefined) throw new WeightsError(`the map leaves out the network's ${name}`);
    if (!known.has(other)) {
      throw new WeightsError(
        `the map names "${other}" for ${name}, which the file has not; it has ${list(theirs)}`,
      );
    }
    const before = used.get(other);
    if (before !== undefined) {
      throw new WeightsError(`the map gives "${other}" to both ${before} and ${name}`);
    }
    used.set(other, name);
  }
  checkLeftOver(theirs, new Set(used.keys()));
  return new Map(own.map(({ name }) => [name, names[name]!]));
}

/** Null when names are not the same behind their first part. */
function byName(
  own: readonly NamedShape[],
  theirs: readonly NamedShape[],
): Map<string, string> | null {
  if (own.length !== theirs.length) return null;
  const bare = (tensors: readonly NamedShape[]): Map<string, string> => {
    const names = tensors.map(({ name }) => name);
    const [first = ''] = names;
    const prefix = /^[a-zA-Z_]+\./.exec(first)?.[0] ?? '';
    const shared = names.every((name) => name.startsWith(prefix)) ? prefix.length : 0;
    return new Map(names.map((name) => [name.slice(shared), name]));
  };
  const other = bare(theirs);
  const pairs: [string, string][] = [];
  for (const [key, name] of bare(own)) {
    const found = other.get(key);
    if (found === undefined) return null;
    pairs.push([name, found]);
  }
  return new Map(pairs);
}

/** Layer by layer: a weight with its bias and statistics stays together. */
function byShape(own: readonly NamedShape[], theirs: readonly NamedShape[]): Map<string, string> {
  const pairs: [string, string][] = [];
  const used = new Set<string>();
  const theirLayers = layersOf(theirs);
  const ownLayers = layersOf(own);
  for (const form of new Set(ownLayers.map((layer) => layer.form))) {
    const wanted = ownLayers.filter((layer) => layer.form === form);
    const found = theirLayers.filter((layer) => layer.form === form);
    if (found.length !== wanted.length) {
      throw new WeightsError(
        `the network has ${wanted.length} layers with ${form}, such as ${wanted[0]!.name}, the file has ${found.length}; it has ${list(theirs)}`,
      );
    }
    const patterns = new Set(found.map(({ name }) => name.replaceAll(/\d+/g, '#')));
    if (patterns.size > 1) {
      throw new WeightsError(
        `the layers ${list(found)} are alike, ${form}, and their names give no order: say with --names which is which`,
      );
    }
    const ordered = found.toSorted((x, y) => inOrderOfNumbers(x.name, y.name));
    wanted.forEach(({ name, parts }, index) => {
      for (const part of parts) {
        const other = joinName(ordered[index]!.name, part);
        pairs.push([joinName(name, part), other]);
        used.add(other);
      }
    });
  }
  checkLeftOver(theirs, used);
  return new Map(pairs);
}

/** The tensors whose names are the same but for the last part. */
interface LayerTensors {
  readonly name: string;
  readonly parts: readonly string[];
  /** "weight [8, 3], bias [8]" */
  readonly form: string;
}

function layersOf(tensors: readonly NamedShape[]): LayerTensors[] {
  const layers = new Map<string, NamedShape[]>();
  for (const tensor of tensors) {
    const dot = tensor.name.lastIndexOf('.');
    const part = { name: tensor.name.slice(dot + 1), shape: tensor.shape };
    const name = tensor.name.slice(0, Math.max(0, dot));
    layers.set(name, [...(layers.get(name) ?? []), part]);
  }
  return [...layers].map(([name, parts]) => {
    const sorted = parts.toSorted((x, y) => (x.name < y.name ? 1 : -1));
    return {
      name,
      parts: sorted.map((part) => part.name),
      form: sorted.map((part) => `${part.name} ${sizes(part.shape)}`).join(', '),
    };
  });
}

function joinName(layer: string, part: string): string {
  return layer === '' ? part : `${layer}.${part}`;
}

function checkLeftOver(theirs: readonly NamedShape[], used: ReadonlySet<string>): void {
  const left = theirs.filter(({ name }) => !used.has(name));
  if (left.length > 0) {
    throw new WeightsError(
      `the file has tensors that the network has not: ${list(left)}; change the network`,
    );
  }
}

function inOrderOfNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function sizes(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** At most a dozen names. */
function list(tensors: readonly { readonly name: string }[]): string {
  const names = tensors.slice(0, 12).map(({ name }) => name);
  const more = tensors.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
