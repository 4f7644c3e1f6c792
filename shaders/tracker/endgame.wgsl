// H(x, s) = 0 followed along v = log s from s <= 0.1 to the decision where the path ends, in double-single arithmetic.
// One invocation moves one path by up to `trips` Newton iterations; paths that are decided write their outcome, the
// others put themselves into the next round's queue.
// The algorithm, its rules and their reasons: src/homotopy/track/{endgame,infinity,path-tracker}.ts, of which this
// is a translation without Cauchy loops and without more digits: what needs those stays undecided. A trip is one
// Newton iteration whatever the path is doing, then a decision what to do next.
// ends, end_vectors, valuations: see lib/end-state.wgsl; queue, counters: lib/path-state.wgsl;
// end_table: src/homotopy/gpu/program-tables.ts, then group of each coordinate;
// end_coefficients: those of G, then [family member][data of F | sums of the leading forms' coefficients, group by group].
// Needs 7 storage buffers and the bind group of the arithmetic.
// include: lib/path-state.wgsl
// include: lib/end-state.wgsl
// include: lib/double-single.wgsl
// include: lib/double-single-complex.wgsl

// Replaced by the host: sizes, kinds, and where the parts of end_table and end_coefficients begin.
const WORKGROUP_SIZE = 1u;
const VARIABLES = 1u;
const COORDINATES = 2u;
const GROUPS = 1u;
const INSTRUCTIONS = 0u;
const REGISTERS = 7u;
const COEFFICIENTS = 0u;
const SLOPES = 0u;
// Bernstein coefficients of a coefficient, at most.
const POINTS = 1u;
// 1: the coefficients move with the parameters of a family.
const FAMILY = 0u;
// end_coefficients: where the first family member begins, vec4f per member, and where its sums begin in them.
const TARGETS_AT = 0u;
const TARGET_VECTORS = 1u;
const SUMS_AT = 0u;
const INSTRUCTIONS_AT = 0u;
const TERMS_AT = 0u;
const JACOBIAN_AT = 0u;
const VALUES_AT = 0u;
const DERIVATIVES_AT = 0u;
const RULES_AT = 0u;
const MOVING_AT = 0u;
const GROUP_OF_AT = 0u;

const ONE = COORDINATES;
const ZERO = COORDINATES + 1u;
const STEP = COORDINATES + 2u;
const WIDTH = VARIABLES + 2u;
const SYSTEM = VARIABLES * WIDTH;
const NEGATIVE = 0x80000000u;
const EXPONENT_BITS = 0x7f800000u;

// What 48 bits allow (f64: 2^-52).
const EPSILON = 1.4e-14;
// Corrections that end Newton's method: what is left is their square.
const GOAL = 1e-11;
const HUGE = 1e30;
const LN_10 = 2.302585;
const HALF_DECADE = 1.1512925;
const DECADES_4 = 9.21034;
// log of s: no infinity before 1e-6, surely below 1e-10 where tracking stops, valuations must persist to 1e-12.
const INFINITY_V = -13.8145;
const BOTTOM_V = -23.0248;
const PERSISTENT_V = -27.631;
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

@group(0) @binding(0) var<uniform> end_round: EndRound;
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
var<private> registers: array<vec4f, REGISTERS>;
// n rows: VARIABLES columns, then the value of H and -dH/ds, later correction and tangent. Rows stay, row_order moves.
var<private> newton_system: array<vec4f, SYSTEM>;
var<private> row_order: array<u32, VARIABLES>;
var<private> points: array<vec4f, POINTS + 1u>;
var<private> next: u32;

fn vector_at(kind: u32, j: u32) -> u32 {
  return stride_of_vectors * (kind * COORDINATES + j) + this_path;
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

// ---- H, its Jacobian and -dH/ds ----

// The coefficient at tau by de Casteljau's algorithm, or its slope there.
fn moving_coefficient(index: u32, slope: bool) -> vec4f {
  let begin = first_coefficient + end_table[RULES_AT + 2u * index];
  let degree = end_table[RULES_AT + 2u * index + 1u];
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
      points[power] = dsc_add(dsc_mul(points[power], registers[STEP + 2u]), dsc_mul(points[power + 1u], registers[STEP]));
    }
  }
  return points[0];
}

