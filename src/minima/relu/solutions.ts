/** Of three there are too many: 45 million of 163 inputs. */
export const MOST_UNITS_KEPT = 2;

/**
 * The solutions of all combinations of one or two states, for those with one unit more: where the
 * unit that is left out has a moment shorter than lambda, it is zero at the larger combination's
 * solution, which then is the smaller one's, and needs not be solved.
 */
export class Solutions {
  /** Two numbers per unit and combination, in the states' bases. */
  readonly beta: Float64Array;
  /** The moment of a unit that is surely zero is shorter than this; -1 where nothing is known. */
  readonly limit: Float64Array;

  /** @param units 1 to MOST_UNITS_KEPT */
  constructor(
    private readonly states: number,
    readonly units: number,
  ) {
    const count = units === 1 ? states : (states * (states - 1)) / 2;
    this.beta = new Float64Array(2 * units * count);
    this.limit = new Float64Array(count).fill(-1);
  }

  /** The place of a combination of ascending states; the second counts for pairs only. */
  indexOf(first: number, second: number): number {
    return this.units === 1
      ? first
      : (first * (2 * this.states - first - 1)) / 2 + second - first - 1;
  }
}
