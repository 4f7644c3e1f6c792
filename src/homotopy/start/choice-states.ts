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
  private readonly steps: (Map<number, number> | undefined)[] = [];
  private readonly capacities: readonly number[];
  // Work space of one reduction, kept to spare the garbage collector three arrays per state.
  private readonly load: Int32Array;
  private readonly home: Int32Array;
  private readonly loose: Uint8Array;
  private seen = 0;

  /** @param capacities variables per place, at most 31 places */
  constructor(capacities: readonly number[]) {
    this.capacities = capacities;
    const variableCount = capacities.reduce((sum, capacity) => sum + capacity, 0);
    this.load = new Int32Array(capacities.length);
    this.home = new Int32Array(variableCount);
    this.loose = new Uint8Array(variableCount);
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
    const known = (this.steps[state] ??= new Map<number, number>());
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
      this.steps.push(undefined);
    }
    return id;
  }

  /** Drops the largest tight subfamily and spends its places. */
  private reduce(remaining: number, family: readonly number[]): number {
    const { load, home, loose } = this;
    this.matchToPlaces(family);
    // A set is outside every tight subfamily exactly when an alternating path leads it to a place with room.
    let open = 0;
    for (let place = 0; place < load.length; place++) {
      if ((remaining >>> place) & 1 && load[place]! < this.capacities[place]!) open |= 1 << place;
    }
    loose.fill(0, 0, family.length);
    for (let grown = true; grown;) {
      grown = false;
      for (let index = 0; index < family.length; index++) {
        if (!loose[index] && family[index]! & open) {
          loose[index] = 1;
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

  /** Fills `home` with a place for every set, within the capacities; the family is known to be feasible. */
  private matchToPlaces(family: readonly number[]): void {
    this.home.fill(-1, 0, family.length);
    this.load.fill(0);
    for (let index = 0; index < family.length; index++) {
      this.seen = 0;
      this.seat(family, index);
    }
  }

  /** Finds one set a place, moving others along an augmenting path; `seen` are the places tried. */
  private seat(family: readonly number[], index: number): boolean {
    const { load, home, capacities } = this;
    for (let candidates = family[index]!; candidates !== 0; candidates &= candidates - 1) {
      const place = 31 - Math.clz32(candidates & -candidates);
      if ((this.seen >>> place) & 1) continue;
      this.seen |= 1 << place;
      if (load[place]! < capacities[place]!) {
        load[place]!++;
        home[index] = place;
        return true;
      }
      for (let other = 0; other < family.length; other++) {
        if (home[other] === place && this.seat(family, other)) {
          home[index] = place;
          return true;
        }
      }
    }
    return false;
  }
}

/** The masks as UTF-16 units, two each: several times faster to build than decimal digits. */
function textKey(remaining: number, family: readonly number[]): string {
  let key = String.fromCharCode(remaining & 0xffff, remaining >>> 16);
  for (const set of family) key += String.fromCharCode(set & 0xffff, set >>> 16);
  return key;
}
