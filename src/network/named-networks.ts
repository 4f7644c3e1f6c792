/** The networks of architectures.ts by the names that the notation gives them. */
import {
  lenet5,
  perceptron,
  plainConvolution,
  resnet18,
  resnetSmall,
  vgg11,
  vggSmall,
  type Task,
} from './architectures.js';
import { NetworkError } from './errors.js';
import type { NamedShape } from './match-tensors.js';
import type { ActivationLayer } from './activations.js';
import type { Network } from './network.js';
import { bindArguments } from './notation-layers.js';
import type { NotationCall } from './notation-syntax.js';
import type { Shape } from './shape.js';

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
}

const normNames = (name: string): string[] =>
  ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part}`);

function resnet18Names(): string[] {
  const blocks = [1, 2, 3, 4].flatMap((stage) =>
    [0, 1].flatMap((block) => {
      const name = `layer${stage}.${block}`;
      const projects = stage > 1 && block === 0;
      return [
        ...[`${name}.conv1.weight`, ...normNames(`${name}.bn1`)],
        ...[`${name}.conv2.weight`, ...normNames(`${name}.bn2`)],
        ...(projects ? [`${name}.downsample.0.weight`, ...normNames(`${name}.downsample.1`)] : []),
      ];
    }),
  );
  return ['conv1.weight', ...normNames('bn1'), ...blocks, 'fc.weight', 'fc.bias'];
}

function vgg11Names(): string[] {
  const features = [0, 3, 6, 8, 11, 13, 16, 18].map((place) => `features.${place}`);
  const classifier = [0, 3, 6].map((place) => `classifier.${place}`);
  return [...features, ...classifier].flatMap((name) => [`${name}.weight`, `${name}.bias`]);
}

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
  lenet5: { usage: 'lenet5', positional: [], required: [], make: lenet5 },
  'vgg-small': { usage: 'vgg-small', positional: [], required: [], make: vggSmall },
  'resnet-small': { usage: 'resnet-small', positional: [], required: [], make: resnetSmall },
  resnet18: {
    usage: 'resnet18',
    positional: [],
    required: [],
    make: resnet18,
    pytorchNames: resnet18Names,
  },
  vgg11: {
    usage: 'vgg11',
    positional: [],
    required: [],
    make: vgg11,
    pytorchNames: vgg11Names,
  },
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
  const { classes = options.classes, ...numbers } = Object.fromEntries(values) as Record<
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
