/**
 * One thread's work in an enumeration. What starts threads is not here: a worker must not hold the source of workers.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { certify } from './certify.js';
import { CombinationSearch, type Candidate, type SearchCounts } from './combination-search.js';
import type { ReluProblem, StateTables } from './state-tables.js';
import { cellOnLine } from './unit-cell.js';

/** What is left of the combinations with one first state. */
export interface DecidedShare {
  readonly first: number;
  readonly counts: SearchCounts;
  /** Minima and undecided combinations, to be certified again where their certificate is wanted. */
  readonly kept: readonly Candidate[];
}

/** What is searched. */
export interface SearchSetup {
  readonly problem: ReluProblem;
  readonly units: number;
}

/** One thread's work: a share of the combinations after another, in steps of a few hundred. */
export class ShareSearch {
  private readonly search: CombinationSearch;

  constructor(private readonly setup: SearchSetup) {
    this.search = new CombinationSearch(setup.problem, setup.units);
  }

  *share(first: number): Stepwise<DecidedShare> {
    const { counts, candidates } = yield* this.search.searchFrom(first);
    const kept = yield* keptOf(this.setup.problem, this.search.tables, candidates);
    return { first, counts, kept };
  }
}

/** The candidates in which intervals do not rule a minimum out, one a step. */
export function* keptOf(
  problem: ReluProblem,
  { states }: StateTables,
  candidates: readonly Candidate[],
): Stepwise<Candidate[]> {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    const cells = candidate.states.map((index) =>
      cellOnLine(states[index]!, problem.samples.points),
    );
    if (certify(problem, cells, candidate.betas).verdict !== 'none') kept.push(candidate);
    yield;
  }
  return kept;
}
