/**
 * Search for a general linear product structure with few start solutions.
 *
 * Finding the best one is hard (a minimisation over set systems of a sum of permanents), so this is
 * block descent: for each equation in turn, count once how often the other equations leave each set
 * of variables free, then replace the equation's factors by the cheapest placement found. The count never rises.
 * It starts from several structures: the caller's (total degree, best partition) and random
 * placements. Effort is bounded in counted steps, not in time, so that a seed
 * gives the same structure on every machine.
 *
 * Measured 2026-11: at or below PHCpack's heuristic on every system of its demo database in test/data.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { randomStream } from '../../math/random.js';
import type { RandomStream } from '../../math/random.js';
import { ChoiceStates } from './choice-states.js';
import { canPlace, dropIncidences, placementCost, placeMonomials } from './placement.js';
import type { Effort, Occurrences, SetCost } from './placement.js';
import { maximalMonomials } from './support.js';
import type { SystemExponents } from './product-structure.js';

/** Sets of each equation as bit masks over the variables. */
export type MaskStructure = readonly (readonly number[])[];

/** Masks are 31 bits wide; so are the sets of sets in the matching. */
export const MAX_SEARCH_SIZE = 31;

/**
 * Effort in elementary steps, 0.15 to 0.3 us each on one core (2026-11). The search may cost about
 * 0.1 ms per path of the best start known, less than tracking it would, within limits.
 */
const STEPS_PER_PATH = 300;
const LEAST_EFFORT = 1.2e5;
/** Least effort once a descent has gained something: then more is likely to be found. */
const LEAST_EFFORT_AFTER_GAIN = 3e5;
const MOST_EFFORT = 1.5e6;
/** Effort without gain before a search that gained something ends. */
const LEAST_PATIENCE = 5e4;
/** Descents from perturbed structures, whatever was gained. */
const LEAST_ROUNDS = 3;
/** A new state costs a matching, a known one a look-up. */
const STEPS_PER_STATE = 12;
/** States one count may reach before the structure is left alone: longer counts make the search useless. */
const STATE_LIMIT = 20000;
/** States kept between counts: some tens of megabytes. */
const KEPT_STATES = 100000;
/** Placements tried for an equation each time it is visited. */
const PLACEMENTS_PER_VISIT = 4;
/** Descents from random placements (the best of them), after those from the caller's starts. */
const PLACED_DESCENTS = 3;
const MAX_SWEEPS = 6;
/** Number of the random stream used here (any fixed number). */
const STREAM = 0x5e7;

export interface MaskResult {
  readonly sets: MaskStructure;
  /** f64, exact below 2^53. */
  readonly count: number;
  /** Structures whose count was computed. */
  readonly considered: number;
}

/** Weighted sets of variables that the chosen equations leave free. */
type FreeVariables = ReadonlyMap<number, number>;

