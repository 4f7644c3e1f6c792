// Double-single arithmetic: a number is x = high + low, two f32 with |low| <= ulp(high) / 2, 48 bits.
// Built on two_sum, quick_two_sum and two_product, which the host appends (error-free-*.wgsl).
// Relative errors, u = 2^-24 (Joldes, Muller, Popescu 2017, doi 10.1145/3121432): sum 3 u^2,
// product 5 u^2; quotient below 16 u^2 although WGSL's own f32 division may be off by 2.5 ulp.
// Range: |values| in 2^-30..2^30 or zero keeps every intermediate inside that of the transforms.

fn ds_from_f32(x: f32) -> vec2f {
  return vec2f(x, 0.0);
}

// Algorithm 6 of the paper (AccurateDWPlusDW): accurate also when the operands cancel.
fn ds_add(x: vec2f, y: vec2f) -> vec2f {
  let high = two_sum(x.x, y.x);
  let low = two_sum(x.y, y.y);
  let middle = quick_two_sum(high.x, high.y + low.x);
  return quick_two_sum(middle.x, low.y + middle.y);
}

fn ds_sub(x: vec2f, y: vec2f) -> vec2f {
  return ds_add(x, -y);
}

// Algorithm 10 (DWTimesDW1).
fn ds_mul(x: vec2f, y: vec2f) -> vec2f {
  let high = two_product(x.x, y.x);
  let cross = x.x * y.y + x.y * y.x;
  return quick_two_sum(high.x, high.y + cross);
}

// Algorithm 7 (DWTimesFP1).
fn ds_mul_f32(x: vec2f, y: f32) -> vec2f {
  let high = two_product(x.x, y);
  let middle = quick_two_sum(high.x, x.y * y);
  return quick_two_sum(middle.x, middle.y + high.y);
}

// Algorithm 17 (DWDivDW2). The remainder x - q y is formed without rounding in its leading part,
// so the second quotient also repairs an inexact first one. y = 0 gives what the device gives.
fn ds_div(x: vec2f, y: vec2f) -> vec2f {
  let quotient = x.x / y.x;
  let product = ds_mul_f32(y, quotient);
  let remainder = two_sum(x.x, -product.x).x + (x.y - product.y);
  return quick_two_sum(quotient, remainder / y.x);
}
