// Complex numbers of several f32 parts: columns are the real and the imaginary part, each a sum of its components.
// Of the kernel: Real, Number, real_from, real_add, real_mul, real_div (lib/end-double.wgsl, end-triple.wgsl or end-quad.wgsl).

fn number_from(x: vec2f) -> Number {
  return Number(real_from(vec2f(x.x, 0.0)), real_from(vec2f(x.y, 0.0)));
}

// To f32.
fn lead(x: Number) -> vec2f {
  return vec2f(x[0].x, x[1].x);
}

fn choose(x: Number, y: Number, takes_y: bool) -> Number {
  return Number(select(x[0], y[0], takes_y), select(x[1], y[1], takes_y));
}

fn negated(x: Number) -> Number {
  return Number(-x[0], -x[1]);
}

fn number_add(x: Number, y: Number) -> Number {
  return Number(real_add(x[0], y[0]), real_add(x[1], y[1]));
}

fn number_mul(x: Number, y: Number) -> Number {
  return Number(
    real_add(real_mul(x[0], y[0]), -real_mul(x[1], y[1])),
    real_add(real_mul(x[0], y[1]), real_mul(x[1], y[0])),
  );
}

fn number_scaled(x: Number, factor: vec2f) -> Number {
  return Number(real_mul(real_from(factor), x[0]), real_mul(real_from(factor), x[1]));
}

// 2^-e for 2^e <= x < 2^(e + 1): exact to multiply by, and x 2^-e is in [1, 2). Of 0 the largest power of two.
fn inverse_power_of_two(x: f32) -> f32 {
  return bitcast<f32>(0x7f000000u - (bitcast<u32>(x) & 0x7f800000u));
}

// 1 / x, scaled so that |x|^2 neither overflows nor loses its low parts.
fn number_reciprocal(x: Number) -> Number {
  let scale = inverse_power_of_two(max(abs(x[0].x), abs(x[1].x)));
  let scaled = x * scale;
  let norm = real_add(real_mul(scaled[0], scaled[0]), real_mul(scaled[1], scaled[1]));
  return Number(real_div(scaled[0], norm), real_div(-scaled[1], norm)) * scale;
}