fn operand(place: u32) -> vec4f {
  if (place < REGISTERS) {
    return registers[place];
  }
  let index = place - REGISTERS;
  if (index >= COEFFICIENTS + SLOPES) {
    return end_coefficients[index - COEFFICIENTS - SLOPES];
  }
  let slope = index >= COEFFICIENTS;
  return moving_coefficient(select(index, end_table[MOVING_AT + index - select(0u, COEFFICIENTS, slope)], slope), slope);
}

// The numbers that depend on s alone (src/homotopy/newton/step-numbers.ts).
fn set_step(s: f32) {
  registers[ONE] = vec4f(1.0, 0.0, 0.0, 0.0);
  registers[ZERO] = vec4f(0.0, 0.0, 0.0, 0.0);
  let rest = vec4f(two_sum(1.0, -s), 0.0, 0.0);
  if (FAMILY == 1u) {
    let gamma = end_coefficients[0];
    let inverse = dsc_reciprocal(dsc_add(rest, vec4f(ds_mul_f32(gamma.xy, s), ds_mul_f32(gamma.zw, s))));
    let quotient = dsc_mul(gamma, inverse);
    registers[STEP] = vec4f(ds_mul_f32(quotient.xy, s), ds_mul_f32(quotient.zw, s));
    registers[STEP + 1u] = -dsc_mul(quotient, inverse);
    registers[STEP + 2u] = dsc_mul(rest, inverse);
  } else {
    let scale = ds_div(vec2f(1.0, 0.0), rest.xy);
    registers[STEP] = vec4f(ds_mul_f32(scale, s), 0.0, 0.0);
    registers[STEP + 1u] = vec4f(scale, 0.0, 0.0);
  }
}

// The program at the point in `registers`.
fn run_program() {
  var term = 0u;
  for (var k = 0u; k < INSTRUCTIONS; k++) {
    let place = INSTRUCTIONS_AT + 4u * k;
    let end = end_table[place + 1u];
    var sum = vec4f(0.0, 0.0, 0.0, 0.0);
    for (; term < end; term++) {
      let left = end_table[TERMS_AT + 2u * term];
      let right = end_table[TERMS_AT + 2u * term + 1u];
      var product = operand(left & ~NEGATIVE);
      if (right != ONE) {
        product = dsc_mul(product, operand(right));
      }
      sum = dsc_add(sum, select(product, -product, (left & NEGATIVE) != 0u));
    }
    let factor = vec2f(bitcast<f32>(end_table[place + 2u]), bitcast<f32>(end_table[place + 3u]));
    if (factor.x != 1.0) {
      sum = vec4f(ds_mul(factor, sum.xy), ds_mul(factor, sum.zw));
    }
    registers[end_table[place]] = sum;
  }
}

// ---- The Newton system ----

// Its rows scaled by powers of two, the columns of the fixed coordinates left out.
fn set_newton_system() {
  for (var i = 0u; i < VARIABLES; i++) {
    let row = i * WIDTH;
    row_order[i] = row;
    var column = 0u;
    var largest = 0.0;
    for (var j = 0u; j < COORDINATES; j++) {
      if (!is_fixed(j)) {
        let entry = operand(end_table[JACOBIAN_AT + i * COORDINATES + j]);
        newton_system[row + min(column, VARIABLES - 1u)] = entry;
        largest = max(largest, max(abs(entry.x), abs(entry.z)));
        column++;
      }
    }
    newton_system[row + VARIABLES] = operand(end_table[VALUES_AT + i]);
    newton_system[row + VARIABLES + 1u] = operand(end_table[DERIVATIVES_AT + i]);
    let scale = inverse_power_of_two(largest);
    for (var k = 0u; k < WIDTH; k++) {
      newton_system[row + k] *= scale;
    }
  }
}

