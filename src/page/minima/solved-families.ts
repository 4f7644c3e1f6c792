/**
 * Networks whose family has been solved: every data set is a member, and its critical points are a parameter
 * homotopy away from those of the general member that lies beside the page (data/families).
 */
import type { SolvedMember } from '../../homotopy/index.js';
import {
  approximateActivation,
  type ActivationFitOptions,
} from '../../minima/activation-polynomial.js';
import { networkFamily, type NetworkFamily } from '../../minima/network-family.js';
import { decodeBase, FamilyFileError } from '../../minima/solved-family.js';
import type { NetworkArchitecture } from '../../network/architecture.js';

export interface NetworkChoice {
  readonly title: string;
  readonly architecture: NetworkArchitecture;
  readonly activation: ActivationFitOptions;
  /** In families/ beside the page; the digest is that of the activation's coefficients. */
  readonly file: string;
}

const RELU: ActivationFitOptions = { name: 'relu', degree: 2 };
const SQUARE: ActivationFitOptions = { name: 'square', degree: 2 };

export const NETWORKS: Readonly<Record<string, NetworkChoice>> = {
  'relu-1': {
    title: '1-1-1, ReLU as a quadratic',
    architecture: { layers: [1, 1, 1] },
    activation: RELU,
    file: '1-1-1-all-bias-degree-2-aeaa5628.json',
  },
  'relu-2': {
    title: '1-2-1, ReLU as a quadratic',
    architecture: { layers: [1, 2, 1] },
    activation: RELU,
    file: '1-2-1-all-bias-degree-2-aeaa5628.json',
  },
  'square-1': {
    title: '1-1-1, square',
    architecture: { layers: [1, 1, 1] },
    activation: SQUARE,
    file: '1-1-1-all-bias-degree-2-d7d89f80.json',
  },
  'square-2': {
    title: '1-2-1, square',
    architecture: { layers: [1, 2, 1] },
    activation: SQUARE,
    file: '1-2-1-all-bias-degree-2-d7d89f80.json',
  },
};

export interface SolvedFamily {
  readonly family: NetworkFamily;
  readonly base: SolvedMember;
}

const loaded = new Map<NetworkChoice, Promise<SolvedFamily>>();

/**
 * Loads a family once.
 *
 * @throws FamilyFileError when its file is not beside the page, or damaged
 */
export function solvedFamily(choice: NetworkChoice): Promise<SolvedFamily> {
  let found = loaded.get(choice);
  if (!found) {
    found = load(choice);
    loaded.set(choice, found);
    // Another try may succeed.
    found.catch(() => loaded.delete(choice));
  }
  return found;
}

async function load({ architecture, activation, file }: NetworkChoice): Promise<SolvedFamily> {
  const name = `families/${file}`;
  const response = await fetch(new URL(name, document.baseURI)).catch(() => null);
  if (!response?.ok)
    throw new FamilyFileError(
      `"${name}" could not be loaded from beside this page: copy the whole folder of the page to the server, and reload.`,
    );
  const family = networkFamily(architecture, approximateActivation(activation).exact);
  return { family, base: decodeBase(await response.text(), family, name) };
}
