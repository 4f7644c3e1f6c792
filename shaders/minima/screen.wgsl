// F(beta) = beta' M beta / 2 - q' beta + lambda sum_g |beta_g|: the group lasso of a combination of unit states, and why
// the network surely has no minimum there, if it is sure (src/minima/relu/combination-search.ts has the theory).
// One invocation takes one combination: the first state is that of the share, the others are number `offset` + i of the
// sets of later states, in colexicographic order, so that neighbours differ in one state.
//
// It solves in f32 (block coordinate descent, then Newton's method with a line search), corrects by Newton steps whose
// gradient is in double-single arithmetic, and judges. How beta was found is of no matter: for any beta with subgradient e,
//   |moment - moment*| <= rho sensitivity, rho^2 = |e| (|beta| + longest),
// so what has to be rigorous is the evaluation of e and of the moments at the beta that the invocation holds, and only that:
// - beta is a pair of f32, exactly. The tables are f64 cut into pairs, 2^-48 of an entry apart at most; u = 2^-24, a product
//   has a relative error of 5 u^2, a sum of 3 u^2 (double-single.wgsl; the device's self-test vouches for the transforms).
//   A moment is a sum of 2 UNITS <= 8 products and q, so it is off by at most (1 + 5 + 9 * 3) u^2 (1 + 2^-20) < 2^-42 of the
//   sum of its terms' sizes, plus the errors of the f64 tables (`matrix_error`, `linear_error`).
// - lambda beta / |beta| = lambda n (1 + d / 2 + 3 d^2 / 8 + ...) for n nearly of length 1, d = 1 - |n|^2: off by d^2 +
//   2^-20 |d| + 2^-41 of lambda at most, for |d| < 2^-7.
// - sums of positive numbers in f32, roots and quotients among them, are off by less than 2^-18 in whatever order, which
//   WIDER and NARROWER cover; differences in f32 have 2^-18 of the sizes of their terms as a bound of their own.
// - range: tables and low parts below 2^-60 are zero, and beta outside of 2^-40..2^30, so that products are above 2^-120 and the
//   errors of all transforms by underflow together below 2^-59 (1 + |beta|), which the host adds to the errors of the tables.
// What is not surely without a minimum goes to the host by its number. Where they are more than `numbers` holds, the host asks
// again for a part.
//
// states: [state]; blocks: [state][state] two vec4f, entries (1,1) (1,2) (2,1) (2,2) of M in the two states' bases, high and
// low parts; excluded: [state][exclusion_words], a bit for each state that it excludes.
// The host scales by powers of two so that M and q are at most 1. Needs 4 storage buffers, 1 uniform one and the bind group of
// the arithmetic.
// include: lib/double-single.wgsl

// Replaced by the host: 2 to 4.
const UNITS = 3u;

struct Problem {
  states: u32,
  exclusion_words: u32,
  // The pair of lambda.
  lambda_high: f32,
  lambda_low: f32,
  // Bounds: |beta| of the solution, errors of the entries of M and of q.
  longest: f32,
  matrix_error: f32,
  linear_error: f32,
  // Combinations of this dispatch.
  first: u32,
  offset: u32,
  count: u32,
}

struct State {
  // q in the state's basis: high parts, low parts.
  linear: vec4f,
  // Open: the inputs at the borders of the cell. Kink: the normal of its line.
  ends: vec2f,
  // What |change of y| = 1 does at most to the moments at the two ends; kink: to those along the normal, its point
  // inactive, and active.
  at_ends: vec2f,
  // The same of the moment in the state's own variables.
  whole: f32,
  is_kink: u32,
  // Open: whether the unit's root lies between the ends. Kink: whether the active points end the data.
  side: u32,
  // Kink: the open state in which its point is active.
  active_state: u32,
}

struct Outcome {
  excluded: atomic<u32>,
  zero_unit: atomic<u32>,
  outside_cell: atomic<u32>,
  falls_off: atomic<u32>,
  kept: atomic<u32>,
  // Of the combinations that are kept, as far as there is room.
  numbers: array<u32>,
}

@group(0) @binding(0) var<uniform> problem: Problem;
@group(0) @binding(1) var<storage, read> states: array<State>;
@group(0) @binding(2) var<storage, read> blocks: array<vec4f>;
@group(0) @binding(3) var<storage, read> excluded: array<u32>;
@group(0) @binding(4) var<storage, read_write> outcome: Outcome;

