// Quad-single arithmetic: a number is x = four f32, each at most an ulp of the one before, 94 bits.
// Sums and products as in lib/triple-single.wgsl, cut after the fourth part.
// Built on two_sum, quick_two_sum and two_product, which the host appends (error-free-*.wgsl).
// Errors, u = 2^-24: sum 8 u^4 (|x| + |y|), product 32 u^4, quotient 64 u^4 (test/gpu/several-singles.test.ts; no proof).

// Makes four parts that may overlap a little a number.
fn qs_renormalise(x: vec4f) -> vec4f {
  let low = quick_two_sum(x.z, x.w);
  let middle = quick_two_sum(x.y, low.x);
  let high = quick_two_sum(x.x, middle.x);
  let second = quick_two_sum(high.y, middle.y);
  return vec4f(high.x, second.x, quick_two_sum(second.y, low.y));
}

fn qs_add(x: vec4f, y: vec4f) -> vec4f {
  let high = two_sum(x.x, y.x);
  let middle = two_sum(x.y, y.y);
  let low = two_sum(x.z, y.z);
  let second = two_sum(middle.x, high.y);
  let third = two_sum(low.x, middle.y);
  let carried = two_sum(third.x, second.y);
  return qs_renormalise(vec4f(high.x, second.x, carried.x, (x.w + y.w) + (low.y + third.y + carried.y)));
}

fn qs_mul(x: vec4f, y: vec4f) -> vec4f {
  let high = two_product(x.x, y.x);
  let left = two_product(x.x, y.y);
  let right = two_product(x.y, y.x);
  let outer = two_product(x.x, y.z);
  let inner = two_product(x.y, y.y);
  let other = two_product(x.z, y.x);
  let cross = two_sum(left.x, right.x);
  let second = two_sum(high.y, cross.x);
  // Of the third order: seven numbers.
  let carried = two_sum(second.y, cross.y);
  let errors = two_sum(left.y, right.y);
  let ends = two_sum(outer.x, other.x);
  let products = two_sum(ends.x, inner.x);
  let smaller = two_sum(carried.x, errors.x);
  let third = two_sum(products.x, smaller.x);
  let plain = (x.x * y.w + x.w * y.x) + (x.y * y.z + x.z * y.y);
  let rest = (outer.y + other.y + inner.y) + (carried.y + errors.y + ends.y) + (products.y + smaller.y + third.y);
  return qs_renormalise(vec4f(high.x, second.x, third.x, plain + rest));
}

// Long division, a part of the quotient at a time.
fn qs_div(x: vec4f, y: vec4f) -> vec4f {
  var rest = x;
  var quotient: vec4f;
  for (var part = 0u; part < 4u; part++) {
    let next_part = rest.x / y.x;
    quotient = select(quotient, vec4f(next_part), vec4<bool>(part == 0u, part == 1u, part == 2u, part == 3u));
    rest = qs_add(rest, -qs_mul(y, vec4f(next_part, 0.0, 0.0, 0.0)));
  }
  return qs_renormalise(quotient);
}
