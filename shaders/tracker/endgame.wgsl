// H(x, s) = 0 followed along v = log s from s <= 0.1 to the decision where the path ends, in double-single arithmetic.
// One invocation moves one path by up to `trips` Newton iterations; paths that are decided write their outcome, the
// others put themselves into the next round's queue.
// The algorithm, its rules and their reasons: src/homotopy/track/{endgame,infinity,path-tracker}.ts, of which this
// is a translation without Cauchy loops and without more digits: what needs those stays undecided. A trip is one
// Newton iteration whatever the path is doing, then a decision what to do next.
// ends, end_vectors, valuations: see lib/end-state.wgsl; queue, counters: lib/path-state.wgsl;
// end_system, end_table: src/homotopy/gpu/endgame-tables.ts;
// end_coefficients: those of G, then [family member][data of F | sums of the leading forms' coefficients, group by group].
// Needs 7 storage buffers and the bind group of the arithmetic.
// include: lib/path-state.wgsl
// include: lib/end-state.wgsl
// include: lib/double-single.wgsl
// include: lib/double-single-complex.wgsl

// Replaced by the host: the sizes of private arrays, for many systems at a time.
const WORKGROUP_SIZE = 1u;
const MOST_VARIABLES = 1u;
const MOST_REGISTERS = 7u;
// Bernstein coefficients of a coefficient, at most.
const MOST_POINTS = 1u;
// 1: the coefficients move with the parameters of a family.
const FAMILY = 0u;

const MOST_ENTRIES = MOST_VARIABLES * (MOST_VARIABLES + 2u);
const NEGATIVE = 0x80000000u;
// Exponent of 0.
const NOTHING = -0x100000;
// What `binary_exponent` says of 0.
const NO_EXPONENT = -127;
const EXPONENT_BITS = 0x7f800000u;

// What 48 bits allow (f64: 2^-52).
const EPSILON = 1.4e-14;
// Corrections that end Newton's method: what is left is their square.
const GOAL = 1e-11;
const HUGE = 1e30;
const LN_2 = vec2f(0.6931472, -1.9046542e-9);
const LN_10 = 2.302585;
const HALF_DECADE = 1.1512925;
const DECADES_4 = 9.21034;
// log of s: no infinity before 1e-6, surely below 1e-10 where tracking stops, valuations must persist to 1e-12, and are
// followed to 1e-16 where leading forms vanish late.
const INFINITY_V = -13.8145;
const BOTTOM_V = -23.0248;
const PERSISTENT_V = -27.631;
const DEEPEST_V = -36.8414;
const LIMIT_V = -18.42;
const JUMP_V = -4.604;
const SERIES_V = -6.9077;
const FINITE_VALUATION = 0.05;
const SURELY_FINITE = 1e-2;
const CONFIRMED_RESIDUAL = 1e-8;
const LIMIT_RESIDUAL = 1e-10;
const SMALL_HOMOGENISING = 0.01;
const AT_INFINITY_SIZE = 1e-10;
const SMALLEST_PIVOT_RATIO = 1e-10;
const SMALLEST_COORDINATE = 1e-10;
const RECHART = 1.4;
// Step control.
const FIRST_STEP = 0.1;
const SMALLEST_STEP = 3e-5; // log s has no more digits in f32
// Three times the mean of the hardest systems: what takes longer is better off in f64.
const MOST_ITERATIONS = 1200u;
const MOST_STEPS = 500u;
const CRAWLING_STEPS = 60u;
const CRAWLING_PIVOT_RATIO = 1e-13;
const ACCEPTANCE = 1e-6;
const RELATIVE_WEIGHT = 0.01;
// Weighted, of coordinates that fall by a hundred and more between the points that are interpolated in f32.
const PREDICTOR_NOISE = 1e-6;
const HARMLESS = 1e-3;
const RING = 9u;
// What the leading forms are asked for.
const PROPOSAL = 0u;
const STRAYED = 1u;
const PERSISTED = 2u;
const AT_LIMIT = 3u;
// What becomes of an iteration.
const GOES_ON = 0u;
const SUCCEEDS = 1u;
const FAILS = 2u;
// What is worked on next.
const THE_SAME = 0u;
const THE_POINT = 1u;
const PREDICTED = 2u;
const TANGENT_ZERO = 3u;
const STRIDE = 4u;
const FORMS = 5u;
const NO_MORE = 99u;
// What follows a phase.
const TO_WORK = 0u;
const TO_POLISH = 1u;
const TO_CHECKPOINT = 2u;
const AFTER_PROPOSAL = 3u;
const AFTER_JUMP = 4u;
const TO_HALF_DECADE = 5u;
const TO_STEP = 6u;
const TO_FIRST_STRIDE = 7u;
const TO_STRIDE = 8u;
const TO_LIMIT = 9u;
const TO_FORMS = 10u;
const TO_UNDECIDED = 11u;

@group(0) @binding(0) var<uniform> end_round: EndRound;
@group(0) @binding(8) var<uniform> end_system: EndSystem;
@group(0) @binding(1) var<storage, read_write> ends: array<EndPath>;
@group(0) @binding(2) var<storage, read_write> end_vectors: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> valuations: array<f32>;
@group(0) @binding(4) var<storage, read_write> queue: array<u32>;
@group(0) @binding(5) var<storage, read_write> counters: Counters;
@group(0) @binding(6) var<storage, read> end_table: array<u32>;
@group(0) @binding(7) var<storage, read> end_coefficients: array<vec4f>;

