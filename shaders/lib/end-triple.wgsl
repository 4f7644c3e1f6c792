// The endgame's numbers: triple-single, 70 bits, for paths that 48 do not decide.
// include: lib/double-single.wgsl
// include: lib/triple-single.wgsl
// include: lib/complex-number.wgsl

const PARTS = 3u;
alias Real = vec3f;
alias Number = mat2x3f;

// Of sums and products, relative to the summands.
const EPSILON = 4e-21;
// A Jacobian as singular as this is rounding.
const CRAWLING_PIVOT_RATIO = 1e-19;
// log s: how far steps go.
const BOTTOM_V = -36.8414;
const SHORTEST_STRIDE = 0.460517;
// Whether a path whose valuation strayed goes on until it settles again, as in double-double.
const RESETTLES = true;

fn vector(kind: u32, j: u32) -> Number {
  let high = end_vectors[vector_at(kind, j, 0u)];
  let middle = end_vectors[vector_at(kind, j, 1u)];
  let low = end_vectors[vector_at(kind, j, 2u)];
  return Number(vec3f(high.x, middle.x, low.x), vec3f(high.y, middle.y, low.y));
}

fn set_vector(kind: u32, j: u32, x: Number) {
  end_vectors[vector_at(kind, j, 0u)] = vec2f(x[0].x, x[1].x);
  end_vectors[vector_at(kind, j, 1u)] = vec2f(x[0].y, x[1].y);
  end_vectors[vector_at(kind, j, 2u)] = vec2f(x[0].z, x[1].z);
}

fn coefficient_at(index: u32) -> Number {
  let high = end_coefficients[3u * index];
  let middle = end_coefficients[3u * index + 1u];
  let low = end_coefficients[3u * index + 2u];
  return Number(vec3f(high.x, middle.x, low.x), vec3f(high.y, middle.y, low.y));
}

fn real_from(x: vec2f) -> Real {
  return vec3f(x, 0.0);
}

fn real_add(x: Real, y: Real) -> Real {
  return ts_add(x, y);
}

fn real_mul(x: Real, y: Real) -> Real {
  return ts_mul(x, y);
}

fn real_div(x: Real, y: Real) -> Real {
  return ts_div(x, y);
}
