/**
 * What block tracking is measured against: the same start without it, with only the output layer
 * fitted, and with the same descent from candidates that cost nothing.
 */
import { randomStream } from '../../math/random.js';
import type { CandidateSource } from '../../initialize/tracked/descend.js';

/** One way to initial weights. */
export interface BlockVariant {
  readonly name: string;
  readonly start: 'he' | 'lps';
  /** Whether the output layer is fitted by ridge regression (also between sweeps). */
  readonly fitOutput: boolean;
  /** Where candidates of a block come from; null for no descent. */
  readonly candidates: 'tracked' | 'enumerated' | 'current' | 'random' | 'knots' | null;
  /** k */
  readonly directions: 1 | 2;
}

const START = { fitOutput: false, candidates: null, directions: 1 } as const;
const DESCENT = { start: 'lps', fitOutput: true, directions: 1 } as const;

const WIDE = { ...DESCENT, directions: 2 } as const;

/** In the order of the report. */
export const BLOCK_VARIANTS: readonly BlockVariant[] = [
  { ...START, name: 'he', start: 'he' },
  { ...START, name: 'he, output fitted', start: 'he', fitOutput: true },
  { ...START, name: 'lps', start: 'lps' },
  { ...START, name: 'lps, output fitted', start: 'lps', fitOutput: true },
  { ...DESCENT, name: 'blocks from where they are', candidates: 'current' },
  { ...DESCENT, name: 'blocks from random starts', candidates: 'random' },
  { ...DESCENT, name: 'blocks from a knot scan', candidates: 'knots' },
  { ...DESCENT, name: 'blocks tracked', candidates: 'tracked' },
  { ...DESCENT, name: 'blocks enumerated', candidates: 'enumerated' },
  { ...WIDE, name: '2 directions: blocks from where they are', candidates: 'current' },
  { ...WIDE, name: '2 directions: blocks from random starts', candidates: 'random' },
  { ...WIDE, name: '2 directions: blocks tracked', candidates: 'tracked' },
  {
    ...DESCENT,
    name: 'blocks tracked, output not fitted',
    candidates: 'tracked',
    fitOutput: false,
  },
];

/** As many as a tracked block of one direction usually has minima. */
const RANDOM_STARTS = 3;
/** Random numbers of this file. */
const STREAM = 0x424c_4b53;
const KNOTS = 64;

/** The unit as it is: local descent alone. */
export const currentCandidate: CandidateSource = ({ current }) => [{ unknowns: current }];

/** The unit as it is, and random ones with their best output weight and bias. */
export function randomCandidates(seed: number): CandidateSource {
  let block = 0;
  return ({ samples, current }) => {
    const random = randomStream(seed, STREAM, block++);
    const starts = Array.from({ length: RANDOM_STARTS }, () => {
      const hidden = current.slice(0, -2).map(() => random.normal());
      return { unknowns: [...hidden, ...fitLine(samples, hidden).line] };
    });
    return [{ unknowns: current }, ...starts];
  };
}

/**
 * The unit as it is, and the best ReLU of one direction over knots at quantiles of u and both
 * orientations: nearly the true loss's global minimum, without any homotopy.
 */
export const knotCandidates: CandidateSource = ({ samples, current }) => {
  const sorted = samples.inputs.map(([u]) => u!).sort((a, b) => a - b);
  let best: { unknowns: number[]; error: number } | null = null;
  for (let place = 0; place < KNOTS; place++) {
    const knot = sorted[Math.floor((place / KNOTS) * sorted.length)]!;
    for (const slope of [1, -1]) {
      const hidden = [slope, -slope * knot];
      const { line, error } = fitLine(samples, hidden);
      if (best === null || error < best.error) best = { unknowns: [...hidden, ...line], error };
    }
  }
  return [{ unknowns: current }, best!];
};

/** Least squares of the target by s relu(a . u + b) + c: (s, c) and the squared error's mean. */
function fitLine(
  { inputs, targets }: Parameters<CandidateSource>[0]['samples'],
  hidden: readonly number[],
): { readonly line: [number, number]; readonly error: number } {
  const bias = hidden.at(-1)!;
  const active = inputs.map((row) =>
    Math.max(
      0,
      row.reduce((sum, u, k) => sum + u * hidden[k]!, bias),
    ),
  );
  const average = (value: (row: number) => number): number =>
    inputs.reduce((sum, _, row) => sum + value(row), 0) / inputs.length;
  const mean = average((row) => active[row]!);
  const target = average((row) => targets[row]![0]!);
  const variance = average((row) => (active[row]! - mean) ** 2);
  const covariance = average((row) => (active[row]! - mean) * (targets[row]![0]! - target));
  const slope = variance > 0 ? covariance / variance : 0;
  const shift = target - slope * mean;
  const error = average((row) => (targets[row]![0]! - shift - slope * active[row]!) ** 2);
  return { line: [slope, shift], error };
}
