// Standard normal numbers from uniform words in integer arithmetic: the text of
// src/math/normal-fixed-point.ts, line for line, and bit-equal to it on every adapter.
// |z| = Q^-1(p), p = (2 k + 1) / 2^33, k the lower 31 bits of the word, its top bit the sign; Q the upper
// tail of the normal distribution, by a cubic on each sixteenth of an octave of p.
// The including kernel binds normal_table: array<vec4u, 512>, see normalTable() on the host.
// include: lib/philox.wgsl

const NORMAL_SEGMENT_BITS = 4u;
// Table entries have 28 binary places, results 21.
const NORMAL_DROPPED_BITS = 7u;
// The value of a result's last bit: a factor of the scale that the caller multiplies by.
const NORMAL_UNIT = 4.76837158203125e-7;

// z in units of NORMAL_UNIT, |z| < 2^24: exact as f32.
fn standard_normal(word: u32) -> i32 {
  let odd = (word << 1u) | 1u;
  let octave = countLeadingZeros(odd);
  let normalized = odd << octave;
  let segment = (normalized >> (31u - NORMAL_SEGMENT_BITS)) & ((1u << NORMAL_SEGMENT_BITS) - 1u);
  let place = ~(normalized << (1u + NORMAL_SEGMENT_BITS));
  let cubic = normal_table[(octave << NORMAL_SEGMENT_BITS) + segment];
  let quadratic = cubic.z + multiply_high(cubic.w, place);
  let linear = cubic.y + multiply_high(quadratic, place);
  let size = cubic.x + multiply_high(linear, place);
  let rounded = i32((size + (1u << (NORMAL_DROPPED_BITS - 1u))) >> NORMAL_DROPPED_BITS);
  return select(rounded, -rounded, (word >> 31u) == 1u);
}
