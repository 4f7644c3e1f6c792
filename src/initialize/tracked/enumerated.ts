/**
 * Networks and blocks whose true minima can be enumerated: one input (of a block: one direction) and one hidden layer of
 * relu or leaky relu units. The best minimum is then known with proof (docs/minima.md), and no polynomial takes the
 * activation's place.
 */
import type { DataTable } from '../../data/table.js';
import { negativeSlopeOf } from '../../minima/relu/check-options.js';
import { enumerateReluMinima } from '../../minima/relu/index.js';
import type { ReluMinima } from '../../minima/relu/relu-minima.js';
import { countCombinations } from '../../minima/relu/search-combinations.js';
import type { NetworkArchitecture } from '../../network/architecture.js';
import type { TrackedActivation } from './activation.js';
import type { BlockCandidate, CandidateSource } from './descend.js';

/** A second or two of one core. */
const MOST_COMBINATIONS = 1e6;

/** What the enumeration of a network's minima needs beside its data. */
export interface EnumeratedNetwork {
  readonly units: number;
  readonly negativeSlope: number;
}

/** @returns null where the minima of a network of these sizes cannot be enumerated */
export function enumeratedNetwork(
  { layers, bias = true }: NetworkArchitecture,
  { layer }: Pick<TrackedActivation, 'layer'>,
): EnumeratedNetwork | null {
  const negativeSlope = negativeSlopeOf(layer);
  if (negativeSlope === null || !(negativeSlope >= 0 && negativeSlope < 1)) return null;
  const [inputs, units] = layers;
  const fits = layers.length === 3 && inputs === 1 && layers[2] === 1 && bias === true;
  return fits ? { units: units!, negativeSlope } : null;
}

/** Whether it takes no longer than a second or two. */
export function isQuickToEnumerate(
  { units, negativeSlope }: EnumeratedNetwork,
  { inputs }: DataTable,
): boolean {
  const distinct = new Set(inputs.map(([x]) => x)).size;
  return (
    distinct >= Math.max(2, units) &&
    countCombinations(distinct, units, negativeSlope) <= MOST_COMBINATIONS
  );
}

/** What the enumeration found of one block. */
export interface EnumeratedBlock {
  readonly unit: number;
  readonly minima: number;
  /** Cases that intervals could not decide: each may hold one more minimum. */
  readonly undecided: number;
}

/**
 * The block's global minimum. A unit that the best block does without is left as it is, and so is one whose block has an
 * undecided case and no better minimum.
 */
export function enumeratedCandidates(
  {
    negativeSlope,
    regularization,
    signal,
  }: Omit<EnumeratedNetwork, 'units'> & {
    readonly regularization: number;
    readonly signal?: AbortSignal | undefined;
  },
  onBlock?: (block: EnumeratedBlock) => void,
): CandidateSource {
  return async ({ samples, current }, unit) => {
    const { minima, undecided }: ReluMinima = await enumerateReluMinima({
      data: samples,
      units: 1,
      negativeSlope,
      regularization,
      threads: 1,
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    onBlock?.({ unit, minima: minima.length, undecided: undecided.length });
    const best = minima.find(({ distinctUnits }) => distinctUnits > 0);
    const own: BlockCandidate = { unknowns: current };
    return best ? [own, { unknowns: best.unknowns }] : [own];
  };
}
