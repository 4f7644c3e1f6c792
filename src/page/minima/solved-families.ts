/**
 * Networks whose critical points are those of strata (docs/minima.md): every data set is a parameter homotopy away from the
 * base sets that lie beside the page (data/families).
 */
import type { Device } from '../../gpu/index.js';
import {
  approximateActivation,
  type ActivationFitOptions,
} from '../../minima/activation-polynomial.js';
import { networkFamily, type NetworkFamily } from '../../minima/network-family.js';
import { StrataFollower } from '../../minima/strata/follow-strata.js';
import { BaseSetFileError, baseSetsFrom } from '../../minima/strata/stored-base-set.js';
import type { NetworkArchitecture } from '../../network/architecture.js';

export interface NetworkChoice {
  readonly title: string;
  readonly architecture: NetworkArchitecture;
  readonly activation: ActivationFitOptions;
}

const RELU: ActivationFitOptions = { name: 'relu', degree: 2 };
const SQUARE: ActivationFitOptions = { name: 'square', degree: 2 };

export const NETWORKS: Readonly<Record<string, NetworkChoice>> = {
  'relu-1': {
    title: '1-1-1, ReLU as a quadratic',
    architecture: { layers: [1, 1, 1] },
    activation: RELU,
  },
  'relu-2': {
    title: '1-2-1, ReLU as a quadratic',
    architecture: { layers: [1, 2, 1] },
    activation: RELU,
  },
  'relu-3': {
    title: '1-3-1, ReLU as a quadratic',
    architecture: { layers: [1, 3, 1] },
    activation: RELU,
  },
  'square-1': {
    title: '1-1-1, square',
    architecture: { layers: [1, 1, 1] },
    activation: SQUARE,
  },
  'square-2': {
    title: '1-2-1, square',
    architecture: { layers: [1, 2, 1] },
    activation: SQUARE,
  },
};

export interface SolvedFamily {
  readonly family: NetworkFamily;
  readonly follower: StrataFollower;
}

const SEED = 1;
const loaded = new Map<NetworkChoice, Promise<SolvedFamily>>();

/** Prepares a family once; its base sets are loaded with the first data set. */
export function solvedFamily(device: Device, choice: NetworkChoice): Promise<SolvedFamily> {
  let found = loaded.get(choice);
  if (!found) {
    found = prepare(device, choice);
    loaded.set(choice, found);
    // Another try may succeed.
    found.catch(() => loaded.delete(choice));
  }
  return found;
}

async function prepare(
  device: Device,
  { architecture, activation }: NetworkChoice,
): Promise<SolvedFamily> {
  const family = networkFamily(architecture, approximateActivation(activation).exact);
  const follower = await StrataFollower.create(device, family, {
    seed: SEED,
    certify: false,
    findBaseSet: fetchBaseSet,
  });
  return { family, follower };
}

/** @throws BaseSetFileError when the file is not beside the page */
const fetchBaseSet = baseSetsFrom(async (name) => {
  const path = `families/${name}`;
  const response = await fetch(new URL(path, document.baseURI)).catch(() => null);
  if (!response?.ok)
    throw new BaseSetFileError(
      `"${path}" could not be loaded from beside this page: copy the whole folder of the page to the server, and reload.`,
    );
  return response.text();
});
