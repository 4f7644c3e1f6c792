/**
 * Inputs whose mean is gamma times as large as their deviation, as activations inside networks are: sparse
 * autoencoders from several initializers, with and without the mean subtracted, on sparse sums of known features.
 *
 * The penalty was chosen on seed 1, which is none of these, so that He with the mean subtracted finds the features
 * at gamma = 0; nothing else was chosen on the results.
 */
import type { Batch, Cell, CellResult } from '../experiment.js';
import type { InitializerChoice } from '../initializer-choice.js';

/** An initializer, and whether the mean is subtracted: `centre`, folded into the biases afterwards. */
export interface UncentredChoice extends InitializerChoice {
  readonly centre: boolean;
  /** Which autoencoders it is tried on. */
  readonly kinds: readonly UncentredKind[];
}

export type UncentredKind = 'relu' | 'topk';

const both: readonly UncentredKind[] = ['relu', 'topk'];
const reluOnly: readonly UncentredKind[] = ['relu'];

export const UNCENTRED_SETTINGS = {
  inputs: 32,
  units: 128,
  features: 48,
  /** Of a feature in a sample; then its strength is uniform in 0.5 to 1.5. */
  probability: 1 / 12,
  gammas: [0, 5, 15],
  steps: 1500,
  batchSize: 64,
  rate: 1e-3,
  penalty: 0.05,
  /** Units that a sample keeps: as many as it has features on average. */
  kept: 4,
  /** Samples that the mean, the anchors and the scores are taken from. */
  samples: 4096,
  anchors: 64,
  /** Cosine of a decoder row with a feature from which on it is found. */
  foundAt: 0.9,
  seeds: 5,
  firstSeed: 20_261_701,
  choices: [
    { label: 'lps', method: 'lps', centre: false, kinds: both },
    { label: 'he', method: 'he', centre: false, kinds: reluOnly },
    { label: 'xavier', method: 'xavier', centre: false, kinds: reluOnly },
    { label: 'pytorch', method: 'pytorch', centre: false, kinds: reluOnly },
    { label: 'looks-linear', method: 'looks-linear', centre: false, kinds: reluOnly },
    { label: 'he, centre', method: 'he', centre: true, kinds: both },
    {
      label: 'lps, centre, unit rows',
      method: 'lps',
      ablation: { scale: false },
      centre: true,
      kinds: both,
    },
    {
      label: 'lps, centre, unit rows, mean cuts',
      method: 'lps',
      ablation: { scale: false, cuts: false },
      centre: true,
      kinds: both,
    },
  ] satisfies UncentredChoice[],
} as const;

export interface UncentredCell extends Cell {
  readonly kind: UncentredKind;
  readonly gamma: number;
  readonly choice: UncentredChoice;
  readonly seed: number;
}

export interface UncentredResult extends CellResult {
  /** Shares of hidden units that no sample uses. */
  readonly deadBefore: number;
  readonly deadAfter: number;
  readonly objective: number;
  /** Of the variance of the inputs. */
  readonly unexplained: number;
  /** Features found. */
  readonly found: number;
}

/** "relu/gamma 5/lps". */
export const groupName = (kind: UncentredKind, gamma: number, label: string): string =>
  `${kind}/gamma ${gamma}/${label}`;

/** A batch for every run. */
export function uncentredBatches(): Batch<UncentredCell>[] {
  const { gammas, choices, seeds, firstSeed } = UNCENTRED_SETTINGS;
  return both.flatMap((kind) =>
    gammas.flatMap((gamma) =>
      choices
        .filter((choice: UncentredChoice) => choice.kinds.includes(kind))
        .flatMap((choice) =>
          Array.from({ length: seeds }, (_, k): Batch<UncentredCell> => {
            const seed = firstSeed + k;
            const id = `${groupName(kind, gamma, choice.label)}/seed ${seed}`;
            return { id, cost: 8, cells: [{ id, kind, gamma, choice, seed }] };
          }),
        ),
    ),
  );
}
