// Error-free transforms behind an opaque barrier: the formulas of error-free-plain.wgsl with every
// rounded intermediate passed through x ^ 0, where the compiler cannot know that the 0 is one.
// Mesa's drivers (lavapipe 22 and 25) rewrite (a + b) - a to b; parentheses do not stop them, this does.
// Range: |operands| and |results| in 2^-60..2^60 or zero. Needs the bind group of the arithmetic.

// Always zero. A uniform buffer, because a constant, an override or a private variable is folded.
@group(1) @binding(0) var<uniform> opaque_zero: u32;

fn opaque(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ opaque_zero);
}

fn two_sum(a: f32, b: f32) -> vec2f {
  let sum = opaque(a + b);
  let b_part = opaque(sum - a);
  let a_part = opaque(sum - b_part);
  return vec2f(sum, opaque(opaque(a - a_part) + opaque(b - b_part)));
}

// Needs |a| >= |b| or a = 0.
fn quick_two_sum(a: f32, b: f32) -> vec2f {
  let sum = opaque(a + b);
  return vec2f(sum, opaque(b - opaque(sum - a)));
}

// The upper 12 of the 24 significant bits (see error-free-plain.wgsl).
fn upper_half(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

fn two_product(a: f32, b: f32) -> vec2f {
  let product = opaque(a * b);
  let a_upper = upper_half(a);
  let a_lower = opaque(a - a_upper);
  let b_upper = upper_half(b);
  let b_lower = opaque(b - b_upper);
  let first = opaque(opaque(a_upper * b_upper) - product);
  let second = opaque(first + opaque(a_upper * b_lower));
  let third = opaque(second + opaque(a_lower * b_upper));
  return vec2f(product, opaque(third + opaque(a_lower * b_lower)));
}