var<private> now: EndPath;
var<private> first_coefficient: u32;
var<private> stride_of_vectors: u32;
var<private> this_path: u32;
// x = mantissa 2^exponent, the larger part of a mantissa in [1, 2): next to infinity products of small coordinates leave f32's range.
var<private> registers: array<vec4f, MOST_REGISTERS>;
var<private> exponents: array<i32, MOST_REGISTERS>;
// n rows: end_system.variables columns, then the value of H and -dH/ds, later correction and tangent. Rows stay, row_order moves.
var<private> newton_system: array<vec4f, MOST_ENTRIES>;
var<private> row_order: array<u32, MOST_VARIABLES>;
// H, for the leading forms.
var<private> values: array<vec2f, MOST_VARIABLES>;
var<private> points: array<vec4f, MOST_POINTS + 1u>;
var<private> next: u32;
// Of every group, at the accepted point.
var<private> valuation: array<f32, MOST_VARIABLES>;

fn vector_at(kind: u32, j: u32) -> u32 {
  return stride_of_vectors * (kind * end_system.coordinates + j) + this_path;
}

fn is_fixed(j: u32) -> bool {
  if (j >= 32u) {
    return (now.fixed_high & (1u << (j - 32u))) != 0u;
  }
  return (now.fixed_low & (1u << j)) != 0u;
}

fn size_of(x: vec2f) -> f32 {
  let largest = max(abs(x.x), abs(x.y));
  return select(0.0, largest * length(x / largest), largest > 0.0);
}

// 2^exponent; 0 where that is not in f32's range.
fn power_of_two(exponent: i32) -> f32 {
  return select(bitcast<f32>(u32(clamp(exponent, -126, 127) + 127) << 23u), 0.0, exponent < -126);
}

// Of the larger part.
fn binary_exponent(x: vec4f) -> i32 {
  return i32(bitcast<u32>(max(abs(x.x), abs(x.z))) >> 23u) + NO_EXPONENT;
}

// x 2^exponent.
fn set_register(place: u32, x: vec4f, exponent: i32) {
  let own = binary_exponent(x);
  registers[place] = x * power_of_two(-own);
  exponents[place] = select(exponent + own, NOTHING, own == NO_EXPONENT);
}

// ---- H, its Jacobian and -dH/ds ----

// The coefficient at tau by de Casteljau's algorithm, or its slope there.
fn moving_coefficient(index: u32, slope: bool) -> vec4f {
  let begin = first_coefficient + end_table[end_system.rules_at + 2u * index];
  let degree = end_table[end_system.rules_at + 2u * index + 1u];
  if (FAMILY == 0u || degree == 0u) {
    return end_coefficients[begin];
  }
  for (var power = 0u; power <= degree; power++) {
    points[power] = end_coefficients[begin + power];
  }
  for (var level = degree; level > 0u; level--) {
    if (level == 1u && slope) {
      return f32(degree) * dsc_add(points[1], -points[0]);
    }
    for (var power = 0u; power < level; power++) {
      points[power] = dsc_add(dsc_mul(points[power], registers[end_system.coordinates + 4u]), dsc_mul(points[power + 1u], registers[(end_system.coordinates + 2u)]));
    }
  }
  return points[0];
}

// A number is `operand` 2^`operand_exponent`.
fn operand_exponent(place: u32) -> i32 {
  return select(0, exponents[min(place, MOST_REGISTERS - 1u)], place < end_system.registers);
}

fn operand(place: u32) -> vec4f {
  if (place < end_system.registers) {
    return registers[place];
  }
  let index = place - end_system.registers;
  if (index >= end_system.coefficients + end_system.slopes) {
    return end_coefficients[index - end_system.coefficients - end_system.slopes];
  }
  let slope = index >= end_system.coefficients;
  return moving_coefficient(select(index, end_table[end_system.moving_at + index - select(0u, end_system.coefficients, slope)], slope), slope);
}

// exp(x), -80 <= x <= 0: an s whose logarithm has only f32's digits would be as far from the prediction as tiny coordinates are from 0.
fn ds_exp(x: f32) -> vec2f {
  let power = round(x / LN_2.x);
  // Taylor's polynomial at an eighth of what is left, squared three times.
  let rest = 0.125 * ds_add(vec2f(x, 0.0), ds_mul_f32(LN_2, -power));
  var sum = vec2f(1.0, 0.0);
  for (var degree = 9.0; degree > 0.0; degree -= 1.0) {
    sum = ds_add(vec2f(1.0, 0.0), ds_mul(ds_div(rest, vec2f(degree, 0.0)), sum));
  }
  for (var k = 0u; k < 3u; k++) {
    sum = ds_mul(sum, sum);
  }
  return sum * power_of_two(i32(power));
}

