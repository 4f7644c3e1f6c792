/** A trained network from a file, and data in its units: what `lps predict` and `lps evaluate` share. */
import type { Command } from 'commander';
import { isTableFile, loadDataset } from '../data/dataset-file.js';
import type { Dataset } from '../data/index.js';
import { readBytesFile, readWeightsFile } from '../data/read-file.js';
import {
  entriesOf,
  readModel,
  readSafetensors,
  renameWeights,
  type Model,
  type ModelTargets,
  type Network,
} from '../network/index.js';
import { loadOptions, type DataOptions } from './data-options.js';
import { UsageError } from './errors.js';
import { networkFromText } from './network-from-text.js';
import { numberList, scalingOf, type ScalingOptions } from './scaling-options.js';

export interface ModelFileOptions extends DataOptions, ScalingOptions {
  readonly data: string;
  readonly network?: string;
  readonly activation: string;
  readonly names?: string;
}

/** Help on files of other programs. */
export const MODEL_HELP = `Files of "lps train" say all in their metadata: network, columns, statistics, classes, units. For a file
of another program name the network (--network 4-16-3), and how its inputs were scaled: --mean and
--std, one number per column or channel (for images of bytes torchvision's, after / 255). Tensors are matched by name, else by shape and number, else by --names map.json, an object
from the network's names (layers.0.weight) to the file's.`;

/** Adds the argument and --network, --activation, --names, --mean and --std. */
export function addModelOptions(command: Command): Command {
  return command
    .argument('<model>', 'safetensors file of "lps train", or of another program with --network')
    .requiredOption('--data <name>', 'a data set by name, a file or a folder')
    .option('--network <network>', 'of a file that does not say it, as for "lps train"')
    .option('--activation <name>', 'after every hidden layer of numbers of --network', 'relu')
    .option('--names <file>', 'JSON object from the names of --network to those of the file')
    .option('--mean <numbers>', 'subtracted from the inputs of --network', numberList)
    .option('--std <numbers>', 'by which they are then divided', numberList);
}

/** The object in a JSON file of names. */
export async function readNames(path: string): Promise<Readonly<Record<string, string>>> {
  let value: unknown;
  try {
    value = JSON.parse((await readBytesFile(path)).toString());
  } catch (error) {
    throw new UsageError(`--names: cannot read "${path}": ${(error as Error).message}`);
  }
  const isMap =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((name) => typeof name === 'string');
  if (!isMap) throw new UsageError(`--names: "${path}" is no JSON object from names to names`);
  return value as Readonly<Record<string, string>>;
}

/** A model and the samples that it is asked about. */
export interface ModelWithData {
  readonly model: Model;
  readonly data: Dataset;
}

/**
 * Reads both.
 *
 * @param targets whether the data need them
 */
export async function loadModel(
  path: string,
  options: ModelFileOptions,
  { targets, signal }: { readonly targets: 'needed' | 'optional'; readonly signal: AbortSignal },
): Promise<ModelWithData> {
  const bytes = await readWeightsFile(path);
  const weights = readSafetensors(bytes, path);
  for (const [name, { data }] of weights.tensors) {
    const place = data.findIndex((value) => !Number.isFinite(value));
    if (place < 0) continue;
    throw new UsageError(
      `${path}: ${name} holds ${data[place]}, as of a training that diverged; train it again with a lower --lr, or --clip`,
    );
  }
  if (options.network === undefined) {
    const foreign = (['names', 'mean', 'std'] as const).find((name) => options[name] !== undefined);
    if (foreign !== undefined)
      throw new UsageError(`--${foreign} goes with --network; leave it out`);
    const model = readModel(weights, path);
    const data = await loadFor(model, options, targets, signal);
    checkShape(model.network, data);
    return { model, data };
  }
  const network = await networkFromText(options.network, {
    activation: options.activation,
    data: null,
  });
  const data = await load(options, loadOptions(options), targets, signal);
  checkShape(network, data);
  const names = options.names === undefined ? undefined : await readNames(options.names);
  const outputs = entriesOf(network.output);
  const isClass = data.targets.kind === 'class' || options.classes !== undefined;
  const classNames = data.targets.kind === 'class' ? data.targets.classNames : undefined;
  const described: ModelTargets = isClass
    ? {
        kind: 'class',
        classes: outputs,
        ...(classNames?.length === outputs && { classNames }),
      }
    : { kind: 'values', width: outputs };
  const model: Model = {
    network,
    weights: renameWeights(network, weights, names),
    inputs: {
      shape: data.shape,
      ...(data.columns && { columns: data.columns }),
      ...scalingOf(options, data),
    },
    targets: described,
    loss: isClass ? 'softmax-cross-entropy' : 'mse',
  };
  return { model, data };
}

/** Columns of a table and classes as the model has them, unless the command line says otherwise. */
async function loadFor(
  { inputs, targets }: Model,
  options: ModelFileOptions,
  need: 'needed' | 'optional',
  signal: AbortSignal,
): Promise<Dataset> {
  const chosen = loadOptions(options);
  const isTable = inputs.columns !== undefined && (await isTableFile(options.data));
  const target = targets.columns;
  const withTarget = isTable && target !== undefined && need === 'needed';
  return load(
    options,
    {
      ...(isTable && options.drop === undefined && { inputs: inputs.columns }),
      ...(withTarget && { target }),
      kind: targets.kind,
      ...(targets.kind === 'class' && {
        classes: targets.classes,
        ...(targets.classNames && { classNames: targets.classNames }),
      }),
      ...chosen,
    },
    need,
    signal,
  );
}

async function load(
  options: ModelFileOptions,
  how: Parameters<typeof loadDataset>[1],
  targets: 'needed' | 'optional',
  signal: AbortSignal,
): Promise<Dataset> {
  const { train, test } = await loadDataset(options.data, { ...how, targets, signal });
  // Data that come with a test set are asked about on it.
  return test ?? train;
}

function checkShape({ input }: Network, { shape }: Dataset): void {
  const same = input.join() === shape.join();
  const flat = input.length === 1 || shape.length === 1;
  if (same || (flat && entriesOf(input) === entriesOf(shape))) return;
  throw new UsageError(
    `the network takes samples of [${input.join(', ')}], the data are [${shape.join(', ')}]: choose other columns (--x, --drop), another --layout, or other data`,
  );
}
