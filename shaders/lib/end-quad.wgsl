// The endgame's numbers: quad-single, 94 bits, for paths that 70 do not decide.
// include: lib/double-single.wgsl
// include: lib/quad-single.wgsl
// include: lib/complex-number.wgsl

const PARTS = 4u;
alias Real = vec4f;
alias Number = mat2x4f;

// Of sums and products, relative to the summands.
const EPSILON = 4e-28;
// A Jacobian as singular as this is rounding.
const CRAWLING_PIVOT_RATIO = 1e-26;
// log s: how far steps go.
const BOTTOM_V = -64.4724;
const SHORTEST_STRIDE = 0.460517;
// Whether a path whose valuation strayed goes on until it settles again, as in double-double.
const RESETTLES = true;

fn vector(kind: u32, j: u32) -> Number {
  let first = end_vectors[vector_at(kind, j, 0u)];
  let second = end_vectors[vector_at(kind, j, 1u)];
  let third = end_vectors[vector_at(kind, j, 2u)];
  let last = end_vectors[vector_at(kind, j, 3u)];
  return Number(vec4f(first.x, second.x, third.x, last.x), vec4f(first.y, second.y, third.y, last.y));
}

fn set_vector(kind: u32, j: u32, x: Number) {
  end_vectors[vector_at(kind, j, 0u)] = vec2f(x[0].x, x[1].x);
  end_vectors[vector_at(kind, j, 1u)] = vec2f(x[0].y, x[1].y);
  end_vectors[vector_at(kind, j, 2u)] = vec2f(x[0].z, x[1].z);
  end_vectors[vector_at(kind, j, 3u)] = vec2f(x[0].w, x[1].w);
}

fn coefficient_at(index: u32) -> Number {
  let first = end_coefficients[4u * index];
  let second = end_coefficients[4u * index + 1u];
  let third = end_coefficients[4u * index + 2u];
  let last = end_coefficients[4u * index + 3u];
  return Number(vec4f(first.x, second.x, third.x, last.x), vec4f(first.y, second.y, third.y, last.y));
}

fn real_from(x: vec2f) -> Real {
  return vec4f(x, 0.0, 0.0);
}

fn real_add(x: Real, y: Real) -> Real {
  return qs_add(x, y);
}

fn real_mul(x: Real, y: Real) -> Real {
  return qs_mul(x, y);
}

fn real_div(x: Real, y: Real) -> Real {
  return qs_div(x, y);
}
