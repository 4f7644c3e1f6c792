/**
 * Standard normal numbers that host and GPU compute to the same bit.
 *
 * WGSL's logarithm, square root and cosine are approximations that differ from device to device, so
 * Box-Muller cannot be repeated on the host. This is the inverse distribution function instead, in
 * 32-bit integers: leading zeros find the octave of the tail probability, four more bits a
 * sixteenth of it, and a cubic with 28 binary places gives |z| there. The result has 21 binary
 * places and at most 24 significant bits, so f32 holds it exactly, and one multiplication by a scale
 * rounds once, on the host (a product of two f32 is exact in f64) as on the GPU.
 *
 * The largest number is 6.338, of probability 2^-31 with either sign; tails beyond it do not occur.
 * Largest distance to the exact quantile of the word: below 3e-7 (tested), of which 2.4e-7 is the
 * rounding to 21 places.
 */

/** Sixteenths of an octave. */
const SEGMENT_BITS = 4;
const SEGMENTS = 1 << SEGMENT_BITS;
/** Octaves of the odd numbers below 2^32, which stand for tail probabilities in units of 2^-33. */
const OCTAVES = 32;
const TABLE_BITS = 28;
const RESULT_BITS = 21;
const DROPPED_BITS = TABLE_BITS - RESULT_BITS;
/** Coefficients of a cubic. */
const COEFFICIENTS = 4;

/** The value of the last bit of `standardNormal`. */
export const NORMAL_UNIT = 2 ** -RESULT_BITS;

/**
 * The standard normal number of a uniform word.
 *
 * @param word u32; its top bit is the sign, the rest chooses the tail probability
 * @returns an integer of less than 2^24 in size, in units of NORMAL_UNIT
 */
export function standardNormal(word: number): number {
  const table = normalTable();
  const odd = ((word << 1) | 1) >>> 0;
  const octave = Math.clz32(odd);
  const normalized = (odd << octave) >>> 0;
  const segment = (normalized >>> (31 - SEGMENT_BITS)) & (SEGMENTS - 1);
  const place = ~(normalized << (1 + SEGMENT_BITS)) >>> 0;
  const entry = COEFFICIENTS * ((octave << SEGMENT_BITS) + segment);
  const quadratic = table[entry + 2]! + multiplyHigh(table[entry + 3]!, place);
  const linear = table[entry + 1]! + multiplyHigh(quadratic, place);
  const size = table[entry]! + multiplyHigh(linear, place);
  const rounded = (size + (1 << (DROPPED_BITS - 1))) >>> DROPPED_BITS;
  // 0 - 0 is +0, as in integer arithmetic.
  return word >>> 31 === 1 ? 0 - rounded : rounded;
}

/**
 * A normal number of standard deviation `scale`, rounded once to f32.
 *
 * @param scale f32
 */
export function scaledNormal(word: number, scale: number): number {
  return Math.fround(standardNormal(word) * (Math.fround(scale) * NORMAL_UNIT));
}

/** The value of the last bit of `symmetricUniform`. */
export const UNIFORM_UNIT = 2 ** -24;

/** The uniform number in (-1, 1) of a word: an odd integer below 2^24 in size, in units of UNIFORM_UNIT. */
export function symmetricUniform(word: number): number {
  return 2 * (word >>> 8) + 1 - 2 ** 24;
}

/** A uniform number in (-scale, scale), rounded once to f32. */
export function scaledUniform(word: number, scale: number): number {
  return Math.fround(symmetricUniform(word) * (Math.fround(scale) * UNIFORM_UNIT));
}

/** High 32 bits of a product of two u32: f64 carries 53 bits, so one factor is split. */
function multiplyHigh(a: number, b: number): number {
  const high = a * (b >>> 16);
  const low = a * (b & 0xffff);
  // Both are below 2^48; floor((high + low / 2^16) / 2^16) by exact steps.
  return Math.floor((high + Math.floor(low / 0x10000)) / 0x10000);
}

let cachedTable: Uint32Array<ArrayBuffer> | null = null;

/**
 * The cubics of |z|: [octave][segment][power], powers of the distance from the segment's central
 * end, 28 binary places. 512 vec4u in a storage buffer.
 *
 * Made with the four basic operations and square roots only, which IEEE 754 rounds alike
 * everywhere, so that two JavaScript engines get the same table.
 */
export function normalTable(): Uint32Array<ArrayBuffer> {
  if (cachedTable) return cachedTable;
  const table = new Uint32Array(OCTAVES * SEGMENTS * COEFFICIENTS);
  let quantile = 0;
  for (let octave = 0; octave < OCTAVES; octave++) {
    for (let segment = SEGMENTS - 1; segment >= 0; segment--) {
      // The cubic through four equidistant points, the central end first; ends are shared with the
      // neighbours, which keeps the function continuous and monotone.
      const values = [0, 1, 2, 3].map((node) => {
        const place = segment + (COEFFICIENTS - 1 - node) / (COEFFICIENTS - 1);
        const tail = 2 ** -(octave + 2) * (1 + place / SEGMENTS);
        quantile = upperQuantile(tail, quantile);
        return quantile;
      });
      const [y0, y1, y2, y3] = values as [number, number, number, number];
      const first = 3 * (y1 - y0);
      const second = 4.5 * (y2 - 2 * y1 + y0);
      const third = 4.5 * (y3 - 3 * y2 + 3 * y1 - y0);
      const powers = [y0, first - second / 3 + (2 * third) / 9, second - third, third];
      powers.forEach((coefficient, power) => {
        // All are positive in exact arithmetic: Q^-1 and its derivatives alternate in sign.
        table[COEFFICIENTS * (octave * SEGMENTS + segment) + power] = Math.max(
          0,
          Math.floor(coefficient * 2 ** TABLE_BITS + 0.5),
        );
      });
    }
  }
  cachedTable = table;
  return table;
}

const SQRT_2_PI = 2.5066282746310002;
/** Below it the power series of the distribution function, above it the continued fraction of Q. */
const SERIES_LIMIT = 2;
const FRACTION_TERMS = 80;
const SERIES_TERMS = 60;
const NEWTON_STEPS = 8;

/** The z with Q(z) = tail, by Newton steps from a smaller z: Q is convex there, so they stay below. */
function upperQuantile(tail: number, start: number): number {
  let z = start;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const density = exponential((z * z) / 2) / SQRT_2_PI;
    z += (upperTail(z, density) - tail) / density;
  }
  return z;
}

/** Q(z) for z >= 0 (Abramowitz and Stegun 1964, 26.2.11 and 26.2.14). */
function upperTail(z: number, density: number): number {
  if (z < SERIES_LIMIT) {
    let term = z;
    let sum = 0;
    for (let n = 1; n <= SERIES_TERMS; n++) {
      sum += term;
      term *= (z * z) / (2 * n + 1);
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let n = FRACTION_TERMS; n >= 1; n--) fraction = z + n / fraction;
  return density / fraction;
}

/** exp(-y), 0 <= y < 32: the series at y / 64, squared six times. */
function exponential(y: number): number {
  const small = -y / 64;
  let power = 1;
  for (let n = 20; n >= 1; n--) power = 1 + (power * small) / n;
  for (let squaring = 0; squaring < 6; squaring++) power *= power;
  return power;
}