// The numbers that depend on s alone (src/homotopy/newton/step-numbers.ts).
fn set_step(s: vec2f) {
  registers[end_system.coordinates] = vec4f(1.0, 0.0, 0.0, 0.0);
  registers[(end_system.coordinates + 1u)] = vec4f(0.0, 0.0, 0.0, 0.0);
  exponents[end_system.coordinates + 1u] = NOTHING;
  let rest = vec4f(ds_sub(vec2f(1.0, 0.0), s), 0.0, 0.0);
  if (FAMILY == 1u) {
    let gamma = end_coefficients[0];
    let inverse = dsc_reciprocal(dsc_add(rest, vec4f(ds_mul(gamma.xy, s), ds_mul(gamma.zw, s))));
    let quotient = dsc_mul(gamma, inverse);
    registers[(end_system.coordinates + 2u)] = vec4f(ds_mul(quotient.xy, s), ds_mul(quotient.zw, s));
    registers[end_system.coordinates + 3u] = -dsc_mul(quotient, inverse);
    registers[end_system.coordinates + 4u] = dsc_mul(rest, inverse);
  } else {
    let scale = ds_div(vec2f(1.0, 0.0), rest.xy);
    registers[(end_system.coordinates + 2u)] = vec4f(ds_mul(scale, s), 0.0, 0.0);
    registers[end_system.coordinates + 3u] = vec4f(scale, 0.0, 0.0);
  }
}

// The program at the point in `registers`.
fn run_program() {
  var term = 0u;
  for (var k = 0u; k < end_system.instructions; k++) {
    let place = end_system.instructions_at + 4u * k;
    let end = end_table[place + 1u];
    var sum = vec4f(0.0, 0.0, 0.0, 0.0);
    var exponent = 2 * NOTHING;
    for (; term < end; term++) {
      let left = end_table[end_system.terms_at + 2u * term];
      let right = end_table[end_system.terms_at + 2u * term + 1u];
      var product = operand(left & ~NEGATIVE);
      if (right != end_system.coordinates) {
        product = dsc_mul(product, operand(right));
      }
      let of_product = operand_exponent(left & ~NEGATIVE) + operand_exponent(right);
      let top = max(exponent, of_product);
      let scale = power_of_two(of_product - top);
      sum = dsc_add(sum * power_of_two(exponent - top), product * select(scale, -scale, (left & NEGATIVE) != 0u));
      exponent = top;
    }
    let factor = vec2f(bitcast<f32>(end_table[place + 2u]), bitcast<f32>(end_table[place + 3u]));
    if (factor.x != 1.0) {
      sum = vec4f(ds_mul(factor, sum.xy), ds_mul(factor, sum.zw));
    }
    set_register(end_table[place], sum, exponent);
  }
}

// ---- The Newton system ----

// Its rows scaled by powers of two, the columns of the fixed coordinates left out.
fn set_newton_system() {
  for (var i = 0u; i < end_system.variables; i++) {
    let row = i * (end_system.variables + 2u);
    row_order[i] = row;
    let entries = end_system.jacobian_at + i * end_system.coordinates;
    var top = NOTHING;
    for (var j = 0u; j < end_system.coordinates; j++) {
      let place = end_table[entries + j];
      let own = binary_exponent(operand(place));
      if (!is_fixed(j) && own > NO_EXPONENT) {
        top = max(top, operand_exponent(place) + own);
      }
    }
    var column = 0u;
    for (var k = 0u; k < end_system.coordinates + 2u; k++) {
      let is_entry = k < end_system.coordinates;
      if (is_entry && is_fixed(k)) {
        continue;
      }
      let right_side = select(end_system.derivatives_at + i, end_system.values_at + i, k == end_system.coordinates);
      let place = end_table[select(right_side, entries + k, is_entry)];
      let entry = operand(place);
      let exponent = operand_exponent(place);
      newton_system[row + min(column, end_system.variables + 1u)] = entry * power_of_two(exponent - top);
      column++;
      if (k == end_system.coordinates) {
        values[i] = entry.xz * power_of_two(exponent);
      }
    }
  }
}

// LU decomposition with partial pivoting and both right sides; returns smallest / largest pivot, 0 when singular.
fn solve_newton_system() -> f32 {
  var smallest = HUGE;
  var largest = 0.0;
  for (var k = 0u; k < end_system.variables; k++) {
    var best = k;
    var best_size = -1.0;
    for (var i = k; i < end_system.variables; i++) {
      let entry = newton_system[row_order[i] + k];
      let entry_size = max(abs(entry.x), abs(entry.z));
      if (entry_size > best_size) {
        best = i;
        best_size = entry_size;
      }
    }
    let pivot_row = row_order[best];
    row_order[best] = row_order[k];
    row_order[k] = pivot_row;
    let pivot = newton_system[pivot_row + k];
    let pivot_size = size_of(pivot.xz);
    smallest = min(smallest, pivot_size);
    largest = max(largest, pivot_size);
    let inverse = dsc_reciprocal(pivot);
    newton_system[pivot_row + k] = inverse;
    for (var i = k + 1u; i < end_system.variables; i++) {
      let row = row_order[i];
      let factor = -dsc_mul(newton_system[row + k], inverse);
      if (factor.x != 0.0 || factor.z != 0.0) {
        for (var j = k + 1u; j < (end_system.variables + 2u); j++) {
          newton_system[row + j] = dsc_add(newton_system[row + j], dsc_mul(factor, newton_system[pivot_row + j]));
        }
      }
    }
  }
  for (var side = end_system.variables; side < (end_system.variables + 2u); side++) {
    for (var k = end_system.variables; k > 0u; k--) {
      let row = row_order[k - 1u];
      var sum = newton_system[row + side];
      for (var j = k; j < end_system.variables; j++) {
        sum = dsc_add(sum, -dsc_mul(newton_system[row + j], newton_system[row_order[j] + side]));
      }
      newton_system[row + side] = dsc_mul(sum, newton_system[row + k - 1u]);
    }
  }
  return select(0.0, smallest / largest, largest > 0.0);
}

