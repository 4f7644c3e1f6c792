/**
 * A trained network with all that its use takes: statistics of its inputs, units of its targets, names of
 * classes. All of it is text in the metadata of a safetensors file, as JSON:
 *
 *   network  { input, layers }
 *   inputs   { shape, columns?, mean, deviation }    input = (value - mean) / deviation
 *   targets  { kind: 'class', classes, classNames?, columns? }
 *            { kind: 'values', width, columns?, mean?, deviation? }    value = mean + deviation * output
 *   loss     its name
 */
import { LpsError } from '../math/lps-error.js';
import type { Dataset, Normalization } from '../data/dataset.js';
import { LOSS_NAMES, type LossName } from './loss.js';
import { networkFromJson, networkToJson, type Network } from './network.js';
import { entriesOf } from './shape.js';
import type { Weights } from './weights.js';

/** What a network's inputs are made of. */
export interface ModelInputs extends Normalization {
  /** [features] or [height, width, channels] of a sample. */
  readonly shape: readonly number[];
  /** Names of the columns of a table. */
  readonly columns?: readonly string[];
}

/** What a network's outputs are. */
export type ModelTargets =
  | {
      readonly kind: 'class';
      readonly classes: number;
      readonly classNames?: readonly string[];
      readonly columns?: readonly string[];
    }
  | {
      readonly kind: 'values';
      readonly width: number;
      readonly columns?: readonly string[];
      /** value in the data's units = mean + deviation * output; absent when the output is the value. */
      readonly units?: Normalization;
    };

export interface Model {
  readonly network: Network;
  readonly weights: Weights;
  readonly inputs: ModelInputs;
  readonly targets: ModelTargets;
  readonly loss: LossName;
}

/** A file that does not say how its weights are used, or not so that it can be. */
export class ModelError extends LpsError {
  override readonly name = 'ModelError';
  override readonly kind = 'input';
}

/**
 * The weights with a description of their use in their metadata.
 *
 * @param data what they were trained on, standardised as for the training
 */
export function describeModel(
  weights: Weights,
  {
    network,
    data,
    loss,
  }: { readonly network: Network; readonly data: Dataset; readonly loss: LossName },
): Weights {
  const { inputs, targets } = dataDescription(data);
  const description = {
    network: JSON.stringify(networkToJson(network)),
    inputs: JSON.stringify(inputs),
    targets: JSON.stringify(targets),
    loss,
  };
  return { ...weights, metadata: { ...weights.metadata, ...description } };
}

/** Statistics, units and names of a data set, as JSON. */
export function dataDescription({ shape, columns, normalization, targets }: Dataset): {
  readonly inputs: object;
  readonly targets: object;
} {
  const statistics = ({ mean, deviation }: Normalization): object => ({
    mean: Array.from(mean),
    deviation: Array.from(deviation),
  });
  const names = targets.columns && { columns: targets.columns };
  return {
    inputs: { shape, ...(columns && { columns }), ...statistics(normalization) },
    targets:
      targets.kind === 'class'
        ? {
            kind: targets.kind,
            classes: targets.classes,
            ...(targets.classNames && { classNames: targets.classNames }),
            ...names,
          }
        : {
            kind: targets.kind,
            width: targets.width,
            ...names,
            ...(targets.units && statistics(targets.units)),
          },
  };
}

/**
 * The model that a file's metadata describe.
 *
 * @param name of the file, for messages
 * @throws ModelError when the metadata say nothing of the network, or of data that do not fit it
 * @throws NetworkError when they hold no network
 */
export function readModel(weights: Weights, name = 'the file'): Model {
  const { network: text, inputs, targets, loss } = weights.metadata;
  if (text === undefined || inputs === undefined || targets === undefined || loss === undefined) {
    throw new ModelError(
      `${name} does not say what network and data its weights are of, as files of "lps train" do: name the network (--network)`,
    );
  }
  const network = networkFromJson(text);
  const fail = (what: string): never => {
    throw new ModelError(`${name}: the metadata "${what}" do not fit the network; train it again`);
  };
  return {
    network,
    weights,
    inputs: readInputs(parse(inputs), network) ?? fail('inputs'),
    targets: readTargets(parse(targets), network) ?? fail('targets'),
    loss: LOSS_NAMES.find((known) => known === loss) ?? fail('loss'),
  };
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}

function readInputs(json: Json, network: Network): ModelInputs | null {
  const { shape, columns } = json;
  if (!isNumbers(shape) || entriesOf(shape) !== entriesOf(network.input)) return null;
  const statistics = readStatistics(json, shape.at(-1)!);
  if (statistics === null || !areNames(columns, entriesOf(shape))) return null;
  return { shape, ...(columns && { columns }), ...statistics };
}

function readTargets(json: Json, network: Network): ModelTargets | null {
  const { kind, columns, classes, classNames, width } = json;
  const outputs = entriesOf(network.output);
  if (kind === 'class') {
    if (typeof classes !== 'number' || classes < 1 || classes > outputs) return null;
    if (!areNames(classNames, classes) || !areNames(columns, 1)) return null;
    return { kind, classes, ...(classNames && { classNames }), ...(columns && { columns }) };
  }
  if (kind !== 'values' || width !== outputs || !areNames(columns, outputs)) return null;
  const units = json.mean === undefined ? undefined : readStatistics(json, outputs);
  if (units === null) return null;
  return { kind, width: outputs, ...(columns && { columns }), ...(units && { units }) };
}

function readStatistics({ mean, deviation }: Json, count: number): Normalization | null {
  const fit =
    isNumbers(mean) &&
    isNumbers(deviation) &&
    mean.length === count &&
    deviation.length === count &&
    deviation.every((value) => value > 0);
  return fit ? { mean, deviation } : null;
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => Number.isFinite(one));
}

function areNames(value: unknown, count: number): value is readonly string[] | undefined {
  if (value === undefined) return true;
  return (
    Array.isArray(value) && value.length === count && value.every((one) => typeof one === 'string')
  );
}