// LU decomposition with partial pivoting and both right sides; returns smallest / largest pivot, 0 when singular.
fn solve_newton_system() -> f32 {
  var smallest = HUGE;
  var largest = 0.0;
  for (var k = 0u; k < VARIABLES; k++) {
    var best = k;
    var best_size = -1.0;
    for (var i = k; i < VARIABLES; i++) {
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
    for (var i = k + 1u; i < VARIABLES; i++) {
      let row = row_order[i];
      let factor = -dsc_mul(newton_system[row + k], inverse);
      if (factor.x != 0.0 || factor.z != 0.0) {
        for (var j = k + 1u; j < WIDTH; j++) {
          newton_system[row + j] = dsc_add(newton_system[row + j], dsc_mul(factor, newton_system[pivot_row + j]));
        }
      }
    }
  }
  for (var side = VARIABLES; side < WIDTH; side++) {
    for (var k = VARIABLES; k > 0u; k--) {
      let row = row_order[k - 1u];
      var sum = newton_system[row + side];
      for (var j = k; j < VARIABLES; j++) {
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
  let point = end_vectors[vector_at(0u, VARIABLES + group)].xz;
  let derivative = end_vectors[vector_at(4u, VARIABLES + group)].xy;
  let largest = max(abs(point.x), abs(point.y));
  let scaled = point / largest;
  return select(0.0, dot(derivative / largest, scaled) / dot(scaled, scaled), largest > 0.0);
}

// |x_0g| / max |x_j| over the group, of a kind of vectors.
fn homogenising_size(kind: u32, group: u32) -> f32 {
  var largest = 0.0;
  for (var j = 0u; j < COORDINATES; j++) {
    if (end_table[GROUP_OF_AT + j] == group) {
      largest = max(largest, size_of(end_vectors[vector_at(kind, j)].xz));
    }
  }
  return size_of(end_vectors[vector_at(kind, VARIABLES + group)].xz) / largest;
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

fn likely_winding(valuation: f32) -> u32 {
  for (var m = 1u; m <= 16u; m++) {
    let k = round(valuation * f32(m));
    if (k > 5.0) {
      return 0u;
    }
    if (k > 0.0 && abs(valuation - k / f32(m)) <= 0.03 * valuation) {
      return m;
    }
  }
  return 0u;
}

// The first group from `group` on that may be going to infinity; GROUPS when there is none.
fn next_escaping(group: u32) -> u32 {
  for (var g = group; g < GROUPS; g++) {
    if (valuation_of(g) >= FINITE_VALUATION) {
      return g;
    }
  }
  return GROUPS;
}

// ---- What a path does next ----

fn undecided() {
  now.outcome = UNDECIDED;
}

fn ask_leading_forms(purpose: u32, group: u32) {
  now.phase = LEADING;
  now.purpose = purpose;
  now.group = group;
  now.best_residual = HUGE;
  now.iteration = 0u;
  next = FORMS;
}

fn at_the_limit() {
  let group = next_escaping(0u);
  if (now.v <= LIMIT_V && group < GROUPS) {
    ask_leading_forms(AT_LIMIT, group);
  } else {
    undecided();
  }
}

fn begin_step() {
  let is_crawling = now.steps >= CRAWLING_STEPS && now.pivot_ratio < CRAWLING_PIVOT_RATIO;
  if (now.steps >= MOST_STEPS || is_crawling) {
    at_the_limit();
    return;
  }
  let end = -f32(now.checkpoint) * HALF_DECADE;
  let left = now.v - end;
  let limit = min(now.step, HALF_DECADE);
  let reaches = left <= 1.01 * limit;
  now.length = select(limit, left, reaches);
  now.v_next = select(now.v - limit, end, reaches);
  now.s = exp(now.v_next);
  now.phase = STEPPING;
  now.iteration = 0u;
  now.steps++;
  next = PREDICTED;
}

fn begin_half_decade() {
  now.steps = 0u;
  now.winding = 0u;
  if (now.v < SERIES_V) {
    var largest = valuation_of(0u);
    for (var g = 1u; g < GROUPS; g++) {
      largest = max(largest, valuation_of(g));
    }
    now.winding = likely_winding(largest);
  }
  begin_step();
}

fn begin_stride() {
  now.phase = STRIDING;
  now.iteration = 0u;
  now.v_next = max(now.v - now.length, PERSISTENT_V);
  now.s = exp(now.v_next);
  next = STRIDE;
}

// The winding number for power series over long strides, 0 without one.
fn series_winding() -> u32 {
  return select(0u, likely_winding(now.stride_valuation), now.points == 3u);
}

// Which multiple of it predicts this attempt, the one that served last first (0: coordinate by coordinate);
// NO_MORE when all were tried.
fn stride_multiple() -> u32 {
  if (series_winding() == 0u) {
    return select(NO_MORE, 0u, now.attempt == 0u);
  }
  let second = select(1u, 2u, now.favourite == 1u);
  let third = select(0u, 2u, now.favourite == 0u);
  return select(select(select(NO_MORE, third, now.attempt == 2u), second, now.attempt == 1u), now.favourite, now.attempt == 0u);
}

fn after_jump() {
  if (now.v <= BOTTOM_V) {
    at_the_limit();
    return;
  }
  now.checkpoint++;
  begin_half_decade();
}

fn after_proposal() {
  var finite = now.v <= JUMP_V;
  for (var g = 0u; g < GROUPS; g++) {
    finite = finite && abs(seen_valuation(g, 0u)) < FINITE_VALUATION;
  }
  if (finite) {
    now.phase = JUMPING;
    now.iteration = 0u;
    now.s = 0.0;
    next = TANGENT_ZERO;
  } else {
    after_jump();
  }
}

fn at_checkpoint() {
  var proposed = false;
  now.seen++;
  for (var g = 0u; g < GROUPS; g++) {
    valuations[(g * RING + (now.seen - 1u) % RING) * stride_of_vectors + this_path] = valuation_of(g);
    let is_small = homogenising_size(0u, g) < SMALL_HOMOGENISING || now.v <= BOTTOM_V;
    proposed = proposed || is_long_plateau(g) || (is_stable(g) && is_small);
  }
  if (proposed && now.v <= INFINITY_V) {
    ask_leading_forms(PROPOSAL, next_escaping(0u));
  } else {
    after_proposal();
  }
}

fn after_leading_forms() {
  if (now.purpose == PROPOSAL) {
    if (now.best_residual <= SURELY_FINITE) {
      now.group = now.best_group;
      now.stride_valuation = valuation_of(now.group);
      now.length = DECADES_4;
      now.favourite = 0u;
      now.attempt = 0u;
      begin_stride();
    } else {
      after_proposal();
    }
    return;
  }
  let needed = select(LIMIT_RESIDUAL, CONFIRMED_RESIDUAL, now.purpose == PERSISTED);
  now.outcome = select(UNDECIDED, AT_INFINITY, now.best_residual < needed);
}

// max |F_i| / sum of |coefficients| over the equations, of a group's leading forms: the program ran with x_0g = 0.
fn leading_residual(group: u32) -> f32 {
  var worst = 0.0;
  for (var i = 0u; i < VARIABLES; i++) {
    let at = group * VARIABLES + i;
    let sum = end_coefficients[first_coefficient + SUMS_AT + (at >> 2u)][at & 3u];
    let value = size_of(operand(end_table[VALUES_AT + i]).xz);
    if (sum > 0.0) {
      worst = max(worst, value / sum);
    }
  }
  return worst;
}

// A regular zero of F in the work vectors.
fn landed() {
  var far = false;
  for (var g = 0u; g < GROUPS; g++) {
    far = far || homogenising_size(1u, g) < AT_INFINITY_SIZE;
  }
  now.outcome = select(REGULAR, REGULAR_AT_INFINITY, far);
}

// multiple: that predicted the stride; speed and order: of the predictor that the step was made with.
fn go_on(event: u32, multiple: u32, order: f32, speed: f32) {
  let succeeds = event == SUCCEEDS;
  if (now.phase == STARTING) {
    if (succeeds) {
      now.phase = TURNING;
      now.iteration = 0u;
      next = THE_POINT;
    } else {
      undecided();
    }
  } else if (now.phase == TURNING) {
    if (succeeds) {
      now.step = FIRST_STEP;
      now.checkpoint = u32(floor(-now.v / HALF_DECADE + 0.01)) + 1u;
      begin_half_decade();
    } else {
      undecided();
    }
  } else if (now.phase == STEPPING) {
    if (succeeds) {
      let tolerance = min(1e-4, max(0.02 * speed, 1e4 * EPSILON));
      let growth = clamp(0.9 * pow(tolerance / max(now.first_correction, 1e-30), 1.0 / order), 0.3, 2.0);
      let grown = now.length * growth;
      // A step cut short says little about longer ones.
      now.step = select(grown, max(now.step, grown), now.length < now.step);
      if (now.v > -f32(now.checkpoint) * HALF_DECADE + 1e-5) {
        begin_step();
      } else {
        var smallest = 1.0;
        for (var g = 0u; g < GROUPS; g++) {
          smallest = min(smallest, homogenising_size(0u, g));
        }
        if (now.last_correction < 1e-5 * smallest) {
          at_checkpoint();
        } else {
          now.phase = POLISHING;
          now.iteration = 0u;
          next = THE_POINT;
        }
      }
    } else {
      now.step = 0.4 * now.length;
      if (now.step < SMALLEST_STEP) {
        at_the_limit();
      } else {
        begin_step();
      }
    }
  } else if (now.phase == POLISHING) {
    if (succeeds) {
      at_checkpoint();
    } else {
      at_the_limit();
    }
  } else if (now.phase == JUMPING) {
    if (succeeds && now.pivot_ratio > SMALLEST_PIVOT_RATIO) {
      landed();
    } else {
      after_jump();
    }
  } else if (now.phase == CONFIRMING) {
    if (succeeds && now.pivot_ratio > SMALLEST_PIVOT_RATIO) {
      landed();
    } else {
      undecided();
    }
  } else if (now.phase == LEADING) {
    let residual = leading_residual(now.group);
    if (residual < now.best_residual) {
      now.best_residual = residual;
      now.best_group = now.group;
    }
    let following = select(GROUPS, next_escaping(now.group + 1u), now.purpose == PROPOSAL || now.purpose == AT_LIMIT);
    if (following < GROUPS) {
      now.group = following;
      next = FORMS;
    } else {
      after_leading_forms();
    }
  } else if (now.phase == STRIDING) {
    if (succeeds) {
      now.favourite = multiple;
      let drift = abs(valuation_of(now.group) - now.stride_valuation);
      if (!(drift <= 0.06 * now.stride_valuation + 0.002)) {
        ask_leading_forms(STRAYED, now.group);
      } else if (now.v <= PERSISTENT_V + 1e-4) {
        ask_leading_forms(PERSISTED, now.group);
      } else {
        now.length = min(DECADES_4, 2.0 * now.length);
        now.attempt = 0u;
        begin_stride();
      }
    } else {
      now.attempt++;
      if (stride_multiple() == NO_MORE) {
        if (now.length <= 1.001 * LN_10) {
          ask_leading_forms(STRAYED, now.group);
          return;
        }
        now.length = max(LN_10, 0.5 * now.length);
        now.attempt = 0u;
      }
      begin_stride();
    }
  }
}

// ---- Vectors ----

// Correction of a coordinate, and its derivative by s, from the solved Newton system.
fn solved(j: u32, column: u32, side: u32) -> vec4f {
  let row = row_order[min(column, VARIABLES - 1u)];
  return select(newton_system[row + VARIABLES + side], vec4f(0.0, 0.0, 0.0, 0.0), is_fixed(j));
}

// Adds the correction to the work vectors; `accepts` makes them the accepted point, `pushes` keeps those before.
fn update_vectors(applies: bool, accepts: bool, pushes: bool) {
  var column = 0u;
  var largest = 0.0;
  var speed = 0.0;
  for (var j = 0u; j < COORDINATES; j++) {
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
  for (var g = 0u; g < GROUPS; g++) {
    let chart = largest_coordinate(g, COORDINATES);
    let inverse = dsc_reciprocal(end_vectors[vector_at(0u, chart)]);
    let speed = end_vectors[vector_at(4u, chart)].xy;
    for (var j = 0u; j < COORDINATES; j++) {
      if (end_table[GROUP_OF_AT + j] != g) {
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
  for (var j = 0u; j < COORDINATES; j++) {
    let x = end_vectors[vector_at(0u, j)].xz;
    if (end_table[GROUP_OF_AT + j] == group && j != without && dot(x, x) > best_size) {
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

// Weights of one of three points, at `origin`, and of its derivative in the Hermite interpolation at u.
fn hermite_weights(origin: f32, other: f32, third: f32, u: f32, winding: u32) -> vec2f {
  let own_place = parameter_from(origin, origin, winding);
  let here = parameter_from(origin, u, winding);
  var lagrange = 1.0;
  var slope = 0.0;
  if (now.points > 1u) {
    let place = parameter_from(origin, other, winding);
    lagrange = (here - place) / (own_place - place);
    slope = 1.0 / (own_place - place);
  }
  if (now.points > 2u) {
    let place = parameter_from(origin, third, winding);
    lagrange *= (here - place) / (own_place - place);
    slope += 1.0 / (own_place - place);
  }
  let square = lagrange * lagrange;
  let b = square * (here - own_place);
  return vec2f(square - 2.0 * slope * b, b * f32(max(winding, 1u)));
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
  let valuation = dot(d / size, x / size);
  let before = size_of(slopes.zw);
  let decay = select(valuation, log(speed / before) / (now.v - now.v_before), now.points > 1u && before > 0.0);
  let rest = size_of(x - d / decay);
  let vanishes = j >= VARIABLES || (valuation > 0.02 && !(rest >= 0.05 * size));
  if (vanishes) {
    return x * (exp(-valuation * length) - 1.0);
  }
  let exponent = max(decay, 0.02);
  return d * ((exp(-exponent * length) - 1.0) / exponent);
}

// The work vectors that `next` asks for, made from the accepted point.
fn set_work(multiple: u32) {
  let is_stride = next == STRIDE;
  let winding = select(now.winding, multiple * series_winding(), is_stride);
  let is_series = next == PREDICTED || (is_stride && winding > 0u);
  let last = hermite_weights(now.v, now.v_before, now.v_third, now.v_next, winding);
  let before = hermite_weights(now.v_before, now.v, now.v_third, now.v_next, winding);
  let third = hermite_weights(now.v_third, now.v, now.v_before, now.v_next, winding);
  for (var j = 0u; j < COORDINATES; j++) {
    let point = end_vectors[vector_at(0u, j)];
    let slopes = end_vectors[vector_at(4u, j)];
    var difference = vec2f(0.0, 0.0);
    if (is_series) {
      difference = last.y * slopes.xy;
      if (now.points > 1u) {
        let older = end_vectors[vector_at(2u, j)];
        difference += before.x * ((older.xz - point.xz) + (older.yw - point.yw)) + before.y * slopes.zw;
      }
      if (now.points > 2u) {
        let oldest = end_vectors[vector_at(3u, j)];
        difference += third.x * ((oldest.xz - point.xz) + (oldest.yw - point.yw)) + third.y * end_vectors[vector_at(5u, j)].xy;
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
    now.s = 0.0;
    for (var g = 0u; g < GROUPS; g++) {
      let homogenising = VARIABLES + g;
      let zero = select(COORDINATES, homogenising, g == now.group);
      let inverse = dsc_reciprocal(end_vectors[vector_at(0u, largest_coordinate(g, zero))]);
      for (var j = 0u; j < COORDINATES; j++) {
        if (end_table[GROUP_OF_AT + j] == g) {
          let scaled = dsc_mul(end_vectors[vector_at(0u, j)], inverse);
          end_vectors[vector_at(1u, j)] = select(scaled, vec4f(0.0, 0.0, 0.0, 0.0), j == zero);
        }
      }
    }
  }
}

// One Newton iteration and what follows from it.
fn take_trip() {
  for (var j = 0u; j < COORDINATES; j++) {
    registers[j] = end_vectors[vector_at(1u, j)];
  }
  set_step(now.s);
  run_program();
  set_newton_system();
  now.pivot_ratio = solve_newton_system();
  now.iterations++;

  // Sizes of the correction: plain, relative, and the two weighted.
  var sum = 0.0;
  var plain = 0.0;
  var relative = 0.0;
  var column = 0u;
  for (var j = 0u; j < COORDINATES; j++) {
    let correction = solved(j, column, 0u);
    let tangent = solved(j, column, 1u);
    let moved = size_of(correction.xz);
    let size = size_of(registers[j].xz);
    plain = max(plain, moved);
    if (moved > 0.0) {
      relative = max(relative, moved / select(size, max(size, SMALLEST_COORDINATE), j < VARIABLES));
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
    now.first_correction = select(now.first_correction, weighted, is_first);
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
    undecided();
    return;
  }

  let succeeds = event == SUCCEEDS;
  let is_on_path = now.phase != JUMPING && now.phase != CONFIRMING && now.phase != LEADING;
  let multiple = select(0u, stride_multiple(), now.phase == STRIDING);
  let order = 2.0 * f32(now.points);
  let speed = now.speed;
  if (applies || succeeds) {
    update_vectors(applies, succeeds && is_on_path, now.phase == STEPPING || now.phase == STRIDING);
  }
  next = THE_SAME;
  if (event != GOES_ON) {
    go_on(event, multiple, order, speed);
  }
  if (next != THE_SAME && now.outcome == RUNS) {
    set_work(stride_multiple());
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
  first_coefficient = TARGETS_AT + now.family_member * TARGET_VECTORS;
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