// ---- Valuations ----

// x' / x of the homogenising coordinate of a group, in its chart.
fn valuation_of(group: u32) -> f32 {
  let point = end_vectors[vector_at(0u, end_system.variables + group)].xz;
  let derivative = end_vectors[vector_at(4u, end_system.variables + group)].xy;
  let largest = max(abs(point.x), abs(point.y));
  let scaled = point / largest;
  return select(0.0, dot(derivative / largest, scaled) / dot(scaled, scaled), largest > 0.0);
}

// |x_0g| / max |x_j| over the group, of a kind of vectors.
fn homogenising_size(kind: u32, group: u32) -> f32 {
  var largest = 0.0;
  for (var j = 0u; j < end_system.coordinates; j++) {
    if (end_table[end_system.group_of_at + j] == group) {
      largest = max(largest, size_of(end_vectors[vector_at(kind, j)].xz));
    }
  }
  return size_of(end_vectors[vector_at(kind, end_system.variables + group)].xz) / largest;
}

// The valuation `back` checkpoints ago.
fn seen_valuation(group: u32, back: u32) -> f32 {
  let place = (now.seen - 1u - back) % RING;
  return valuations[(group * RING + place) * stride_of_vectors + this_path];
}

fn is_stable(group: u32) -> bool {
  if (now.seen < 3u) {
    return false;
  }
  let last = seen_valuation(group, 0u);
  let before = abs(seen_valuation(group, 1u) - seen_valuation(group, 2u));
  let change = abs(last - seen_valuation(group, 1u));
  return last >= FINITE_VALUATION && change <= 0.03 * last && before <= 0.045 * last && change <= before + 1e-3;
}

fn is_long_plateau(group: u32) -> bool {
  if (now.seen < RING) {
    return false;
  }
  let last = seen_valuation(group, 0u);
  var flat = last >= FINITE_VALUATION;
  for (var back = 1u; back < RING; back++) {
    flat = flat && abs(seen_valuation(group, back) - last) <= 0.015 * last;
  }
  return flat;
}

// The smallest m for which om is about k / m; 0 when there is none.
fn likely_winding(om: f32) -> u32 {
  var m = 1u;
  var k = round(om);
  // Six coefficients of the series are known.
  while (m <= 16u && k <= 5.0) {
    if (k > 0.0 && abs(om - k / f32(m)) <= 0.03 * om) {
      return m;
    }
    m++;
    k = round(om * f32(m));
  }
  return 0u;
}

// The first group from `group` on that may be going to infinity; groups when there is none.
fn next_escaping(group: u32) -> u32 {
  var g = group;
  while (g < end_system.groups && !(valuation[g] >= FINITE_VALUATION)) {
    g++;
  }
  return g;
}

// ---- What a path does next ----

// Which multiple of the likely winding number predicts this stride, the one that served last first (0: coordinate by
// coordinate); NO_MORE when all were tried.
fn stride_multiple() -> u32 {
  if (now.likely_winding == 0u || now.points < 3u) {
    return select(NO_MORE, 0u, now.attempt == 0u);
  }
  let second = select(1u, 2u, now.favourite == 1u);
  let third = select(0u, 2u, now.favourite == 0u);
  return select(select(select(NO_MORE, third, now.attempt == 2u), second, now.attempt == 1u), now.favourite, now.attempt == 0u);
}

// max |F_i| / sum of |coefficients| over the equations, of a group's leading forms: the program ran with x_0g = 0.
fn leading_residual(group: u32) -> f32 {
  var worst = 0.0;
  for (var i = 0u; i < end_system.variables; i++) {
    let at = group * end_system.variables + i;
    let sum = end_coefficients[first_coefficient + end_system.sums_at + (at >> 2u)][at & 3u];
    if (sum > 0.0) {
      worst = max(worst, size_of(values[i]) / sum);
    }
  }
  return worst;
}

