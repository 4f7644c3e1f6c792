/** Which paths are followed: all from one id to another, or a list. */
export interface PathIds {
  readonly count: number;
  at(place: number): number;
  /** As a tracker takes them. */
  readonly ids: { readonly first: number; readonly count: number } | Uint32Array;
}

/** Paths by id, from `first` to below `end`. */
export interface PathShare {
  readonly first: number;
  readonly end: number;
}

export function idRange(first: number, end: number): PathIds {
  const count = Math.max(0, end - first);
  return { count, at: (place) => first + place, ids: { first, count } };
}

export function idList(ids: Uint32Array): PathIds {
  return { count: ids.length, at: (place) => ids[place]!, ids };
}

/** Those from a place on. */
export function idsFrom({ ids, count }: PathIds, place: number): PathIds {
  return ids instanceof Uint32Array
    ? idList(ids.subarray(place))
    : idRange(ids.first + place, ids.first + count);
}

/** The paths of one of `of` machines, index from 1: shares of the same size, or one path more. */
export function shareOf(total: number, index: number, of: number): PathShare {
  return {
    first: Math.floor((total * (index - 1)) / of),
    end: Math.floor((total * index) / of),
  };
}
