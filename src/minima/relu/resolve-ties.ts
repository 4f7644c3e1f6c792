/**
 * Combinations in which a root lies at a data point to rounding: an input with two values, standardised,
 * has x_1 x_2 = -1, and a unit that sees one of them has its root at the other.
 *
 * With all other conditions strict, exactly one of two neighbours holds a minimum: the open cell, if its
 * solution lies inside, or the kink at its border, if not. For the problem is convex on the closed cell,
 * so it has one solution there; if that is not inside, it is the kink's, where the loss then rises into the
 * cell. With t such units the same is true of the 2^t combinations, on the product of the closed cells.
 */
import { certify, type CertifiedMinimum, type Tie } from './certify.js';
import type { ReluProblem } from './state-tables.js';
import { cellOnLine } from './unit-cell.js';
import { besideKink, type UnitState } from './unit-states.js';

/** A combination of states of one-input units, certified. */
export interface CertifiedCombination {
  readonly states: readonly UnitState[];
  readonly certificate: CertifiedMinimum;
}

/**
 * Whether a combination with ties stands for a minimum.
 *
 * @returns 'minimum' when exactly one of its neighbours, all with the same ties, holds one; 'none' when
 *   a neighbour holds it for sure
 */
export function resolveTies(
  problem: ReluProblem,
  { states, certificate }: CertifiedCombination,
): 'minimum' | 'none' | 'undecided' {
  const tiesOf = (unit: number, ties: readonly Tie[]): readonly Tie[] =>
    ties.filter((tie) => tie.unit === unit);
  const pairs = states.map((state, unit) => {
    const ties = tiesOf(unit, certificate.ties);
    return ties.length === 0 ? [state] : [state, neighbour(state, ties[0]!, problem)];
  });
  if (states.some((_, unit) => tiesOf(unit, certificate.ties).length > 1)) return 'undecided';
  const betas = certificate.solution.betas.map((beta) =>
    beta.map(({ low, high }) => (low + high) / 2),
  );
  for (const members of product(pairs)) {
    const cells = members.map((state) => cellOnLine(state, problem.samples.points));
    const other = certify(problem, cells, betas);
    if (other.verdict !== 'minimum') return 'undecided';
    if (other.ties.length === 0) return 'none';
    if (pairs.some((pair, unit) => tiesOf(unit, other.ties).length !== pair.length - 1)) {
      return 'undecided';
    }
  }
  return 'minimum';
}

/** The same name for a combination with ties and all its neighbours. */
export function tieClass(
  problem: ReluProblem,
  { states, certificate }: CertifiedCombination,
): string {
  return states
    .map((state, unit) => {
      const tie = certificate.ties.find((other) => other.unit === unit);
      const pair = tie === undefined ? [state] : [state, neighbour(state, tie, problem)];
      return pair
        .map(({ from, to, kink }) => `${from}-${to}-${String(kink)}`)
        .sort()
        .join('|');
    })
    .sort()
    .join(' ');
}

/** The kink at a border of an open state, or the open state on a side of a kink. */
export function neighbour(state: UnitState, tie: Tie, problem: ReluProblem): UnitState {
  if (tie.kind === 'kink') return besideKink(state, problem.samples.points.length)[tie.side];
  const { point } = tie;
  const { from, to } = state;
  if (from === to) {
    // None active (leaky): the point is an end of the data.
    return point === 0
      ? { from, to, kink: point }
      : { from: point + 1, to: point + 1, kink: point };
  }
  return { from: from === point ? from + 1 : from, to: to - 1 === point ? point : to, kink: point };
}

function product<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>(
    (lists, options) => lists.flatMap((list) => options.map((option) => [...list, option])),
    [[]],
  );
}
