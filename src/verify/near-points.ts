/**
 * Looks points up by where they are: sorted along one direction, so that only those whose place along it is near are looked at.
 * The direction is oblique to all axes, since solutions often agree in some of their coordinates.
 */
export class NearPoints {
  private readonly order: readonly number[];
  /** Places along the direction, increasing. */
  private readonly places: Float64Array;

  /** @param points coordinates of each, of complex ones re, im */
  constructor(private readonly points: readonly (readonly number[])[]) {
    const places = Float64Array.from(points, placeOf);
    this.order = Array.from(points.keys()).sort((a, b) => places[a]! - places[b]!);
    this.places = Float64Array.from(this.order, (index) => places[index]!);
  }

  /** Indices of the points none of whose coordinates is further than `reach` from those of a point, in no order. */
  near(point: readonly number[], reach: number): number[] {
    const place = placeOf(point);
    const size = point.reduce((sum, entry) => sum + Math.abs(entry), 0);
    // Places are sums in f64.
    const slack = point.length * reach + (point.length + 2) * 2 ** -51 * (size + reach);
    const found: number[] = [];
    for (let k = this.firstFrom(place - slack); k < this.places.length; k++) {
      if (this.places[k]! > place + slack) break;
      const index = this.order[k]!;
      const other = this.points[index]!;
      if (point.every((entry, j) => Math.abs(entry - other[j]!) <= reach)) found.push(index);
    }
    return found;
  }

  private firstFrom(place: number): number {
    let [low, high] = [0, this.places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The sum of the coordinates, times numbers between 1/2 and 1 that have nothing to do with each other. */
function placeOf(point: readonly number[]): number {
  return point.reduce((sum, entry, k) => sum + (0.5 + (((k + 1) * GOLDEN) % 1) / 2) * entry, 0);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