const WORKGROUP_SIZE = 64u;
const ROUNDS = 5u;
const SWEEPS = 4u;
const NEWTON_STEPS = 12u;
const HALVINGS = 8u;
const SECULAR_STEPS = 12u;
const CORRECTIONS = 3u;
// Share of the decrease of F that its slope promises.
const SUFFICIENT = 1e-4;
// A Newton step must not take a group closer to zero than this share of its length.
const LEAST_SHARE = 0.02;
// |gradient| at which f32 has nothing more to say, for every unit of |beta| and q.
const ROUGH = 4.8e-7;

const DOUBLE_SINGLE = 2.3e-13; // above 2^-42
const NORMALIZED = 4.6e-13; // above 2^-41
const ROUNDED = 3.9e-6; // above 2^-18
const WIDER = 1.0 + ROUNDED;
const NARROWER = 1.0 - ROUNDED;
// 2^-40, 2^30 and 2^-60 as bits: of positive f32 the larger has the larger bits.
const SMALLEST_BITS = 0x2b800000u;
const LARGEST_BITS = 0x4e800000u;
const SMALLEST_LOW_BITS = 0x21800000u;
const LOW_SHARE = 0x1p-24;
// More than any sum here: an error that forbids every verdict.
const UNKNOWN = 1e15;

const KEPT = 0u;
const EXCLUDED = 1u;
const ZERO_UNIT = 2u;
const OUTSIDE_CELL = 3u;
const FALLS_OFF = 4u;

// The first state, then the others from the last one down: later places vary faster.
var<private> chosen: array<u32, UNITS>;
// M and q with the second variable of kinks cut off, which so stays zero.
var<private> matrix: array<mat2x2f, UNITS * UNITS>;
var<private> linear: array<vec2f, UNITS>;
var<private> beta: array<vec2f, UNITS>;
var<private> beta_low: array<vec2f, UNITS>;
// M beta - q and the gradient of F, zero groups left out.
var<private> slope: array<vec2f, UNITS>;
var<private> gradient: array<vec2f, UNITS>;
var<private> step: array<vec2f, UNITS>;
var<private> value: f32;
// The block decomposition L D L' of the Hessian: L below the diagonal, inverses of D on it.
var<private> factors: array<mat2x2f, UNITS * UNITS>;
// In double-single, with the normal moments of kinks: (high, high, low, low), and bounds of their errors.
var<private> moments: array<vec4f, UNITS>;
var<private> moment_errors: array<vec2f, UNITS>;

fn choose_two(n: u32) -> u32 {
  return n * (n - 1u) / 2u;
}

fn choose_three(n: u32) -> u32 {
  return choose_two(n) * (n - 2u) / 3u;
}

// The places of set number i of so many later states, descending, at `place` and behind it.
fn unrank(i: u32, place: u32) {
  let base = problem.first + 1u;
  var rest = i;
  for (var at = place; at < UNITS; at++) {
    let size = UNITS - at;
    var n = rest;
    if (size == 3u) {
      // A cube root that is surely not too large, then up.
      n = max(u32(0.999 * pow(6.0 * f32(rest), 1.0 / 3.0)), 2u);
      while (choose_three(n + 1u) <= rest) {
        n++;
      }
      rest -= choose_three(n);
    } else if (size == 2u) {
      n = max(u32(0.999 * sqrt(2.0 * f32(rest))), 1u);
      while (choose_two(n + 1u) <= rest) {
        n++;
      }
      rest -= choose_two(n);
    }
    chosen[at] = base + n;
  }
}

fn is_excluded() -> bool {
  for (var g = 0u; g < UNITS; g++) {
    for (var h = 0u; h < g; h++) {
      let bit = chosen[h];
      let word = excluded[chosen[g] * problem.exclusion_words + (bit >> 5u)];
      if (((word >> (bit & 31u)) & 1u) != 0u) {
        return true;
      }
    }
  }
  return false;
}

// (1, 1) for open states; the second variable of a kink is cut off.
fn mask_of(state: u32) -> vec2f {
  return vec2f(1.0, f32(1u - states[state].is_kink));
}

