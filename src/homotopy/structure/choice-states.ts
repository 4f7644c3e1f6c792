/**
 * The states of choosing one set per equation so that a system of distinct representatives exists.
 *
 * Two partial choices with the same future must be one state, or the count takes as long as listing
 * the solutions. By Hall's theorem the future depends only on what is not yet decided: when a
 * subfamily of the chosen sets is tight (as many sets as variables in its union), those variables
 * are spent; they leave every other set and the subfamily is dropped. What remains, as a sorted
 * list, has only subfamilies with more variables than sets, so any further set that still has a
 * variable keeps the choice feasible: the feasibility test of a step is one AND.
 *
 * Places stand for classes of interchangeable variables; a place's capacity is the size of its class.
 * Sets are bit masks over at most 31 places.
 */

/** Most places a mask can hold: bits of a non-negative 32-bit integer. */
export const MAX_PLACES = 31;

/** Interned states of partial choices; state 0 is the empty choice. */
export class ChoiceStates {
  /** Places not yet spent, per state. */
  readonly remaining: number[] = [];
  private readonly families: (readonly number[])[] = [];
  private readonly ids = new Map<string, number>();
  /** Per state: set -> next state. One map per state keeps the keys small integers, which hash fastest. */
  private readonly steps: Map<number, number>[] = [];
  private readonly capacities: readonly number[];

  /** @param capacities variables per place, at most 31 places */
  constructor(capacities: readonly number[]) {
    this.capacities = capacities;
    this.intern(2 ** capacities.length - 1, []);
  }

  /** Number of states met so far. */
  get size(): number {
    return this.remaining.length;
  }

  /** The state after also choosing `set`, or -1 when no distinct representatives are left. */
  step(state: number, set: number): number {
    const free = set & this.remaining[state]!;
    if (free === 0) return -1;
    const known = this.steps[state]!;
    let next = known.get(free);
    if (next === undefined) {
      next = this.reduce(this.remaining[state]!, [...this.families[state]!, free]);
      known.set(free, next);
    }
    return next;
  }

  private intern(remaining: number, family: readonly number[]): number {
    const key = textKey(remaining, family);
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.remaining.length;
      this.ids.set(key, id);
      this.remaining.push(remaining);
      this.families.push(family);
      this.steps.push(new Map());
    }
    return id;
  }

  /** Drops the largest tight subfamily and spends its places. */
  private reduce(remaining: number, family: readonly number[]): number {
    const home = this.matchToPlaces(family);
    const load = new Array<number>(this.capacities.length).fill(0);
    for (const place of home) load[place]!++;
    // A set is outside every tight subfamily exactly when an alternating path leads it to a place with room.
    let open = 0;
    for (let place = 0; place < load.length; place++) {
      if ((remaining >>> place) & 1 && load[place]! < this.capacities[place]!) open |= 1 << place;
    }
    const loose = new Array<boolean>(family.length).fill(false);
    for (let grown = true; grown;) {
      grown = false;
      for (let index = 0; index < family.length; index++) {
        if (!loose[index] && family[index]! & open) {
          loose[index] = true;
          open |= 1 << home[index]!;
          grown = true;
        }
      }
    }
    let spent = 0;
    for (let index = 0; index < family.length; index++) if (!loose[index]) spent |= family[index]!;
    const left: number[] = [];
    for (let index = 0; index < family.length; index++) {
      if (loose[index]) left.push(family[index]! & ~spent);
    }
    left.sort((a, b) => a - b);
    return this.intern(remaining & ~spent, left);
  }

  /** A place for every set within the capacities; the family is known to be feasible. */
  private matchToPlaces(family: readonly number[]): number[] {
    const home = new Array<number>(family.length).fill(-1);
    const load = new Array<number>(this.capacities.length).fill(0);
    const seat = (index: number, seen: { places: number }): boolean => {
      for (let candidates = family[index]!; candidates !== 0; candidates &= candidates - 1) {
        const place = 31 - Math.clz32(candidates & -candidates);
        if ((seen.places >>> place) & 1) continue;
        seen.places |= 1 << place;
        if (load[place]! < this.capacities[place]!) {
          load[place]!++;
          home[index] = place;
          return true;
        }
        for (let other = 0; other < family.length; other++) {
          if (home[other] === place && seat(other, seen)) {
            home[index] = place;
            return true;
          }
        }
      }
      return false;
    };
    for (let index = 0; index < family.length; index++) seat(index, { places: 0 });
    return home;
  }
}

/** The masks as UTF-16 units, two each: several times faster to build than decimal digits. */
function textKey(remaining: number, family: readonly number[]): string {
  let key = String.fromCharCode(remaining & 0xffff, remaining >>> 16);
  for (const set of family) key += String.fromCharCode(set & 0xffff, set >>> 16);
  return key;
}
