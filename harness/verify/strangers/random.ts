/**
 * Random choices for generated systems, the same on every machine: the k-th word of a seed is a hash
 * of (seed, stream, k), so one system never depends on how many others were drawn before it.
 *
 * The package has such a generator, too (Philox), but does not export it, and generated systems
 * must stay the same when the package's own numbers change: failures are reported by seed.
 */

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit reaches every other. */
function mix(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The golden ratio in 32 bits: neighbouring inputs differ in many bits before they are mixed. */
const WEYL = 0x9e3779b9;

export interface RandomSource {
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Uniform on low, ..., high. */
  integer(low: number, high: number): number;
  pick<Item>(list: readonly Item[]): Item;
  chance(probability: number): boolean;
  sign(): 1 | -1;
  /** Uniform on -size, ..., size without 0. */
  nonzero(size: number): number;
  /** A copy in random order. */
  shuffle<Item>(list: readonly Item[]): Item[];
}

/**
 * @param seed integer from 0 to 2^53 - 1
 * @param stream a small integer: another one gives other numbers
 */
export function randomSource(seed: number, stream = 0): RandomSource {
  const key = mix(mix((seed % 2 ** 32) + WEYL) ^ Math.floor(seed / 2 ** 32)) ^ mix(stream + 1);
  let counter = 0;
  const word = (): number => mix(mix(key + Math.imul(++counter, WEYL)) ^ key);
  const uniform = (): number => word() / 2 ** 32;
  const integer = (low: number, high: number): number =>
    low + Math.floor(uniform() * (high - low + 1));
  const chance = (probability: number): boolean => uniform() < probability;
  const sign = (): 1 | -1 => (chance(0.5) ? 1 : -1);
  return {
    uniform,
    integer,
    pick: (list) => list[integer(0, list.length - 1)]!,
    chance,
    sign,
    nonzero: (size) => sign() * integer(1, size),
    shuffle(list) {
      const result = [...list];
      for (let k = result.length - 1; k > 0; k--) {
        const other = integer(0, k);
        [result[k], result[other]] = [result[other]!, result[k]!];
      }
      return result;
    },
  };
}
