// y = activate(x) and dy/dx = activation_slope(saved) for the activation that the host chose.
// saved is y for codes 0 to 5 and 9, and x for the rest (for elu with alpha <= 0 too): what a layer
// keeps of its forward pass is what its slope needs. Accurate to a few units in the last place of y,
// also in the tails, where log(1 + e), e - 1 and 1 + erf written plainly lose all digits.
// Infinity gives the limit: large |x| is clamped and no infinity is ever multiplied by zero. NaN comes
// out as NaN by a test of its bits, because exp, min and max of some drivers lose it.

// 0 identity, 1 relu, 2 leaky relu, 3 elu, 4 tanh, 5 sigmoid, 6 gelu, 7 gelu by tanh, 8 silu, 9 softplus.
override ACTIVATION: u32 = 0u;
// Slope of leaky relu, alpha of elu.
override ACTIVATION_PARAMETER: f32 = 0.0;

const IDENTITY = 0u;
const RELU = 1u;
const LEAKY_RELU = 2u;
const ELU = 3u;
const TANH = 4u;
const SIGMOID = 5u;
const GELU = 6u;
const GELU_TANH = 7u;
const SILU = 8u;
const SOFTPLUS = 9u;

// exp(-104) is below the smallest f32.
const EXPONENT_LIMIT = 104.0;
// The normal density exp(-x^2 / 2) is below the smallest f32 from here on.
const NORMAL_LIMIT = 14.5;
// sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)) is 0 or 1 from here on.
const GELU_TANH_LIMIT = 11.0;
// Below it the series of exp(x) - 1 to degree 8 is good to 3e-10.
const SERIES_LIMIT = 0.35;

// 1 / sqrt(2 pi)
const NORMAL_SCALE = 0.3989422804;
// 2 sqrt(2 / pi) and its product with Hendrycks and Gimpel's 0.044715 (arXiv:1606.08415, section 2).
const GELU_LINEAR = 1.5957691216;
const GELU_CUBIC = 0.0713548163;

// A NaN is what has bits above infinity's once its sign is off.
const MAGNITUDE_BITS = 0x7fffffffu;
const NAN_ABOVE = 0x7f800000u;

// exp(x) - 1 for x <= 0.
fn exponential_minus_one(x: f32) -> f32 {
  if (x > -SERIES_LIMIT) {
    return x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 *
        (1.0 + x / 7.0 * (1.0 + x / 8.0)))))));
  }
  return exp(x) - 1.0;
}

// log(1 + e) = 2 artanh(e / (2 + e)) for 0 <= e <= 1; s <= 1/3 makes the series good to 1e-9.
fn log_one_plus(e: f32) -> f32 {
  let s = e / (2.0 + e);
  let s2 = s * s;
  return 2.0 * s * (1.0 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0 +
      s2 * (1.0 / 11.0 + s2 * (1.0 / 13.0 + s2 / 15.0)))))));
}

fn sigmoid(x: f32) -> f32 {
  let decay = exp(-min(abs(x), EXPONENT_LIMIT));
  return select(1.0, decay, x < 0.0) / (1.0 + decay);
}

fn hyperbolic_tangent(x: f32) -> f32 {
  let lack = exponential_minus_one(-2.0 * min(abs(x), EXPONENT_LIMIT));
  let size = -lack / (2.0 + lack);
  return select(size, -size, x < 0.0);
}

// The normal distribution function, for |x| <= NORMAL_LIMIT, with its density factor exp(-x^2 / 2).
// Its lower tail is t p(t) exp(-x^2 / 2), t = 1 / (1 + 0.27 |x|), p of degree 8 through the Chebyshev
// points of the range of t: relative error 2.9e-8 on the whole tail, before rounding.
fn normal_distribution(x: f32, density_factor: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.27 * abs(x));
  let p = 0.107722093 + t * (0.107518603 + t * (0.101980367 + t * (0.0714060623 + t * (0.109277207 +
      t * (-0.0712139178 + t * (0.171444688 + t * (-0.127242120 + t * 0.0291070283)))))));
  let tail = t * p * density_factor;
  return select(1.0 - tail, tail, x < 0.0);
}

