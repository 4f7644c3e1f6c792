/** The options that describe a network and its activation, for `lps minima` and `lps family`. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  approximateActivation,
  type ActivationFitOptions,
} from '../minima/activation-polynomial.js';
import { networkFamily, type NetworkFamily } from '../minima/network-family.js';
import { ACTIVATION_NAMES } from '../network/notation-layers.js';
import { parseLayers, type NetworkArchitecture } from '../network/architecture.js';
import { finiteNumber, positiveInteger } from './common-options.js';

export interface NetworkOptions {
  readonly arch: readonly number[];
  readonly bias: 'all' | 'output' | false;
  readonly activation: string;
  readonly degree: number;
  readonly radius: number;
  readonly fit: 'legendre' | 'chebyshev';
}

/**
 * Adds --arch, --bias, --activation, --degree, --radius and --fit.
 *
 * @param isRequired whether the command cannot do without --arch.
 */
export function addNetworkOptions(command: Command, isRequired = true): Command {
  return command
    .addOption(
      new Option('--arch <sizes>', 'layer sizes from inputs to outputs, such as 1-2-1')
        .argParser(layerSizes)
        .makeOptionMandatory(isRequired),
    )
    .addOption(
      new Option('--bias <layers>', 'layers with biases').choices(['all', 'output']).default('all'),
    )
    .option('--no-bias', 'no biases at all')
    .option('--activation <name>', ACTIVATION_NAMES.join(', '), 'relu')
    .option('--degree <n>', 'degree of the polynomial that stands for it', positiveInteger, 2)
    .option('--radius <R>', 'the polynomial fits the activation on [-R, R]', finiteNumber, 1)
    .addOption(
      new Option('--fit <weight>', 'weight of the least squares fit')
        .choices(['legendre', 'chebyshev'])
        .default('legendre'),
    );
}

/** The network as the library takes it. */
export function architectureOf({ arch, bias }: NetworkOptions): NetworkArchitecture {
  return { layers: arch, bias: bias === 'all' ? true : bias };
}

/** The activation fit as the library takes it. */
export function activationOf(options: NetworkOptions): ActivationFitOptions {
  const { activation: name, degree, radius, fit: norm } = options;
  return { name, degree, radius, norm };
}

/** The family of the network. */
export function familyOf(options: NetworkOptions): NetworkFamily {
  return networkFamily(architectureOf(options), approximateActivation(activationOf(options)).exact);
}

function layerSizes(text: string): number[] {
  try {
    return parseLayers(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
