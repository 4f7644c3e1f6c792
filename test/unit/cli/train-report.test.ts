/**
 * Believed after it passes: the comparison of initializers takes means and sample deviations of the
 * right numbers, leaves diverged runs out of them and names those, and hides what was not measured.
 * The truth is worked out by hand.
 */
import { describe, expect, it } from 'vitest';
import {
  describeRuns,
  runDocuments,
  summarize,
  type NamedRun,
} from '../../../src/cli/train-report.js';
import type { EpochRecord, ReplicaStatus } from '../../../src/network/index.js';

const layer = (deadFraction: number): EpochRecord['layers'][number] => ({
  layer: 'layers.0',
  activationMean: 0,
  activationVariance: 1,
  deadFraction,
  gradientNorm: null,
  weightNorm: 1,
});

function named(
  init: string,
  seed: number,
  losses: readonly [training: number, validation: number | null],
  options: { readonly status?: ReplicaStatus; readonly dead?: readonly number[] } = {},
): NamedRun {
  const { status = { state: 'finished' }, dead = [] } = options;
  const [training, validation] = losses;
  const score = validation === null ? null : { loss: validation, accuracy: 1 - validation };
  const layers = dead.map(layer);
  return {
    init,
    seed,
    run: {
      status,
      weights: { tensors: new Map(), metadata: {} },
      stepLosses: Float64Array.of(2, training),
      epochs: [
        { epoch: 0, training: null, validation: score, layers },
        { epoch: 1, training: { loss: training, accuracy: null }, validation: score, layers: [] },
      ],
    },
    test: null,
    file: null,
  };
}

describe('summarize', () => {
  it('takes mean and sample deviation over the runs that did not diverge', () => {
    const wild: ReplicaStatus = { state: 'diverged', step: 7 };
    const summaries = summarize([
      named('he', 1, [1, 0.5], { dead: [0.5, 0.25, 1] }),
      named('lps', 1, [0.25, 0.125]),
      named('he', 2, [3, 0.25], { dead: [0, 0.25, 1] }),
      named('he', 3, [1e30, 0.9], { status: wild }),
    ]);
    expect(summaries.map(({ init, runs, diverged }) => [init, runs, diverged])).toEqual([
      ['he', 3, 1],
      ['lps', 1, 0],
    ]);
    expect(summaries[0]!.trainingLoss).toEqual({ mean: 2, deviation: Math.SQRT2 });
    expect(summaries[0]!.trainingAccuracy).toBeNull();
    expect(summaries[0]!.validationAccuracy!.mean).toBe(0.625);
    // Hidden layers only: (0.5 + 0.25) / 2 and (0 + 0.25) / 2.
    expect(summaries[0]!.deadBefore!.mean).toBe(0.25);
    expect(summaries[0]!.deadAfter).toBeNull();
    expect(summaries[1]!.trainingLoss).toEqual({ mean: 0.25, deviation: 0 });
    expect(summaries[1]!.testLoss).toBeNull();
  });
});

describe('describeRuns', () => {
  it('shows deviations only of several runs, and no column without numbers', () => {
    const lines = describeRuns([named('he', 1, [0.125, null])]);
    expect(lines).toEqual([
      'init  runs  train loss',
      '----  ----  ----------',
      'he       1       0.125',
    ]);
  });

  it('names the runs that diverged', () => {
    const status: ReplicaStatus = { state: 'diverged', step: 3 };
    const lines = describeRuns([named('he', 4, [1, 0.5]), named('he', 5, [1, 0.5], { status })]);
    expect(lines.at(-1)).toBe('he with seed 5 diverged at step 3: its loss was not finite');
  });
});

describe('runDocuments', () => {
  it('writes losses with the digits that f32 has', () => {
    const [document] = runDocuments([named('he', 1, [1 / 3, null])]);
    expect(document).toMatchObject({ init: 'he', seed: 1, stepLosses: [2, 0.3333333] });
  });
});