fn activate(x: f32) -> f32 {
  return select(activation_value(x), x, (bitcast<u32>(x) & MAGNITUDE_BITS) > NAN_ABOVE);
}

fn activation_value(x: f32) -> f32 {
  if (ACTIVATION == RELU) {
    return select(x, 0.0, x < 0.0);
  }
  if (ACTIVATION == LEAKY_RELU) {
    return select(x, ACTIVATION_PARAMETER * x, x < 0.0);
  }
  if (ACTIVATION == ELU) {
    return select(x, ACTIVATION_PARAMETER * exponential_minus_one(min(x, 0.0)), x < 0.0);
  }
  if (ACTIVATION == TANH) {
    return hyperbolic_tangent(x);
  }
  if (ACTIVATION == SIGMOID) {
    return sigmoid(x);
  }
  if (ACTIVATION == GELU) {
    let bounded = clamp(x, -NORMAL_LIMIT, NORMAL_LIMIT);
    let share = normal_distribution(bounded, exp(-0.5 * bounded * bounded));
    return max(x, bounded) * share;
  }
  if (ACTIVATION == GELU_TANH) {
    let bounded = clamp(x, -GELU_TANH_LIMIT, GELU_TANH_LIMIT);
    let share = sigmoid(bounded * (GELU_LINEAR + GELU_CUBIC * bounded * bounded));
    return max(x, bounded) * share;
  }
  if (ACTIVATION == SILU) {
    return max(x, -EXPONENT_LIMIT) * sigmoid(x);
  }
  if (ACTIVATION == SOFTPLUS) {
    let decay = exp(-min(abs(x), EXPONENT_LIMIT));
    return select(x, 0.0, x < 0.0) + log_one_plus(decay);
  }
  return x;
}

// dy/dx; at a kink the slope of the left side, as in PyTorch.
fn activation_slope(saved: f32) -> f32 {
  if (ACTIVATION == RELU) {
    return select(0.0, 1.0, saved > 0.0);
  }
  if (ACTIVATION == LEAKY_RELU) {
    return select(ACTIVATION_PARAMETER, 1.0, saved > 0.0);
  }
  if (ACTIVATION == ELU) {
    let left = select(
      ACTIVATION_PARAMETER * exp(min(saved, 0.0)),
      saved + ACTIVATION_PARAMETER,
      ACTIVATION_PARAMETER > 0.0,
    );
    return select(left, 1.0, saved > 0.0);
  }
  if (ACTIVATION == TANH) {
    return (1.0 - saved) * (1.0 + saved);
  }
  if (ACTIVATION == SIGMOID) {
    return saved * (1.0 - saved);
  }
  if (ACTIVATION == GELU) {
    let x = clamp(saved, -NORMAL_LIMIT, NORMAL_LIMIT);
    let density_factor = exp(-0.5 * x * x);
    return normal_distribution(x, density_factor) + x * NORMAL_SCALE * density_factor;
  }
  if (ACTIVATION == GELU_TANH) {
    let x = clamp(saved, -GELU_TANH_LIMIT, GELU_TANH_LIMIT);
    let share = sigmoid(x * (GELU_LINEAR + GELU_CUBIC * x * x));
    return share + x * share * (1.0 - share) * (GELU_LINEAR + 3.0 * GELU_CUBIC * x * x);
  }
  if (ACTIVATION == SILU) {
    let x = clamp(saved, -EXPONENT_LIMIT, EXPONENT_LIMIT);
    let share = sigmoid(x);
    return share + x * share * (1.0 - share);
  }
  if (ACTIVATION == SOFTPLUS) {
    return -exponential_minus_one(-saved);
  }
  return 1.0;
}