fn load() {
  for (var g = 0u; g < UNITS; g++) {
    let mask = mask_of(chosen[g]);
    linear[g] = mask * states[chosen[g]].linear.xy;
    for (var h = g; h < UNITS; h++) {
      let other = mask_of(chosen[h]);
      let m = blocks[2u * (chosen[g] * problem.states + chosen[h])];
      let both = mat2x2f(other.x * mask * m.xz, other.y * mask * m.yw);
      matrix[g * UNITS + h] = both;
      matrix[h * UNITS + g] = transpose(both);
    }
  }
}

// The minimum of beta' A beta / 2 - p' beta + lambda |beta| for |p| > lambda: beta = t w, w = (t A + lambda)^-1 p, |w| = 1.
// 1 / |w| is increasing and concave in t, so Newton's method from t = 0 does not overshoot.
fn shrink(a: mat2x2f, p: vec2f) -> vec2f {
  let lambda = problem.lambda_high;
  var t = 0.0;
  var w = p / lambda;
  for (var k = 0u; k < SECULAR_STEPS; k++) {
    let shifted = mat2x2f(t * a[0] + vec2f(lambda, 0.0), t * a[1] + vec2f(0.0, lambda));
    let inverse = inverse_of(shifted);
    w = inverse * p;
    let square = dot(w, w);
    let change = dot(w, inverse * (a * w)) / (square * sqrt(square));
    let next = t + (1.0 - inverseSqrt(square)) / change;
    if (!(next > t * 1.000001)) {
      break;
    }
    t = next;
  }
  return t * w;
}

fn inverse_of(m: mat2x2f) -> mat2x2f {
  let scale = 1.0 / (m[0].x * m[1].y - m[1].x * m[0].y);
  return mat2x2f(scale * m[1].y, -scale * m[0].y, -scale * m[1].x, scale * m[0].x);
}

// Exact minimum over group g, the others fixed; `slope` is kept up to date.
fn minimize_group(g: u32) {
  let own = matrix[g * UNITS + g];
  let old = beta[g];
  let p = own * old - slope[g];
  var next = vec2f(0.0);
  if (length(p) > problem.lambda_high) {
    next = shrink(own, p);
  }
  beta[g] = next;
  for (var h = 0u; h < UNITS; h++) {
    slope[h] += matrix[h * UNITS + g] * (next - old);
  }
}

// Sets `slope`, `gradient` and `value` at `beta`. Returns |gradient|.
fn evaluate() -> f32 {
  var squares = 0.0;
  value = 0.0;
  for (var g = 0u; g < UNITS; g++) {
    var sum = -linear[g];
    for (var h = 0u; h < UNITS; h++) {
      sum += matrix[g * UNITS + h] * beta[h];
    }
    slope[g] = sum;
    gradient[g] = vec2f(0.0);
    let size = length(beta[g]);
    if (size > 0.0) {
      gradient[g] = sum + (problem.lambda_high / size) * beta[g];
    }
    value += 0.5 * dot(beta[g], sum - linear[g]) + problem.lambda_high * size;
    squares += dot(gradient[g], gradient[g]);
  }
  return sqrt(squares);
}

// L D L' of the Hessian at `beta`; groups that are zero have the identity. False when it is not positive definite.
fn factorize() -> bool {
  for (var i = 0u; i < UNITS; i++) {
    let size = length(beta[i]);
    var pivot = mat2x2f(1.0, 0.0, 0.0, 1.0);
    if (size > 0.0) {
      let n = beta[i] / size;
      let across = vec2f(-n.y, n.x);
      let curvature = problem.lambda_high / size;
      let own = matrix[i * UNITS + i];
      pivot = mat2x2f(own[0] + (curvature * across.x) * across, own[1] + (curvature * across.y) * across);
    }
    for (var j = 0u; j < i; j++) {
      var entry = mat2x2f();
      if (size > 0.0 && dot(beta[j], beta[j]) > 0.0) {
        entry = matrix[i * UNITS + j];
      }
      // factors[k][i], above the diagonal, keeps L_ik D_k.
      for (var k = 0u; k < j; k++) {
        entry = entry - factors[k * UNITS + i] * transpose(factors[j * UNITS + k]);
      }
      factors[j * UNITS + i] = entry;
      let scaled = entry * factors[j * UNITS + j];
      factors[i * UNITS + j] = scaled;
      pivot = pivot - scaled * transpose(entry);
    }
    if (!(pivot[0].x > 0.0 && pivot[0].x * pivot[1].y - pivot[1].x * pivot[0].y > 0.0)) {
      return false;
    }
    factors[i * UNITS + i] = inverse_of(pivot);
  }
  return true;
}

