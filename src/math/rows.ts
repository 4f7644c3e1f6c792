/** Things one after the other: an array of them, or something that makes them when they are asked for. */
export interface Items<Item> {
  readonly length: number;
  at(index: number): Item | undefined;
}

/** All of them at once, in memory. */
export function everyOne<Item>(items: Items<Item>): Item[] {
  return Array.from({ length: items.length }, (_, index) => items.at(index)!);
}

/** Tables of f64 by the million: rows of one width that are only ever appended, in memory or elsewhere. */
export interface Rows {
  readonly length: number;
  /** @returns the index of the row, from 0 */
  append(row: ArrayLike<number>): number;
  /** A row, which is not to be written to. */
  row(index: number): Float64Array;
}

/** Makes an empty table of rows of so many numbers. */
export type RowStorage = (width: number) => Rows;

/** The same numbers in an array of so much more room, the rest of which is 0. */
export function enlarged<
  Numbers extends Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
>(numbers: Numbers, length: number): Numbers {
  const longer = new (numbers.constructor as new (length: number) => Numbers)(length);
  longer.set(numbers);
  return longer;
}

const PAGE_NUMBERS = 1 << 13;

/** In memory, in pages: growing copies nothing. */
export class MemoryRows implements Rows {
  length = 0;
  private readonly pages: Float64Array[] = [];
  private readonly perPage: number;

  constructor(private readonly width: number) {
    this.perPage = Math.max(1, Math.floor(PAGE_NUMBERS / width));
  }

  append(row: ArrayLike<number>): number {
    const place = this.length % this.perPage;
    if (place === 0) this.pages.push(new Float64Array(this.perPage * this.width));
    this.pages.at(-1)!.set(row, place * this.width);
    return this.length++;
  }

  row(index: number): Float64Array {
    const { width, perPage } = this;
    const first = (index % perPage) * width;
    return this.pages[Math.floor(index / perPage)]!.subarray(first, first + width);
  }
}
