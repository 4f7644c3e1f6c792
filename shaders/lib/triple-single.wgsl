// Triple-single arithmetic: a number is x = three f32, each at most an ulp of the one before, 70 bits.
// Sums and products are those of Hida, Li and Bailey's quad-double numbers (ARITH-15, 2001), cut after the third part.
// Built on two_sum, quick_two_sum and two_product, which the host appends (error-free-*.wgsl).
// Errors, u = 2^-24: sum 4 u^3 (|x| + |y|), product 16 u^3, quotient 32 u^3 (test/gpu/several-singles.test.ts; no proof).

// Makes three parts that may overlap a little a number.
fn ts_renormalise(x: vec3f) -> vec3f {
  let low = quick_two_sum(x.y, x.z);
  let high = quick_two_sum(x.x, low.x);
  return vec3f(high.x, quick_two_sum(high.y, low.y));
}

fn ts_add(x: vec3f, y: vec3f) -> vec3f {
  let high = two_sum(x.x, y.x);
  let middle = two_sum(x.y, y.y);
  let carried = two_sum(middle.x, high.y);
  return ts_renormalise(vec3f(high.x, carried.x, (x.z + y.z) + (carried.y + middle.y)));
}

fn ts_mul(x: vec3f, y: vec3f) -> vec3f {
  let high = two_product(x.x, y.x);
  let left = two_product(x.x, y.y);
  let right = two_product(x.y, y.x);
  let cross = two_sum(left.x, right.x);
  let middle = two_sum(high.y, cross.x);
  let low = (x.x * y.z + x.z * y.x) + x.y * y.y;
  return ts_renormalise(vec3f(high.x, middle.x, (middle.y + cross.y) + (left.y + right.y) + low));
}

// Long division, a part of the quotient at a time.
fn ts_div(x: vec3f, y: vec3f) -> vec3f {
  var rest = x;
  var quotient: vec3f;
  for (var part = 0u; part < 3u; part++) {
    let next_part = rest.x / y.x;
    quotient = select(select(vec3f(quotient.xy, next_part), vec3f(quotient.x, next_part, 0.0), part == 1u), vec3f(next_part, 0.0, 0.0), part == 0u);
    rest = ts_add(rest, -ts_mul(y, vec3f(next_part, 0.0, 0.0)));
  }
  return ts_renormalise(quotient);
}