// step = -Hessian^-1 gradient.
fn find_step() {
  for (var i = 0u; i < UNITS; i++) {
    var right = -gradient[i];
    for (var j = 0u; j < i; j++) {
      right -= factors[i * UNITS + j] * step[j];
    }
    step[i] = right;
  }
  for (var down = 0u; down < UNITS; down++) {
    let i = UNITS - 1u - down;
    var entry = factors[i * UNITS + i] * step[i];
    for (var j = i + 1u; j < UNITS; j++) {
      entry -= transpose(factors[j * UNITS + i]) * step[j];
    }
    step[i] = entry;
  }
}

// The longest part of the step, at most 1, that keeps every group away from zero.
fn longest_step() -> f32 {
  var longest = 1.0;
  for (var g = 0u; g < UNITS; g++) {
    let along = -dot(beta[g], step[g]);
    let room = (1.0 - LEAST_SHARE) * dot(beta[g], beta[g]);
    if (along * longest > room) {
      longest = room / along;
    }
  }
  return longest;
}

fn rough_tolerance() -> f32 {
  var sum = 1.0;
  for (var g = 0u; g < UNITS; g++) {
    sum += length(beta[g]);
  }
  return ROUGH * sum;
}

// A step counts when it lowers F as it should, or halves |gradient|, which tells more close to the end. Groups that are zero
// stay so. Returns whether it arrived.
fn newton() -> bool {
  var norm = UNKNOWN;
  var old = beta;
  var old_slope = slope;
  var old_value = UNKNOWN;
  var promised = 0.0;
  var part = 1.0;
  var steps = 0u;
  var halvings = 0u;
  // Each turn tries a point.
  loop {
    let next = evaluate();
    if (next > 0.5 * norm && value > old_value + part * promised) {
      halvings++;
      if (halvings == HALVINGS) {
        beta = old;
        slope = old_slope;
        break;
      }
      part *= 0.5;
    } else {
      norm = next;
      if (norm <= rough_tolerance() || steps == NEWTON_STEPS || !factorize()) {
        break;
      }
      find_step();
      old = beta;
      old_slope = slope;
      old_value = value;
      promised = 0.0;
      for (var g = 0u; g < UNITS; g++) {
        promised += SUFFICIENT * dot(gradient[g], step[g]);
      }
      part = longest_step();
      steps++;
      halvings = 0u;
    }
    for (var g = 0u; g < UNITS; g++) {
      beta[g] = old[g] + part * step[g];
    }
  }
  return norm <= 16.0 * rough_tolerance();
}

// Whether zero groups may be zero.
fn is_settled() -> bool {
  for (var g = 0u; g < UNITS; g++) {
    if (dot(beta[g], beta[g]) == 0.0 && length(slope[g]) > problem.lambda_high + rough_tolerance()) {
      return false;
    }
  }
  return true;
}

fn solve() {
  for (var g = 0u; g < UNITS; g++) {
    beta[g] = vec2f(0.0);
    beta_low[g] = vec2f(0.0);
    slope[g] = -linear[g];
  }
  for (var round = 0u; round < ROUNDS; round++) {
    for (var sweep = 0u; sweep < SWEEPS; sweep++) {
      for (var g = 0u; g < UNITS; g++) {
        minimize_group(g);
      }
    }
    if (newton() && is_settled()) {
      return;
    }
  }
}

// The moments (high, high, low, low) of a state in its basis, and bounds of their errors.
struct Moments {
  values: vec4f,
  errors: vec2f,
}

