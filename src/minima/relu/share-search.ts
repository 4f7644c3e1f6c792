/**
 * One thread's work in an enumeration. What starts threads is not here: a worker must not hold the source of workers.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { certify } from './certify.js';
import { CombinationSearch, type Candidate, type SearchCounts } from './combination-search.js';
import type { ReluProblem } from './state-tables.js';
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

  *decide(first: number): Stepwise<DecidedShare> {
    const { problem } = this.setup;
    const { counts, candidates } = yield* this.search.searchFrom(first);
    const { states } = this.search.tables;
    const kept = candidates.filter(({ states: indices, betas }) => {
      const cells = indices.map((index) => cellOnLine(states[index]!, problem.samples.points));
      return certify(problem, cells, betas).verdict !== 'none';
    });
    return { first, counts, kept };
  }
}
