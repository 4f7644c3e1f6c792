// The endgame's numbers: double-single, 48 bits.
// include: lib/double-single.wgsl
// include: lib/complex-number.wgsl

const PARTS = 2u;
alias Real = vec2f;
alias Number = mat2x2f;

// Of sums and products (f64: 2^-52).
const EPSILON = 1.4e-14;
// A Jacobian as singular as this is rounding.
const CRAWLING_PIVOT_RATIO = 1e-13;
// log s: how far steps go.
const BOTTOM_V = -23.0248;
const SHORTEST_STRIDE = 2.302585;
// Whether a path whose valuation strayed goes on until it settles again, as in double-double.
const RESETTLES = false;

fn vector(kind: u32, j: u32) -> Number {
  let high = end_vectors[vector_at(kind, j, 0u)];
  let low = end_vectors[vector_at(kind, j, 1u)];
  return Number(vec2f(high.x, low.x), vec2f(high.y, low.y));
}

fn set_vector(kind: u32, j: u32, x: Number) {
  end_vectors[vector_at(kind, j, 0u)] = vec2f(x[0].x, x[1].x);
  end_vectors[vector_at(kind, j, 1u)] = vec2f(x[0].y, x[1].y);
}

fn coefficient_at(index: u32) -> Number {
  let high = end_coefficients[2u * index];
  let low = end_coefficients[2u * index + 1u];
  return Number(vec2f(high.x, low.x), vec2f(high.y, low.y));
}

fn real_from(x: vec2f) -> Real {
  return x;
}

fn real_add(x: Real, y: Real) -> Real {
  return ds_add(x, y);
}

fn real_mul(x: Real, y: Real) -> Real {
  return ds_mul(x, y);
}

fn real_div(x: Real, y: Real) -> Real {
  return ds_div(x, y);
}
