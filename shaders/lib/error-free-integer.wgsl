// Error-free transforms in integer arithmetic: f32 addition and multiplication rebuilt on u32,
// rounded to nearest, ties to even (IEEE 754). About 20 times slower: the last resort for a
// compiler or a device whose own f32 arithmetic cannot be trusted, whatever the barrier.
// Range: |operands| and |results| in 2^-60..2^60 or zero; no subnormals, infinities or NaN.

const SIGN_BIT = 0x80000000u;
const HIDDEN_BIT = 0x00800000u; // of the 24-bit significand
const EXPONENT_BIAS = 127i;
const GUARD_BITS = 6u; // below the significand during an addition: 2 decide the rounding, 4 to spare

fn exponent_of(bits: u32) -> i32 {
  return i32((bits >> 23u) & 0xffu);
}

fn significand_of(bits: u32) -> u32 {
  return (bits & 0x007fffffu) | HIDDEN_BIT;
}

// x >> count with every bit that falls out gathered in the lowest one ("sticky").
fn shift_right_sticky(x: u32, count: u32) -> u32 {
  if (count == 0u) {
    return x;
  }
  if (count > 31u) {
    return select(0u, 1u, x != 0u);
  }
  let lost = x & ((1u << count) - 1u);
  return (x >> count) | select(0u, 1u, lost != 0u);
}

// sign, and significand * 2^(exponent - bias - 23 - guard_bits), rounded to f32.
fn round_to_f32(sign: u32, biased_exponent: i32, significand: u32, guard_bits: u32) -> f32 {
  if (significand == 0u) {
    return 0.0;
  }
  // The leading bit goes to bit 23 + guard_bits.
  let shift = i32(8u - guard_bits) - i32(countLeadingZeros(significand));
  var exponent = biased_exponent + shift;
  var aligned = significand;
  if (shift > 0i) {
    aligned = shift_right_sticky(significand, u32(shift));
  } else {
    aligned = significand << u32(-shift);
  }
  let half = 1u << (guard_bits - 1u);
  let rest = aligned & ((1u << guard_bits) - 1u);
  var rounded = aligned >> guard_bits;
  if (rest > half || (rest == half && (rounded & 1u) == 1u)) {
    rounded += 1u;
  }
  if (rounded == (HIDDEN_BIT << 1u)) {
    rounded = HIDDEN_BIT;
    exponent += 1i;
  }
  if (exponent <= 0i) {
    return 0.0;
  }
  return bitcast<f32>(sign | (u32(exponent) << 23u) | (rounded & 0x007fffffu));
}

fn integer_add(a: f32, b: f32) -> f32 {
  var large = bitcast<u32>(a);
  var small = bitcast<u32>(b);
  if ((large & ~SIGN_BIT) < (small & ~SIGN_BIT)) {
    let swapped = large;
    large = small;
    small = swapped;
  }
  if (exponent_of(small) == 0i) {
    return bitcast<f32>(large);
  }
  let distance = u32(exponent_of(large) - exponent_of(small));
  let large_significand = significand_of(large) << GUARD_BITS;
  let small_significand = shift_right_sticky(significand_of(small) << GUARD_BITS, distance);
  let same_sign = ((large ^ small) & SIGN_BIT) == 0u;
  let sum = select(large_significand - small_significand, large_significand + small_significand, same_sign);
  return round_to_f32(large & SIGN_BIT, exponent_of(large), sum, GUARD_BITS);
}

fn integer_negate(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ SIGN_BIT);
}

fn integer_subtract(a: f32, b: f32) -> f32 {
  return integer_add(a, integer_negate(b));
}

fn two_sum(a: f32, b: f32) -> vec2f {
  let sum = integer_add(a, b);
  let b_part = integer_subtract(sum, a);
  let a_part = integer_subtract(sum, b_part);
  return vec2f(sum, integer_add(integer_subtract(a, a_part), integer_subtract(b, b_part)));
}

// Needs |a| >= |b| or a = 0.
fn quick_two_sum(a: f32, b: f32) -> vec2f {
  let sum = integer_add(a, b);
  return vec2f(sum, integer_subtract(b, integer_subtract(sum, a)));
}

fn two_product(a: f32, b: f32) -> vec2f {
  let a_bits = bitcast<u32>(a);
  let b_bits = bitcast<u32>(b);
  if (exponent_of(a_bits) == 0i || exponent_of(b_bits) == 0i) {
    return vec2f(0.0, 0.0);
  }
  // 24 x 24 bits by 12-bit halves; the product is upper * 2^24 + lower, lower < 2^24.
  let a_significand = significand_of(a_bits);
  let b_significand = significand_of(b_bits);
  let a_upper = a_significand >> 12u;
  let a_lower = a_significand & 0xfffu;
  let b_upper = b_significand >> 12u;
  let b_lower = b_significand & 0xfffu;
  let middle = a_upper * b_lower + a_lower * b_upper;
  let low_sum = a_lower * b_lower + ((middle & 0xfffu) << 12u);
  var upper = a_upper * b_upper + (middle >> 12u) + (low_sum >> 24u);
  var lower = low_sum & 0xffffffu;
  // Biased exponent of the product when its leading bit is bit 47.
  var exponent = exponent_of(a_bits) + exponent_of(b_bits) - EXPONENT_BIAS + 1i;
  if (upper < HIDDEN_BIT) {
    upper = (upper << 1u) | (lower >> 23u);
    lower = (lower << 1u) & 0xffffffu;
    exponent -= 1i;
  }
  // Now 2^23 <= upper < 2^24: round at bit 24, and what the rounding took is the error.
  let half = 0x00800000u;
  let rounds_up = lower > half || (lower == half && (upper & 1u) == 1u);
  let sign = (a_bits ^ b_bits) & SIGN_BIT;
  let error_significand = select(lower, 0x01000000u - lower, rounds_up);
  let error_sign = select(sign, sign ^ SIGN_BIT, rounds_up);
  // error = error_significand * 2^(exponent - bias - 47), exact: at most 24 bits.
  let error = round_to_f32(error_sign, exponent - 24i, error_significand << GUARD_BITS, GUARD_BITS);
  if (rounds_up) {
    upper += 1u;
  }
  if (upper == (HIDDEN_BIT << 1u)) {
    upper = HIDDEN_BIT;
    exponent += 1i;
  }
  return vec2f(bitcast<f32>(sign | (u32(exponent) << 23u) | (upper & 0x007fffffu)), error);
}