// `is_transposed` says which of the two blocks is read: the one whose neighbours the neighbouring invocations read.
fn moments_of(state: u32, transposed_below: u32) -> Moments {
  let q = states[state].linear;
  var first = -q.xz;
  var second = -q.yw;
  var sizes = abs(q.xy);
  var total = 0.0;
  for (var h = 0u; h < UNITS; h++) {
    let high = beta[h];
    if (dot(high, high) == 0.0) {
      continue;
    }
    let is_transposed = h < transposed_below;
    let other = chosen[h];
    let at = 2u * select(state * problem.states + other, other * problem.states + state, is_transposed);
    let m = blocks[at];
    let m_low = blocks[at + 1u];
    let upper = vec4f(m.x, select(m.y, m.z, is_transposed), select(m.z, m.y, is_transposed), m.w);
    let lower = vec4f(m_low.x, select(m_low.y, m_low.z, is_transposed), select(m_low.z, m_low.y, is_transposed), m_low.w);
    let x = vec2f(high.x, beta_low[h].x);
    let y = vec2f(high.y, beta_low[h].y);
    first = ds_add(first, ds_mul(vec2f(upper.x, lower.x), x));
    second = ds_add(second, ds_mul(vec2f(upper.z, lower.z), x));
    if (high.y != 0.0) {
      first = ds_add(first, ds_mul(vec2f(upper.y, lower.y), y));
      second = ds_add(second, ds_mul(vec2f(upper.w, lower.w), y));
    }
    let size = abs(high);
    sizes += size.x * abs(upper.xz) + size.y * abs(upper.yw);
    total += size.x + size.y;
  }
  let errors = DOUBLE_SINGLE * sizes + vec2f(problem.matrix_error * total + problem.linear_error);
  return Moments(vec4f(first.x, second.x, first.y, second.y), WIDER * errors);
}

// The moments at `beta`, the gradient in f32, and a bound of |subgradient|.
fn evaluate_exactly() -> f32 {
  let lambda = vec2f(problem.lambda_high, problem.lambda_low);
  var squares = 0.0;
  for (var g = 0u; g < UNITS; g++) {
    let found = moments_of(chosen[g], g);
    moments[g] = found.values;
    moment_errors[g] = found.errors;
    let mask = mask_of(chosen[g]);
    gradient[g] = vec2f(0.0);
    let square = dot(beta[g], beta[g]);
    if (square == 0.0) {
      let excess = WIDER * length(mask * found.values.xy) + length(mask * found.errors) - NARROWER * lambda.x;
      squares += max(0.0, excess) * max(0.0, excess);
      continue;
    }
    let scale = inverseSqrt(square);
    let nx = ds_mul_f32(vec2f(beta[g].x, beta_low[g].x), scale);
    let ny = ds_mul_f32(vec2f(beta[g].y, beta_low[g].y), scale);
    let d = ds_sub(vec2f(1.0, 0.0), ds_add(ds_mul(nx, nx), ds_mul(ny, ny))).x;
    let pull = ds_add(lambda, vec2f(0.5 * d * lambda.x, 0.0));
    let x = ds_add(found.values.xz, ds_mul(pull, nx));
    let y = ds_add(found.values.yw, ds_mul(pull, ny));
    gradient[g] = mask * vec2f(x.x, y.x);
    var error = lambda.x * (d * d + ROUNDED * abs(d) + NORMALIZED);
    if (abs(d) > 0.0078) {
      error = UNKNOWN;
    }
    let bound = WIDER * abs(gradient[g]) + mask * (found.errors + vec2f(error) + DOUBLE_SINGLE * abs(found.values.xy));
    squares += dot(bound, bound);
  }
  return WIDER * sqrt(squares);
}

fn correct() {
  for (var g = 0u; g < UNITS; g++) {
    let x = ds_add(vec2f(beta[g].x, beta_low[g].x), vec2f(step[g].x, 0.0));
    let y = ds_add(vec2f(beta[g].y, beta_low[g].y), vec2f(step[g].y, 0.0));
    beta[g] = vec2f(x.x, y.x);
    beta_low[g] = vec2f(x.y, y.y);
  }
}

// Entries out of the range of the arithmetic become zero, what is no number among them (by the bits: compilers may assume that
// there is none), and the second variable of kinks. Any beta will do, so that this costs no proof.
fn cut() {
  for (var g = 0u; g < UNITS; g++) {
    let bits = bitcast<vec2u>(abs(beta[g]));
    let is_there = (bits >= vec2u(SMALLEST_BITS)) & (bits <= vec2u(LARGEST_BITS)) & (mask_of(chosen[g]) > vec2f(0.0));
    beta[g] = select(vec2f(0.0), beta[g], is_there);
    let low_bits = bitcast<vec2u>(abs(beta_low[g]));
    let largest_low = bitcast<vec2u>(LOW_SHARE * abs(beta[g]));
    let is_low_there = is_there & (low_bits >= vec2u(SMALLEST_LOW_BITS)) & (low_bits <= largest_low);
    beta_low[g] = select(vec2f(0.0), beta_low[g], is_low_there);
  }
}

