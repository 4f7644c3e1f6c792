/** The networks of architectures.ts by the names that the notation gives them. */
import {
  autoencoder,
  lenet5,
  mobilenet,
  perceptron,
  plainConvolution,
  resnet18,
  resnet20Cifar,
  resnetSmall,
  transformerMlp,
  vgg,
  VGG_FILTERS,
  vggSmall,
  type Task,
} from './architectures.js';
import { NetworkError } from './errors.js';
import type { NamedShape } from './match-tensors.js';
import type { ActivationLayer } from './activations.js';
import type { Network } from './network.js';
import { bindArguments } from './notation-layers.js';
import type { NotationCall } from './notation-syntax.js';
import { entriesOf, type Shape } from './shape.js';

/** What a name stands for. */
interface NamedNetwork {
  /** As it is written. */
  readonly usage: string;
  /** Arguments by position; all are positive integers. */
  readonly positional: readonly string[];
  /** Those that must be given. */
  readonly required: readonly string[];
  readonly make: (
    task: Task & { readonly activation?: ActivationLayer },
    numbers: Readonly<Record<string, number>>,
  ) => Network;
  /** Names of all tensors in torchvision, in the order of its state dictionary, which is ours. */
  readonly pytorchNames?: () => readonly string[];
  /** Its outputs are given by its inputs: no classes are asked for. */
  readonly hasOwnOutputs?: true;
}

const normNames = (name: string): string[] =>
  ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part}`);

/** Of basic blocks as torchvision names them; from the second stage on the first block projects. */
function resnetNames(stages: number, perStage: number): string[] {
  const names: string[] = ['conv1.weight', ...normNames('bn1')];
  for (let stage = 1; stage <= stages; stage++) {
    for (let block = 0; block < perStage; block++) {
      const name = `layer${stage}.${block}`;
      names.push(`${name}.conv1.weight`, ...normNames(`${name}.bn1`));
      names.push(`${name}.conv2.weight`, ...normNames(`${name}.bn2`));
      if (stage === 1 || block > 0) continue;
      names.push(`${name}.downsample.0.weight`, ...normNames(`${name}.downsample.1`));
    }
  }
  return [...names, 'fc.weight', 'fc.bias'];
}

/** A convolution takes two places, itself and its ReLU, a pooling one. */
function vggNames(filters: readonly number[]): string[] {
  const names: string[] = [];
  let place = 0;
  for (const count of filters) {
    if (count > 0) names.push(`features.${place}`);
    place += count > 0 ? 2 : 1;
  }
  const classifier = [0, 3, 6].map((index) => `classifier.${index}`);
  return [...names, ...classifier].flatMap((name) => [`${name}.weight`, `${name}.bias`]);
}

const plain = (
  name: string,
  make: NamedNetwork['make'],
  rest: Pick<NamedNetwork, 'pytorchNames'> = {},
): NamedNetwork => ({ usage: name, positional: [], required: [], make, ...rest });

const vggNetwork = (name: keyof typeof VGG_FILTERS): NamedNetwork =>
  plain(name, (task) => vgg(VGG_FILTERS[name], task), {
    pytorchNames: () => vggNames(VGG_FILTERS[name]),
  });

/**
 * The tensors of a named network as torchvision's state dictionary has them, batch counters included.
 *
 * @param text in the notation
 * @returns null for every other text
 */
export function pytorchTensors(text: string, network: Network): readonly NamedShape[] | null {
  const name = text
    .replace(/^[\dx]+:/, '')
    .replace(/\(.*\)$/s, '')
    .trim();
  const named = Object.hasOwn(NAMED_NETWORKS, name) ? NAMED_NETWORKS[name] : undefined;
  const names = named?.pytorchNames?.() ?? null;
  return (
    names?.flatMap((tensor, index): NamedShape[] => [
      { name: tensor, shape: network.parameters.tensors[index]!.shape },
      ...(tensor.endsWith('.running_var')
        ? [{ name: tensor.replace('running_var', 'num_batches_tracked'), shape: [] }]
        : []),
    ]) ?? null
  );
}

/** `lenet5` and its kind, by name. */
export const NAMED_NETWORKS: Readonly<Record<string, NamedNetwork>> = {
  lenet5: plain('lenet5', lenet5),
  'vgg-small': plain('vgg-small', vggSmall),
  'resnet-small': plain('resnet-small', resnetSmall),
  resnet18: plain('resnet18', resnet18, { pytorchNames: () => resnetNames(4, 2) }),
  'resnet20-cifar': plain('resnet20-cifar', resnet20Cifar, {
    pytorchNames: () => resnetNames(3, 3),
  }),
  vgg11: vggNetwork('vgg11'),
  vgg16: vggNetwork('vgg16'),
  mobilenet: plain('mobilenet', mobilenet),
  'plain-conv': {
    usage: 'plain-conv(depth, channels)',
    positional: ['depth', 'channels'],
    required: [],
    make: (task, numbers) => plainConvolution({ ...task, ...numbers }),
  },
  mlp: {
    usage: 'mlp(depth, width)',
    positional: ['depth', 'width'],
    required: ['depth', 'width'],
    make: (task, { depth, width }) => perceptron({ ...task, depth: depth!, width: width! }),
  },
  'transformer-mlp': {
    usage: 'transformer-mlp(depth, width)',
    positional: ['depth', 'width'],
    required: ['depth', 'width'],
    make: (task, { depth, width }) => transformerMlp({ ...task, depth: depth!, width: width! }),
  },
  autoencoder: {
    usage: 'autoencoder(width, code)',
    positional: ['width', 'code'],
    required: ['width', 'code'],
    make: (task, { width, code }) => autoencoder({ ...task, width: width!, code: code! }),
    hasOwnOutputs: true,
  },
};

/**
 * Makes the network that a call names.
 *
 * @throws NetworkError for wrong arguments, for a number of classes that nobody says, and when the
 *   network does not fit the input
 */
export function namedNetwork(
  call: NotationCall,
  options: { input: Shape; classes?: number; activation?: ActivationLayer },
): Network {
  const column = call.offset + 1;
  const named = NAMED_NETWORKS[call.name]!;
  const shape = `${named.usage}, with classes= for other outputs than the data's classes`;
  const values = bindArguments(call, named.positional, ['classes'], shape);
  for (const [name, value] of values) {
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw new NetworkError(
        'notation',
        `column ${column}: ${name} of ${call.name} must be a positive integer, got ${String(value)}`,
        { column, field: name },
      );
    }
  }
  const own = named.hasOwnOutputs ? entriesOf(options.input) : undefined;
  const { classes = options.classes ?? own, ...numbers } = Object.fromEntries(values) as Record<
    string,
    number
  >;
  const missing = named.required.find((name) => numbers[name] === undefined);
  if (missing !== undefined || classes === undefined) {
    const field = missing ?? 'classes';
    throw new NetworkError(
      'notation',
      `column ${column}: ${call.name} needs ${field}; write ${named.usage}${missing === undefined ? ` with classes=10 among its arguments` : ''}`,
      { column, field },
    );
  }
  const { input, activation } = options;
  return named.make(
    { input, classes, ...(activation === undefined ? {} : { activation }) },
    numbers,
  );
}
