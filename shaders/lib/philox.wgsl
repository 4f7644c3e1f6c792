// Philox4x32-10, counter-based random numbers: the text of src/math/random.ts, line for line.
// A call is one bijection of 128 bits; nothing is kept between calls.
// philox4x32(counter, key): counter = (block low, block high, stream, substream), key = seed (low, high).
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.

const PHILOX_ROUNDS = 10u;
const PHILOX_MULTIPLIER_0 = 0xd2511f53u;
const PHILOX_MULTIPLIER_1 = 0xcd9e8d57u;
// Weyl increments of the key: golden ratio and sqrt(3) - 1, in 32 bits.
const PHILOX_WEYL_0 = 0x9e3779b9u;
const PHILOX_WEYL_1 = 0xbb67ae85u;

// High 32 bits of the 64-bit product of two u32, from 16-bit halves.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let low = a_low * b_low;
  let middle = a_high * b_low + (low >> 16u);
  let middle_low = (middle & 0xffffu) + a_low * b_high;
  return a_high * b_high + (middle >> 16u) + (middle_low >> 16u);
}

fn philox4x32(counter: vec4u, key: vec2u) -> vec4u {
  var words = counter;
  var round_key = key;
  for (var round = 0u; round < PHILOX_ROUNDS; round++) {
    let high_0 = multiply_high(PHILOX_MULTIPLIER_0, words.x);
    let low_0 = PHILOX_MULTIPLIER_0 * words.x;
    let high_1 = multiply_high(PHILOX_MULTIPLIER_1, words.z);
    let low_1 = PHILOX_MULTIPLIER_1 * words.z;
    words = vec4u(high_1 ^ words.y ^ round_key.x, low_1, high_0 ^ words.w ^ round_key.y, low_0);
    round_key += vec2u(PHILOX_WEYL_0, PHILOX_WEYL_1);
  }
  return words;
}