// The loss surely falls off to one side of the kink of unit g.
fn falls_off(g: u32, rho: f32) -> bool {
  let state = states[chosen[g]];
  let along = moments[g].x;
  if (!(abs(along) * NARROWER > rho * state.whole + moment_errors[g].x)) {
    return false;
  }
  // beta is a negative multiple of the moment; its unit has w > 0 when the active points end the data.
  let v = select(-1.0, 1.0, (along < 0.0) == (state.side == 1u));
  if (v * moments[g].y * NARROWER > rho * state.at_ends.x + moment_errors[g].y) {
    return true;
  }
  let open = moments_of(state.active_state, 0u);
  let terms = state.ends * open.values.xy;
  let sizes = abs(terms.x) + abs(terms.y);
  let error = rho * state.at_ends.y + dot(abs(state.ends), open.errors) + ROUNDED * sizes;
  return v * (terms.x + terms.y) < -WIDER * error;
}

fn is_outside(g: u32, rho: f32) -> bool {
  let state = states[chosen[g]];
  let moment = moments[g].xy;
  let terms = moment.x * state.ends;
  let at = terms + vec2f(moment.y);
  let sizes = abs(terms) + vec2f(abs(moment.y));
  let errors = rho * state.at_ends + moment_errors[g].x * abs(state.ends) + vec2f(moment_errors[g].y) + ROUNDED * sizes;
  let is_positive = at > WIDER * errors;
  let is_negative = at < -WIDER * errors;
  if (state.side == 1u) {
    return all(is_positive) || all(is_negative);
  }
  return (is_positive.x && is_negative.y) || (is_negative.x && is_positive.y);
}

fn verdict_of(subgradient: f32) -> u32 {
  if (subgradient > 0.5 * UNKNOWN) {
    return KEPT;
  }
  var squares = 0.0;
  for (var g = 0u; g < UNITS; g++) {
    squares += dot(beta[g], beta[g]);
  }
  let rho = WIDER * sqrt(subgradient * (WIDER * sqrt(squares) + problem.longest));
  for (var g = 0u; g < UNITS; g++) {
    let state = states[chosen[g]];
    let mask = mask_of(chosen[g]);
    let moment = length(mask * moments[g].xy) + rho * state.whole + length(mask * moment_errors[g]);
    if (dot(beta[g], beta[g]) == 0.0 && WIDER * moment < NARROWER * problem.lambda_high) {
      return ZERO_UNIT;
    }
  }
  for (var g = 0u; g < UNITS; g++) {
    if (states[chosen[g]].is_kink == 1u) {
      if (falls_off(g, rho)) {
        return FALLS_OFF;
      }
    } else if (is_outside(g, rho)) {
      return OUTSIDE_CELL;
    }
  }
  return KEPT;
}

fn screen() -> u32 {
  if (is_excluded()) {
    return EXCLUDED;
  }
  load();
  solve();
  var verdict = KEPT;
  for (var corrections = 0u; corrections <= CORRECTIONS; corrections++) {
    if (corrections > 0u) {
      if (!factorize()) {
        break;
      }
      find_step();
      correct();
    }
    cut();
    verdict = verdict_of(evaluate_exactly());
    if (verdict != KEPT) {
      break;
    }
  }
  return verdict;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * WORKGROUP_SIZE;
  if (i >= problem.count) {
    return;
  }
  let number = problem.offset + i;
  chosen[0] = problem.first;
  unrank(number, 1u);
  switch screen() {
    case EXCLUDED: {
      atomicAdd(&outcome.excluded, 1u);
    }
    case ZERO_UNIT: {
      atomicAdd(&outcome.zero_unit, 1u);
    }
    case OUTSIDE_CELL: {
      atomicAdd(&outcome.outside_cell, 1u);
    }
    case FALLS_OFF: {
      atomicAdd(&outcome.falls_off, 1u);
    }
    default: {
      let place = atomicAdd(&outcome.kept, 1u);
      if (place < arrayLength(&outcome.numbers)) {
        outcome.numbers[place] = number;
      }
    }
  }
}
