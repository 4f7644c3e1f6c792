/**
 * The cheapest factors for one equation, the factors of all other equations being fixed.
 *
 * With the others fixed the count is a sum over this equation's factors: a set S adds the number
 * of choices of the others that leave some variable of S free. So a placement is judged without
 * counting again. Monomials are placed one after the other, each by a minimum-cost assignment of its
 * variable occurrences to distinct sets (cost = what the set's growth adds), then every (set, variable)
 * incidence is dropped that no monomial needs, most expensive first.
 *
 * Sources: Verschelde & Cools 1993, section 4 (heuristic set structure); the assignment is the
 * Hungarian algorithm with potentials (Kuhn 1955, Jonker & Volgenant 1987). Sets are bit masks.
 */
import type { RandomStream } from '../../math/random.js';

/** Choices of the other equations that leave a variable of the set free; 0 for the empty set. */
export type SetCost = (set: number) => number;

/** A maximal monomial as its variable occurrences: x1^2 x3 is [0, 0, 2]. */
export type Occurrences = readonly number[];

/** Elementary steps left, shared by everything one search does. */
export interface Effort {
  steps: number;
}

/** Per added variable and per set size: prefers few and small sets when counts are equal. */
const INCIDENCE_COST = 1e-6;
const SIZE_COST = 1e-9;

/** owner[set] = the occurrence it takes, in one call of `canPlace`; kept to spare an allocation per call. */
const owner = new Int8Array(32);

/** Whether distinct sets can take all occurrences; at most 31 sets. */
export function canPlace(sets: readonly number[], occurrences: Occurrences): boolean {
  owner.fill(-1, 0, sets.length);
  for (let occurrence = 0; occurrence < occurrences.length; occurrence++) {
    if (findSet(sets, occurrences, occurrence, 0) !== FOUND) return false;
  }
  return true;
}

const FOUND = -1;

/** Gives the occurrence a set along an augmenting path: FOUND, or the sets seen in vain (bit mask). */
function findSet(
  sets: readonly number[],
  occurrences: Occurrences,
  occurrence: number,
  seen: number,
): number {
  const variable = occurrences[occurrence]!;
  for (let set = 0; set < sets.length; set++) {
    if (owner[set]! < 0 && (sets[set]! >>> variable) & 1) {
      owner[set] = occurrence;
      return FOUND;
    }
  }
  for (let set = 0; set < sets.length; set++) {
    if ((seen >>> set) & 1 || !((sets[set]! >>> variable) & 1)) continue;
    seen = findSet(sets, occurrences, owner[set]!, seen | (1 << set));
    if (seen === FOUND) {
      owner[set] = occurrence;
      return FOUND;
    }
  }
  return seen;
}

/** Minimum-cost assignment of rows to distinct columns, rows <= columns; returns the column of each row. */
function assign(cost: readonly (readonly number[])[], columns: number): number[] {
  const rows = cost.length;
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  const previous = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    let column = 0;
    const slack = new Float64Array(columns + 1).fill(Infinity);
    const used = new Uint8Array(columns + 1);
    do {
      used[column] = 1;
      const current = rowOf[column]!;
      let delta = Infinity;
      let nearest = 0;
      for (let candidate = 1; candidate <= columns; candidate++) {
        if (used[candidate]) continue;
        const reduced =
          cost[current - 1]![candidate - 1]! - rowPotential[current]! - columnPotential[candidate]!;
        if (reduced < slack[candidate]!) {
          slack[candidate] = reduced;
          previous[candidate] = column;
        }
        if (slack[candidate]! < delta) {
          delta = slack[candidate]!;
          nearest = candidate;
        }
      }
      for (let candidate = 0; candidate <= columns; candidate++) {
        if (used[candidate]) {
          rowPotential[rowOf[candidate]!]! += delta;
          columnPotential[candidate]! -= delta;
        } else slack[candidate]! -= delta;
      }
      column = nearest;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const before = previous[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }
  const columnOf = new Array<number>(rows).fill(-1);
  for (let column = 1; column <= columns; column++)
    if (rowOf[column]! > 0) columnOf[rowOf[column]! - 1] = column - 1;
  return columnOf;
}

function bitCount(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

/** What a list of sets adds to the count, and its size for ties. */
export function placementCost(
  sets: readonly number[],
  cost: SetCost,
): { count: number; size: number } {
  let count = 0;
  let size = 0;
  for (const set of sets) {
    count += cost(set);
    size += bitCount(set);
  }
  return { count, size };
}

/** Places the monomials in the given order into `factors` sets that start empty. */
export function placeMonomials(
  monomials: readonly Occurrences[],
  factors: number,
  cost: SetCost,
  scale: number,
  effort: Effort,
): number[] {
  const sets = new Array<number>(factors).fill(0);
  for (const occurrences of monomials) {
    if (canPlace(sets, occurrences)) continue;
    effort.steps -= occurrences.length * factors;
    const table = occurrences.map((variable) =>
      sets.map((set) => {
        if ((set >>> variable) & 1) return 0;
        return (
          (cost(set | (1 << variable)) - cost(set)) / scale +
          INCIDENCE_COST +
          SIZE_COST * bitCount(set)
        );
      }),
    );
    assign(table, factors).forEach((set, occurrence) => {
      sets[set]! |= 1 << occurrences[occurrence]!;
    });
  }
  return sets;
}

/**
 * Drops incidences that no monomial needs, largest saving first; equal savings in random order.
 * The result still places every monomial.
 */
export function dropIncidences(
  start: readonly number[],
  monomials: readonly Occurrences[],
  cost: SetCost,
  random: RandomStream,
  effort: Effort,
): number[] {
  const sets = [...start];
  const withVariable = new Map<number, Occurrences[]>();
  for (const occurrences of monomials) {
    for (const variable of new Set(occurrences)) {
      if (!withVariable.has(variable)) withVariable.set(variable, []);
      withVariable.get(variable)!.push(occurrences);
    }
  }
  const candidates: { set: number; variable: number; saving: number; tie: number }[] = [];
  sets.forEach((mask, set) => {
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest;
      candidates.push({
        set,
        variable: 31 - Math.clz32(bit),
        saving: cost(mask) - cost(mask & ~bit),
        tie: random.uniform(),
      });
    }
  });
  candidates.sort((a, b) => b.saving - a.saving || a.tie - b.tie);
  for (const { set, variable } of candidates) {
    const bit = 1 << variable;
    if (sets[set] === bit) continue;
    sets[set]! &= ~bit;
    const broken = withVariable.get(variable)?.some((occurrences) => {
      effort.steps -= occurrences.length;
      return !canPlace(sets, occurrences);
    });
    if (broken) sets[set]! |= bit;
  }
  return sets;
}
