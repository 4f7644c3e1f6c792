/** The networks of architectures.ts by the names that the notation gives them. */
import {
  lenet5,
  perceptron,
  plainConvolution,
  resnetSmall,
  vggSmall,
  type Task,
} from './architectures.js';
import { NetworkError } from './errors.js';
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
}

/** `lenet5` and its kind, by name. */
export const NAMED_NETWORKS: Readonly<Record<string, NamedNetwork>> = {
  lenet5: { usage: 'lenet5', positional: [], required: [], make: lenet5 },
  'vgg-small': { usage: 'vgg-small', positional: [], required: [], make: vggSmall },
  'resnet-small': { usage: 'resnet-small', positional: [], required: [], make: resnetSmall },
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