// What follows when the current phase succeeds or fails. Every `then` is asked for once, in the order in which one
// can lead to another, because a call is inlined wherever it stands.
// multiple: that predicted the stride; order: of the predictor that the step was made with.
fn go_on(succeeds: bool, multiple: u32, order: f32) {
  var then = TO_UNDECIDED;
  var purpose = AT_LIMIT;
  for (var g = 0u; g < end_system.groups; g++) {
    valuation[g] = valuation_of(g);
  }
  if (now.phase == STARTING) {
    if (succeeds) {
      now.phase = TURNING;
      next = THE_POINT;
      then = TO_WORK;
    }
  } else if (now.phase == TURNING) {
    if (succeeds) {
      now.step = FIRST_STEP;
      now.checkpoint = u32(floor(-now.v / HALF_DECADE + 0.01)) + 1u;
      then = TO_HALF_DECADE;
    }
  } else if (now.phase == STEPPING) {
    if (succeeds) {
      let growth = clamp(0.9 * pow(1.0 / max(now.first_correction, 1e-30), 1.0 / order), 0.3, 2.0);
      let grown = now.length * growth;
      // A step cut short says little about longer ones.
      now.step = select(grown, max(now.step, grown), now.length < now.step);
      let arrives = now.v <= -f32(now.checkpoint) * HALF_DECADE + 1e-5;
      then = select(TO_STEP, TO_POLISH, arrives);
    } else {
      now.step = 0.4 * now.length;
      then = select(TO_STEP, TO_LIMIT, now.step < SMALLEST_STEP);
    }
  } else if (now.phase == POLISHING) {
    then = select(TO_LIMIT, TO_CHECKPOINT, succeeds);
  } else if (now.phase == JUMPING || now.phase == CONFIRMING) {
    if (succeeds && now.pivot_ratio > SMALLEST_PIVOT_RATIO) {
      now.outcome = REGULAR;
      then = TO_WORK;
    } else if (now.phase == JUMPING) {
      then = AFTER_JUMP;
    }
  } else if (now.phase == LEADING) {
    let residual = leading_residual(now.group);
    if (residual < now.best_residual) {
      now.best_residual = residual;
      now.best_group = now.group;
    }
    let asks_all = now.purpose == PROPOSAL || now.purpose == AT_LIMIT;
    let following = select(end_system.groups, next_escaping(now.group + 1u), asks_all);
    let needed = select(LIMIT_RESIDUAL, CONFIRMED_RESIDUAL, now.purpose == PERSISTED);
    if (following < end_system.groups) {
      now.group = following;
      next = FORMS;
      then = TO_WORK;
    } else if (now.purpose == PROPOSAL) {
      then = select(AFTER_PROPOSAL, TO_FIRST_STRIDE, now.best_residual <= SURELY_FINITE);
    } else if (now.best_residual < needed) {
      now.outcome = AT_INFINITY;
      then = TO_WORK;
    } else if (now.purpose == PERSISTED && now.v > DEEPEST_V + 1e-4) {
      // Forms that vanish late: on as long as Newton's method settles.
      now.length = LN_10;
      then = TO_STRIDE;
    }
  } else if (succeeds) {
    now.favourite = multiple;
    now.attempt = 0u;
    let drift = abs(valuation[now.group] - now.stride_valuation);
    let strays = !(drift <= 0.06 * now.stride_valuation + 0.002);
    let is_down = now.v <= PERSISTENT_V + 1e-4;
    then = select(TO_STRIDE, TO_FORMS, strays || is_down);
    purpose = select(PERSISTED, STRAYED, strays);
    now.length = min(DECADES_4, 2.0 * now.length);
  } else {
    now.attempt++;
    then = TO_STRIDE;
    if (stride_multiple() == NO_MORE) {
      now.attempt = 0u;
      if (now.length <= 1.001 * LN_10) {
        then = TO_FORMS;
        purpose = STRAYED;
      }
      now.length = max(LN_10, 0.5 * now.length);
    }
  }
  now.iteration = 0u;

  // Sizes of the homogenising coordinates: of a zero of F, or of the accepted point.
  if (then == TO_POLISH || then == TO_CHECKPOINT || now.outcome == REGULAR) {
    let vectors = select(0u, 1u, now.outcome == REGULAR);
    var smallest = 1.0;
    for (var g = 0u; g < end_system.groups; g++) {
      smallest = min(smallest, homogenising_size(vectors, g));
    }
    if (now.outcome == REGULAR && smallest < AT_INFINITY_SIZE) {
      now.outcome = REGULAR_AT_INFINITY;
    }
    if (then == TO_POLISH) {
      // The valuation x_0' / x_0 needs a tangent that is accurate relative to x_0.
      if (now.last_correction < 1e-5 * smallest) {
        then = TO_CHECKPOINT;
      } else {
        now.phase = POLISHING;
        next = THE_POINT;
      }
    }
  }
  if (then == TO_CHECKPOINT) {
    var proposed = false;
    now.seen++;
    for (var g = 0u; g < end_system.groups; g++) {
      valuations[(g * RING + (now.seen - 1u) % RING) * stride_of_vectors + this_path] = valuation[g];
      let is_small = now.v <= BOTTOM_V || homogenising_size(0u, g) < SMALL_HOMOGENISING;
      proposed = proposed || is_long_plateau(g) || (is_stable(g) && is_small);
    }
    then = select(AFTER_PROPOSAL, TO_FORMS, proposed && now.v <= INFINITY_V);
    purpose = PROPOSAL;
  }
  if (then == TO_FIRST_STRIDE) {
    now.group = now.best_group;
    now.stride_valuation = valuation[now.group];
    now.length = DECADES_4;
    now.favourite = 0u;
    now.attempt = 0u;
  }
  if (then == AFTER_PROPOSAL) {
    var finite = now.v <= JUMP_V;
    for (var g = 0u; g < end_system.groups; g++) {
      finite = finite && abs(seen_valuation(g, 0u)) < FINITE_VALUATION;
    }
    then = AFTER_JUMP;
    if (finite) {
      now.phase = JUMPING;
      next = TANGENT_ZERO;
      then = TO_WORK;
    }
  }
  if (then == AFTER_JUMP) {
    now.checkpoint++;
    then = select(TO_HALF_DECADE, TO_LIMIT, now.v <= BOTTOM_V);
  }
  if (then == TO_HALF_DECADE || then == TO_FIRST_STRIDE) {
    var largest = 0.0;
    for (var g = 0u; g < end_system.groups; g++) {
      largest = max(largest, valuation[g]);
    }
    let is_stride = then == TO_FIRST_STRIDE;
    let likely = likely_winding(select(largest, now.stride_valuation, is_stride));
    now.likely_winding = likely;
    now.winding = select(0u, likely, now.v < SERIES_V);
    now.steps = 0u;
    then = select(TO_STEP, TO_STRIDE, is_stride);
  }
  if (then == TO_STRIDE) {
    now.phase = STRIDING;
    now.v_next = max(now.v - now.length, select(DEEPEST_V, PERSISTENT_V, now.v > PERSISTENT_V + 1e-4));
    next = STRIDE;
  }
  if (then == TO_STEP) {
    let is_crawling = now.steps >= CRAWLING_STEPS && now.pivot_ratio < CRAWLING_PIVOT_RATIO;
    let end = -f32(now.checkpoint) * HALF_DECADE;
    let left = now.v - end;
    let limit = min(now.step, HALF_DECADE);
    let reaches = left <= 1.01 * limit;
    now.length = select(limit, left, reaches);
    now.v_next = select(now.v - limit, end, reaches);
    now.phase = STEPPING;
    now.steps++;
    next = PREDICTED;
    then = select(TO_WORK, TO_LIMIT, now.steps > MOST_STEPS || is_crawling);
  }
  if (then == TO_LIMIT) {
    purpose = AT_LIMIT;
    then = select(TO_UNDECIDED, TO_FORMS, now.v <= LIMIT_V && next_escaping(0u) < end_system.groups);
  }
  if (then == TO_FORMS) {
    now.phase = LEADING;
    now.purpose = purpose;
    now.group = select(now.group, next_escaping(0u), purpose == PROPOSAL || purpose == AT_LIMIT);
    now.best_residual = HUGE;
    next = FORMS;
  }
  if (then == TO_UNDECIDED) {
    now.outcome = UNDECIDED;
  }
  now.s = select(exp(now.v_next), 0.0, now.phase == JUMPING || now.phase == CONFIRMING || now.phase == LEADING);
}

