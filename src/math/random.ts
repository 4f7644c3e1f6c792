/**
 * Counter-based random numbers: Philox4x32-10.
 *
 * A path, a start coefficient or an initial weight is addressed by (seed, stream, index) and not by
 * how many numbers were drawn before it, so the host and a GPU kernel draw the same numbers in any
 * order and any batch size. Only 32-bit integer operations are used, because WGSL has no others:
 * the shader is the same text, line for line.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
 * section 3.3 and its known-answer vectors (Random123).
 */

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Weyl increments of the key: golden ratio and sqrt(3) - 1, in 32 bits. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** 2^-24: f32 has 24 significant bits, so k * 2^-24 is exact in f32 and f64 alike. */
const UNIT_24 = 2 ** -24;

/** High 32 bits of the 64-bit product of two u32, from 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = Math.imul(aLow, bLow);
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (low >>> 16);
  const middleLow = (middle & 0xffff) + (Math.imul(aLow, bHigh) >>> 0);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (middleLow >>> 16)) >>> 0;
}

/** Four u32 words. */
export type Words4 = readonly [number, number, number, number];

/**
 * The Philox4x32-10 bijection.
 *
 * @param counter four u32 words
 * @param key two u32 words
 * @returns four uniform u32 words
 */
export function philox4x32(
  counter: Words4,
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** A sequence of random numbers; two generators with the same address give the same sequence. */
export interface RandomStream {
  /** The next uniform u32. */
  word(): number;
  /** Uniform on [0, 1), a multiple of 2^-24 (exact in f32). */
  uniform(): number;
  /** Uniform integer in 0..bound-1, 1 <= bound <= 2^32, without modulo bias beyond 2^-32. */
  integer(bound: number): number;
  /** Standard normal (Box-Muller, one value per pair of uniforms). */
  normal(): number;
  /** Uniform on the complex unit circle: [re, im], modulus 1 to f64 rounding. */
  unitCircle(): [number, number];
}

/**
 * Opens the random stream (seed, stream, substream).
 *
 * @param seed integer in 0..2^53-1; its low and high words are the Philox key
 * @param stream what the numbers are for (u32)
 * @param substream which item they belong to, e.g. an equation or a path (u32)
 * @throws RangeError when an address word is not an integer in its range
 */
export function randomStream(seed: number, stream = 0, substream = 0): RandomStream {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`The seed must be an integer from 0 to 2^53 - 1, it is ${seed}.`);
  }
  for (const word of [stream, substream]) {
    if (!Number.isInteger(word) || word < 0 || word > 0xffffffff) {
      throw new RangeError(`A stream number must be an integer from 0 to 2^32 - 1, it is ${word}.`);
    }
  }
  const key: readonly [number, number] = [seed >>> 0, Math.floor(seed / 0x100000000)];
  let block = 0;
  let used = 4;
  let words: Words4 = [0, 0, 0, 0];
  const word = (): number => {
    if (used === 4) {
      words = philox4x32([block >>> 0, Math.floor(block / 0x100000000), stream, substream], key);
      block++;
      used = 0;
    }
    return words[used++]!;
  };
  const uniform = (): number => (word() >>> 8) * UNIT_24;
  return {
    word,
    uniform,
    integer: (bound) => Math.floor((word() / 0x100000000) * bound),
    normal: () => {
      // 1 - u lies in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
    unitCircle: () => {
      const angle = 2 * Math.PI * uniform();
      return [Math.cos(angle), Math.sin(angle)];
    },
  };
}