function width(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

/** Counts choices; states and their transitions are kept from one count to the next, which differ in one equation. */
class ChoiceCounter {
  /** Counting the caller's starts is not limited. */
  readonly effort: Effort = { steps: Infinity };
  private readonly capacities: readonly number[];
  private states: ChoiceStates;

  constructor(variableCount: number) {
    this.capacities = new Array<number>(variableCount).fill(1);
    this.states = new ChoiceStates(this.capacities);
  }

  /**
   * All feasible choices of the given equations, grouped by the variables they leave free.
   * Undefined when that needs more states than the limit or more effort than is left.
   */
  freeAfter(equations: MaskStructure): FreeVariables | undefined {
    if (this.states.size > KEPT_STATES) this.states = new ChoiceStates(this.capacities);
    const { states, effort } = this;
    const stateLimit = states.size + STATE_LIMIT;
    const collapsed = equations.map((sets) => {
      const multiplicities = new Map<number, number>();
      for (const set of sets) multiplicities.set(set, (multiplicities.get(set) ?? 0) + 1);
      return { multiplicities, cost: sets.reduce((sum, set) => sum + width(set), 0) / sets.length };
    });
    // Small sets first, as in the choice graph: they are tight soonest.
    collapsed.sort((a, b) => a.cost - b.cost);
    let weights = new Map([[0, 1]]);
    for (const { multiplicities } of collapsed) {
      const next = new Map<number, number>();
      for (const [state, weight] of weights) {
        const known = states.size;
        for (const [set, multiplicity] of multiplicities) {
          const child = states.step(state, set);
          if (child >= 0) next.set(child, (next.get(child) ?? 0) + weight * multiplicity);
        }
        effort.steps -= multiplicities.size + STEPS_PER_STATE * (states.size - known);
        if (states.size > stateLimit || effort.steps < 0) return undefined;
      }
      weights = next;
    }
    const free = new Map<number, number>();
    for (const [state, weight] of weights) {
      const remaining = states.remaining[state]!;
      free.set(remaining, (free.get(remaining) ?? 0) + weight);
    }
    return free;
  }
}

/** Remembers, per set, the choices that leave one of its variables free. */
function costOf(free: FreeVariables): { cost: SetCost; total: number } {
  const entries = [...free];
  const known = new Map<number, number>([[0, 0]]);
  const cost: SetCost = (set) => {
    let sum = known.get(set);
    if (sum === undefined) {
      sum = 0;
      for (const [remaining, weight] of entries) if (remaining & set) sum += weight;
      known.set(set, sum);
    }
    return sum;
  };
  return { cost, total: entries.reduce((sum, [, weight]) => sum + weight, 0) };
}

/** Decreasing degree, random among equals. */
function shuffle(monomials: readonly Occurrences[], random: RandomStream): Occurrences[] {
  return monomials
    .map((occurrences) => ({ occurrences, key: random.uniform() }))
    .sort((a, b) => b.occurrences.length - a.occurrences.length || a.key - b.key)
    .map(({ occurrences }) => occurrences);
}

/**
 * Searches from the given starts and from random placements; a step is the work on one equation.
 *
 * @param exponents n equations in n variables, n <= 31, degrees <= 31
 * @param starts structures to improve, at least one; each supports the system and has deg f_i sets per equation
 * @param options seed of the random choices; number of random placements; the most effort in place of what the
 *   paths allow
 * @returns the best structure found, or undefined when the system is too large for masks or every count is too long
 */
export function* searchLinearProduct(
  exponents: SystemExponents,
  starts: readonly MaskStructure[],
  options: {
    readonly seed: number;
    readonly restarts: number;
    readonly effort?: number;
  },
): Stepwise<MaskResult | undefined> {
  const variableCount = exponents.length;
  const monomials = exponents.map((terms) =>
    maximalMonomials(terms).map((term) =>
      term.flatMap((exponent, variable) => new Array<number>(exponent).fill(variable)),
    ),
  );
  const degrees = monomials.map((list) =>
    Math.max(...list.map((occurrences) => occurrences.length)),
  );
  if (variableCount > MAX_SEARCH_SIZE || Math.max(...degrees) > MAX_SEARCH_SIZE) return undefined;
  const search = new Descent(monomials, degrees, randomStream(options.seed, STREAM));

  const given = starts.map((sets) => ({ sets, count: search.count(sets) }));
  let best = given.reduce((least, candidate) =>
    candidate.count < least.count ? candidate : least,
  );
  const { restarts, effort: most = MOST_EFFORT } = options;
  let allowed = Math.min(most, Math.max(LEAST_EFFORT, STEPS_PER_PATH * best.count));
  search.effort.steps = allowed;
  const reserve = 0.7 * allowed;
  const placed: { sets: MaskStructure; count: number }[] = [];
  for (let restart = 0; restart < restarts && search.effort.steps > reserve; restart++) {
    const sets = search.placeAll();
    placed.push({ sets, count: search.count(sets) });
    yield;
  }
  placed.sort((a, b) => a.count - b.count);
  const offer = (found: { sets: MaskStructure; count: number }): void => {
    if (
      found.count < best.count ||
      (found.count === best.count && size(found.sets) < size(best.sets))
    )
      best = found;
  };
  for (const candidate of [...given, ...placed.slice(0, PLACED_DESCENTS)])
    offer(yield* search.descend(candidate));
  // Perturb and descend again; a walk over equal counts leaves plateaus that a strict descent stays on.
  // Where no descent gained anything, as in dense systems, a few rounds are enough; where one did, as much effort
  // without gain as all before it took: what the descents have not found is rarely found later.
  const gained = given.every((candidate) => best.count < candidate.count);
  const spent = allowed - search.effort.steps;
  if (gained) allowed = Math.min(most, Math.max(allowed, spent + LEAST_EFFORT_AFTER_GAIN));
  search.effort.steps = allowed - spent;
  let current = best;
  let lastGain = search.effort.steps;
  for (let round = 0; search.effort.steps > 0; round++) {
    const patience = gained ? Math.max(LEAST_PATIENCE, allowed - lastGain) : 0;
    if (round >= LEAST_ROUNDS && lastGain - search.effort.steps >= patience) break;
    const found = yield* search.descend({
      sets: search.perturb(current.sets),
      count: Infinity,
    });
    if (found.count < best.count) lastGain = search.effort.steps;
    if (found.count <= current.count) current = found;
    offer(found);
  }
  if (best.count === Infinity) return undefined;
  if (
    !best.sets.every((sets, equation) =>
      monomials[equation]!.every((occurrences) => canPlace(sets, occurrences)),
    )
  ) {
    throw new Error(
      'The structure search produced sets that do not support the system; please report the system.',
    );
  }
  return { ...best, considered: search.considered };
}

/** Sum of the set sizes. */
function size(structure: MaskStructure): number {
  return structure.flat().reduce((sum, set) => sum + width(set), 0);
}

/** Block descent over the equations of one system. */
class Descent {
  considered = 0;
  private readonly counter: ChoiceCounter;
  private readonly monomials: readonly (readonly Occurrences[])[];
  private readonly degrees: readonly number[];
  private readonly random: RandomStream;
  /** The equations with the same maximal monomials, itself included, ascending. */
  private readonly twins: readonly (readonly number[])[];

  constructor(
    monomials: readonly (readonly Occurrences[])[],
    degrees: readonly number[],
    random: RandomStream,
  ) {
    this.counter = new ChoiceCounter(monomials.length);
    this.monomials = monomials;
    this.degrees = degrees;
    this.random = random;
    const supports = monomials.map((list) => list.map(String).sort().join(' '));
    this.twins = supports.map((support) =>
      supports.flatMap((other, index) => (other === support ? [index] : [])),
    );
  }

  get effort(): Effort {
    return this.counter.effort;
  }

  /** Number of start solutions, Infinity when counting takes too long. */
  count(sets: MaskStructure): number {
    this.considered++;
    const free = this.counter.freeAfter(sets);
    return free ? [...free.values()].reduce((sum, weight) => sum + weight, 0) : Infinity;
  }

  /**
   * All equations placed without knowing counts: a set costs one per variable.
   * Equations with the same support get the same sets, which a descent one by one would not reach.
   */
  placeAll(): (readonly number[])[] {
    const placed: (readonly number[])[] = [];
    this.monomials.forEach((_, equation) => {
      const twin = this.twins[equation]![0]!;
      placed.push(twin < equation ? placed[twin]! : this.place(equation, width, 1));
    });
    return placed;
  }

  /** Two random equations placed anew; half of the time each with all equations of its support. */
  perturb(structure: MaskStructure): MaskStructure {
    const sets = [...structure];
    for (let change = 0; change < 2; change++) {
      const equation = this.random.integer(sets.length);
      const placed = this.place(equation, width, 1);
      if (this.random.integer(2) === 0) sets[equation] = placed;
      else for (const twin of this.twins[equation]!) sets[twin] = placed;
    }
    return sets;
  }

  /** Replaces one equation after the other while the count or the sets get smaller. */
  *descend(start: {
    sets: MaskStructure;
    count: number;
  }): Stepwise<{ sets: MaskStructure; count: number }> {
    const sets = [...start.sets];
    let count = start.count;
    for (let pass = 0; pass < MAX_SWEEPS; pass++) {
      let changed = false;
      for (let equation = 0; equation < sets.length; equation++) {
        yield;
        const others = sets.filter((_, index) => index !== equation);
        const free = this.counter.freeAfter(others);
        if (!free) return { sets, count };
        const better = this.improve(equation, sets[equation]!, free);
        count = better.count;
        changed ||= better.sets !== sets[equation];
        sets[equation] = better.sets;
        // Equations of one support may be stuck together: try these sets for all of them.
        const twins = this.twins[equation]!;
        if (twins.some((twin) => sets[twin] !== better.sets)) {
          const aligned = sets.map((other, index) => (twins.includes(index) ? better.sets : other));
          const alignedCount = this.count(aligned);
          if (alignedCount < count) {
            count = alignedCount;
            changed = true;
            for (const twin of twins) sets[twin] = better.sets;
          }
        }
      }
      if (!changed) break;
    }
    return { sets, count };
  }

  /** The cheapest factors found for one equation; `count` is that of the whole structure. */
  private improve(
    equation: number,
    current: readonly number[],
    free: FreeVariables,
  ): { sets: readonly number[]; count: number } {
    const { cost, total } = costOf(free);
    let best = { sets: current, ...placementCost(current, cost) };
    const offer = (sets: readonly number[]): void => {
      this.considered++;
      const value = placementCost(sets, cost);
      if (value.count < best.count || (value.count === best.count && value.size < best.size))
        best = { sets, ...value };
    };
    offer(dropIncidences(current, this.monomials[equation]!, cost, this.random, this.effort));
    for (let attempt = 0; attempt < PLACEMENTS_PER_VISIT; attempt++)
      offer(this.place(equation, cost, total));
    return best;
  }

  private place(equation: number, cost: SetCost, total: number): number[] {
    const monomials = this.monomials[equation]!;
    const order = shuffle(monomials, this.random);
    const sets = placeMonomials(
      order,
      this.degrees[equation]!,
      cost,
      Math.max(total, 1),
      this.effort,
    );
    return dropIncidences(sets, monomials, cost, this.random, this.effort);
  }
}