// ---- Vectors ----

// Correction of a coordinate, and its derivative by s, from the solved Newton system.
fn solved(j: u32, column: u32, side: u32) -> vec4f {
  let row = row_order[min(column, end_system.variables - 1u)];
  return select(newton_system[row + end_system.variables + side], vec4f(0.0, 0.0, 0.0, 0.0), is_fixed(j));
}

// Adds the correction to the work vectors; `accepts` makes them the accepted point, `pushes` keeps those before.
fn update_vectors(applies: bool, accepts: bool, pushes: bool) {
  var column = 0u;
  var largest = 0.0;
  var speed = 0.0;
  for (var j = 0u; j < end_system.coordinates; j++) {
    let work = vector_at(1u, j);
    var x = end_vectors[work];
    if (applies) {
      x = dsc_add(x, -solved(j, column, 0u));
      end_vectors[work] = x;
    }
    if (accepts) {
      let tangent = solved(j, column, 1u);
      let slopes = end_vectors[vector_at(4u, j)];
      let derivative = now.s * tangent.xz;
      if (pushes) {
        end_vectors[vector_at(3u, j)] = end_vectors[vector_at(2u, j)];
        end_vectors[vector_at(2u, j)] = end_vectors[vector_at(0u, j)];
        end_vectors[vector_at(5u, j)] = vec4f(slopes.zw, 0.0, 0.0);
        end_vectors[vector_at(4u, j)] = vec4f(derivative, slopes.xy);
      } else {
        end_vectors[vector_at(4u, j)] = vec4f(derivative, slopes.zw);
      }
      end_vectors[vector_at(0u, j)] = x;
      largest = max(largest, dot(x.xz, x.xz));
      speed = max(speed, max(abs(derivative.x), abs(derivative.y)));
    }
    column += select(1u, 0u, is_fixed(j));
  }
  if (accepts) {
    now.speed = speed;
    if (pushes) {
      now.v_third = now.v_before;
      now.v_before = now.v;
      now.points = min(3u, now.points + 1u);
    } else {
      now.points = max(1u, now.points);
    }
    now.v = now.v_next;
    if (largest > RECHART * RECHART) {
      change_charts();
    }
  }
}

// Makes the largest coordinate of every group 1 in the accepted point; the predictor forgets the older points.
fn change_charts() {
  now.points = 1u;
  now.fixed_low = 0u;
  now.fixed_high = 0u;
  for (var g = 0u; g < end_system.groups; g++) {
    let chart = largest_coordinate(g, end_system.coordinates);
    let inverse = dsc_reciprocal(end_vectors[vector_at(0u, chart)]);
    let speed = end_vectors[vector_at(4u, chart)].xy;
    for (var j = 0u; j < end_system.coordinates; j++) {
      if (end_table[end_system.group_of_at + j] != g) {
        continue;
      }
      let at = vector_at(0u, j);
      let y = dsc_mul(end_vectors[at], inverse);
      let slope = end_vectors[vector_at(4u, j)];
      let moved = slope.xy - complex_mul(y.xz, speed);
      end_vectors[at] = select(y, vec4f(1.0, 0.0, 0.0, 0.0), j == chart);
      end_vectors[vector_at(4u, j)] = vec4f(select(complex_mul(moved, inverse.xz), vec2f(0.0, 0.0), j == chart), slope.zw);
    }
    if (chart < 32u) {
      now.fixed_low |= 1u << chart;
    } else {
      now.fixed_high |= 1u << (chart - 32u);
    }
  }
}

