// Error-free transforms, plain: a + b = sum + error and a * b = product + error, all exact.
// Right only where the compiler keeps f32 operations as written; the device's self-test tells.
// Range: |operands| and |results| in 2^-60..2^60 or zero (subnormal errors may be flushed).
// Sum: Knuth, TAOCP 2, 4.2.2 theorem B. Product: Dekker 1971, with the halves cut by a bit mask.

fn two_sum(a: f32, b: f32) -> vec2f {
  let sum = a + b;
  let b_part = sum - a;
  let a_part = sum - b_part;
  return vec2f(sum, (a - a_part) + (b - b_part));
}

// Needs |a| >= |b| or a = 0.
fn quick_two_sum(a: f32, b: f32) -> vec2f {
  let sum = a + b;
  return vec2f(sum, b - (sum - a));
}

// The upper 12 of the 24 significant bits; x - upper_half(x) has at most 12, so every product of
// halves is exact. A mask instead of Dekker's 4097 x: two operations, and nothing to reassociate.
fn upper_half(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

fn two_product(a: f32, b: f32) -> vec2f {
  let product = a * b;
  let a_upper = upper_half(a);
  let a_lower = a - a_upper;
  let b_upper = upper_half(b);
  let b_lower = b - b_upper;
  let error = ((a_upper * b_upper - product) + a_upper * b_lower + a_lower * b_upper) + a_lower * b_lower;
  return vec2f(product, error);
}