// Of a group in the accepted point, `without` left out.
fn largest_coordinate(group: u32, without: u32) -> u32 {
  var best = 0u;
  var best_size = -1.0;
  for (var j = 0u; j < end_system.coordinates; j++) {
    let x = end_vectors[vector_at(0u, j)].xz;
    if (end_table[end_system.group_of_at + j] == group && j != without && dot(x, x) > best_size) {
      best = j;
      best_size = dot(x, x);
    }
  }
  return best;
}

fn complex_mul(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// The interpolation's variable at u relative to that at the origin: log s, or s^(1 / winding).
fn parameter_from(origin: f32, u: f32, winding: u32) -> f32 {
  let distance = u - origin;
  return select(distance, exp(distance / f32(max(winding, 1u))), winding > 0u);
}

// How far a coordinate moves while log s falls by `length`, if it is a constant plus one exponential
// (src/homotopy/track/infinity.ts).
fn stride_difference(j: u32, length: f32) -> vec2f {
  let x = end_vectors[vector_at(0u, j)].xz;
  let slopes = end_vectors[vector_at(4u, j)];
  let d = slopes.xy;
  let speed = size_of(d);
  if (speed == 0.0 || is_fixed(j)) {
    return vec2f(0.0, 0.0);
  }
  let size = size_of(x);
  let falls = dot(d / size, x / size);
  let before = size_of(slopes.zw);
  let decay = select(falls, log(speed / before) / (now.v - now.v_before), now.points > 1u && before > 0.0);
  let rest = size_of(x - d / decay);
  let vanishes = j >= end_system.variables || (falls > 0.02 && !(rest >= 0.05 * size));
  if (vanishes) {
    return x * (exp(-falls * length) - 1.0);
  }
  let exponent = max(decay, 0.02);
  return d * ((exp(-exponent * length) - 1.0) / exponent);
}

// The work vectors that `next` asks for, made from the accepted point.
fn set_work() {
  let is_stride = next == STRIDE;
  let winding = select(now.winding, now.likely_winding * stride_multiple(), is_stride);
  let is_series = next == PREDICTED || (is_stride && winding > 0u);
  // Of each point and of its derivative: l^2 (1 - 2 (v - vi) l'(vi)) and l^2 (v - vi), l = Lagrange basis.
  var places = array<f32, 3>(now.v, now.v_before, now.v_third);
  var weights: array<vec2f, 3>;
  for (var i = 0u; i < now.points; i++) {
    let origin = places[i];
    let at_origin = parameter_from(origin, origin, winding);
    let here = parameter_from(origin, now.v_next, winding);
    var lagrange = 1.0;
    var slope = 0.0;
    for (var other = 0u; other < now.points; other++) {
      if (other != i) {
        let place = parameter_from(origin, places[other], winding);
        lagrange *= (here - place) / (at_origin - place);
        slope += 1.0 / (at_origin - place);
      }
    }
    let square = lagrange * lagrange;
    let b = square * (here - at_origin);
    weights[i] = vec2f(square - 2.0 * slope * b, b * f32(max(winding, 1u)));
  }
  for (var j = 0u; j < end_system.coordinates; j++) {
    let point = end_vectors[vector_at(0u, j)];
    let slopes = end_vectors[vector_at(4u, j)];
    var difference = vec2f(0.0, 0.0);
    if (is_series) {
      difference = weights[0].y * slopes.xy;
      if (now.points > 1u) {
        let older = end_vectors[vector_at(2u, j)];
        difference += weights[1].x * ((older.xz - point.xz) + (older.yw - point.yw)) + weights[1].y * slopes.zw;
      }
      if (now.points > 2u) {
        let oldest = end_vectors[vector_at(3u, j)];
        difference += weights[2].x * ((oldest.xz - point.xz) + (oldest.yw - point.yw)) + weights[2].y * end_vectors[vector_at(5u, j)].xy;
      }
    } else if (is_stride) {
      difference = stride_difference(j, now.v - now.v_next);
    } else if (next == TANGENT_ZERO) {
      difference = -slopes.xy;
    }
    if (is_fixed(j)) {
      difference = vec2f(0.0, 0.0);
    }
    end_vectors[vector_at(1u, j)] = dsc_add(point, dsc_from_f32(difference));
  }
  if (next == FORMS) {
    for (var g = 0u; g < end_system.groups; g++) {
      let homogenising = end_system.variables + g;
      let zero = select(end_system.coordinates, homogenising, g == now.group);
      let inverse = dsc_reciprocal(end_vectors[vector_at(0u, largest_coordinate(g, zero))]);
      for (var j = 0u; j < end_system.coordinates; j++) {
        if (end_table[end_system.group_of_at + j] == g) {
          let scaled = dsc_mul(end_vectors[vector_at(0u, j)], inverse);
          end_vectors[vector_at(1u, j)] = select(scaled, vec4f(0.0, 0.0, 0.0, 0.0), j == zero);
        }
      }
    }
  }
}

// One Newton iteration and what follows from it.
fn take_trip() {
  for (var j = 0u; j < end_system.coordinates; j++) {
    set_register(j, end_vectors[vector_at(1u, j)], 0);
  }
  set_step(select(vec2f(0.0, 0.0), ds_exp(now.v_next), now.s > 0.0));
  run_program();
  set_newton_system();
  now.pivot_ratio = solve_newton_system();
  now.iterations++;

  // Sizes of the correction: plain, relative, and the two weighted.
  var sum = 0.0;
  var plain = 0.0;
  var relative = 0.0;
  var column = 0u;
  for (var j = 0u; j < end_system.coordinates; j++) {
    let correction = solved(j, column, 0u);
    let tangent = solved(j, column, 1u);
    let moved = size_of(correction.xz);
    let size = size_of(end_vectors[vector_at(1u, j)].xz);
    plain = max(plain, moved);
    if (moved > 0.0) {
      relative = max(relative, moved / select(size, max(size, SMALLEST_COORDINATE), j < end_system.variables));
    }
    // max() may drop a NaN, a sum does not.
    sum += abs(correction.x) + abs(correction.z) + abs(tangent.x) + abs(tangent.z);
    column += select(1u, 0u, is_fixed(j));
  }
  let weighted = max(plain, RELATIVE_WEIGHT * relative);
  // On the bits, because a compiler may assume that there are no infinities.
  let is_finite = (bitcast<u32>(sum + relative) & EXPONENT_BITS) != EXPONENT_BITS;
  let good = is_finite && now.pivot_ratio > 0.0;
  let iteration = now.iteration;
  let is_first = iteration == 0u;
  let previous = select(now.previous_correction, HUGE, is_first);

  var event = GOES_ON;
  var applies = false;
  if (now.phase == STARTING || now.phase == JUMPING || now.phase == CONFIRMING) {
    let trust = select(0.25 * previous, select(1e-3, 1e-2, now.phase == STARTING), is_first);
    applies = good && plain < trust;
    if (applies) {
      event = select(select(GOES_ON, FAILS, iteration == 7u), SUCCEEDS, plain < GOAL);
    } else {
      event = select(FAILS, SUCCEEDS, good && !is_first && previous < 1e3 * GOAL);
    }
    now.previous_correction = plain;
  } else if (now.phase == TURNING) {
    event = select(FAILS, SUCCEEDS, good);
  } else if (now.phase == STEPPING) {
    let noise = min(1e-7, 64.0 * EPSILON / now.pivot_ratio);
    applies = good && (select(weighted <= 0.3 * previous || weighted < noise, weighted < 0.1, is_first));
    event = select(FAILS, select(select(GOES_ON, FAILS, iteration == 2u), SUCCEEDS, weighted < ACCEPTANCE && !is_first), applies);
    let tolerance = clamp(0.02 * now.speed, 1e4 * EPSILON, 1e-4);
    let error = max(plain / tolerance, RELATIVE_WEIGHT * relative / max(tolerance, PREDICTOR_NOISE));
    now.first_correction = select(now.first_correction, error, is_first);
    now.last_correction = select(now.last_correction, weighted, applies);
    now.previous_correction = weighted;
  } else if (now.phase == POLISHING) {
    applies = good && plain < 1e-3;
    event = select(FAILS, SUCCEEDS, applies);
  } else if (now.phase == LEADING) {
    event = SUCCEEDS;
  } else {
    applies = good && relative < max(select(0.6 * previous, 0.5, is_first), HARMLESS);
    let is_fine = relative < ACCEPTANCE || (relative < HARMLESS && relative > 0.6 * previous);
    event = select(FAILS, select(select(GOES_ON, FAILS, iteration == 7u), SUCCEEDS, is_fine && !is_first), applies);
    now.last_correction = select(now.last_correction, relative, applies);
    now.previous_correction = relative;
  }
  now.iteration++;
  if (now.iterations >= MOST_ITERATIONS) {
    now.outcome = UNDECIDED;
    return;
  }

  let succeeds = event == SUCCEEDS;
  let is_on_path = now.phase != JUMPING && now.phase != CONFIRMING && now.phase != LEADING;
  let multiple = stride_multiple();
  let order = 2.0 * f32(now.points);
  if (applies || succeeds) {
    update_vectors(applies, succeeds && is_on_path, now.phase == STEPPING || now.phase == STRIDING);
  }
  next = THE_SAME;
  if (event != GOES_ON) {
    go_on(succeeds, multiple, order);
  }
  if (next != THE_SAME && now.outcome == RUNS) {
    set_work();
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn endgame(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= counters.running) {
    return;
  }
  let path = queue[counters.parity * end_round.capacity + id.x];
  this_path = path;
  stride_of_vectors = end_round.capacity;
  now = ends[path];
  first_coefficient = end_system.targets_at + now.family_member * end_system.target_vectors;
  let iterations_before = now.iterations;
  for (var trip = 0u; trip < end_round.trips && now.outcome == RUNS; trip++) {
    take_trip();
  }
  ends[path] = now;
  atomicAdd(&counters.iterations, now.iterations - iterations_before);
  if (now.outcome == RUNS) {
    queue[(1u - counters.parity) * end_round.capacity + atomicAdd(&counters.survivors, 1u)] = path;
  }
}
