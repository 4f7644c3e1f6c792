// The endgame: H(x, s) = 0 followed along v = log s from s <= 0.1 to the decision where the path ends, in numbers of
// several f32 parts (lib/end-double.wgsl, end-triple.wgsl or end-quad.wgsl).
// One invocation moves one path by up to `trips` Newton iterations; paths that are decided write their outcome, the
// others put themselves into the next round's queue.
// The algorithm, its rules and their reasons: src/homotopy/track/{endgame,infinity,path-tracker}.ts, of which this
// is a translation; what needs more digits stays undecided. A trip is one Newton iteration whatever the path is doing,
// then a decision what to do next.
// ends, end_vectors, valuations: see lib/end-state.wgsl; queue, counters: lib/path-state.wgsl;
// end_system, end_table: src/homotopy/gpu/endgame-tables.ts;
// end_coefficients: [..][parts] complex: those of G, then [family member][data of F | sums of the leading forms' coefficients,
// group by group].
// loop_samples: see lib/end-loop.wgsl.
// Needs 8 storage buffers and the bind group of the arithmetic.
// include: lib/path-state.wgsl
// include: lib/end-state.wgsl
// include: lib/end-newton.wgsl
// include: lib/end-loop.wgsl

// Replaced by the host: the sizes of private arrays, for many systems at a time.
const WORKGROUP_SIZE = 1u;
const MOST_VARIABLES = 1u;
const MOST_REGISTERS = 7u;
// Bernstein coefficients of a coefficient, at most.
const MOST_POINTS = 1u;
// 1: the coefficients move with the parameters of a family.
const FAMILY = 0u;

const EXPONENT_BITS = 0x7f800000u;

// Corrections that end Newton's method: what is left is their square.
const GOAL = 1e-11;
const HUGE = 1e30;
const LN_10 = 2.302585;
const HALF_DECADE = 1.1512925;
const DECADES_4 = 9.21034;
// log of s: no infinity before 1e-6, surely where tracking stops, valuations must persist to 1e-12, and are followed to
// 1e-28 where leading forms vanish late.
const INFINITY_V = -13.8145;
const PERSISTENT_V = -27.631;
const DEEPEST_V = -64.4724;
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
// Of these for strides and leading forms behind the last step.
const LAST_ITERATIONS = 100u;
// A turn takes some forty.
const MOST_LOOP_ITERATIONS = 4000u;
const MOST_STEPS = 500u;
const CRAWLING_STEPS = 60u;
const ACCEPTANCE = 1e-6;
const TANGENT_CONTRACTION = 0.01;
const RELATIVE_WEIGHT = 0.01;
const HARMLESS = 1e-3;
// Cauchy loops: where they begin, valuations of finite ends, and |F| at the mean.
const LOOP_V = -6.9;
const SETTLED_VALUATION = 0.06;
const LARGEST_RESIDUAL = 1e-8;
const SMALLEST_LOOP_STEP = 1e-4;
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
const TO_LOOP = 12u;
const TO_SAMPLE = 13u;
const TO_LAND = 14u;
const OUT_OF_LOOP = 15u;

@group(0) @binding(0) var<uniform> end_round: EndRound;
@group(0) @binding(8) var<uniform> end_system: EndSystem;
@group(0) @binding(1) var<storage, read_write> ends: array<EndPath>;
@group(0) @binding(2) var<storage, read_write> end_vectors: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> valuations: array<f32>;
@group(0) @binding(4) var<storage, read_write> queue: array<u32>;
@group(0) @binding(5) var<storage, read_write> counters: Counters;
@group(0) @binding(6) var<storage, read> end_table: array<u32>;
@group(0) @binding(7) var<storage, read> end_coefficients: array<vec2f>;
@group(0) @binding(9) var<storage, read_write> loop_samples: array<vec2f>;

var<private> now: EndPath;
var<private> first_coefficient: u32;
var<private> stride_of_vectors: u32;
var<private> this_path: u32;
var<private> next: u32;
// Where Newton's method works.
var<private> s_now: Number;
// Of every group, at the accepted point.
var<private> valuation: array<f32, MOST_VARIABLES>;

fn vector_at(kind: u32, j: u32, part: u32) -> u32 {
  return stride_of_vectors * ((kind * end_system.coordinates + j) * PARTS + part) + this_path;
}

// To f32.
fn lead_of(kind: u32, j: u32) -> vec2f {
  return end_vectors[vector_at(kind, j, 0u)];
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

// ---- Valuations ----

// x' / x of the homogenising coordinate of a group, in its chart.
fn valuation_of(group: u32) -> f32 {
  let point = lead_of(0u, end_system.variables + group);
  let derivative = lead_of(4u, end_system.variables + group);
  let largest = max(abs(point.x), abs(point.y));
  let scaled = point / largest;
  return select(0.0, dot(derivative / largest, scaled) / dot(scaled, scaled), largest > 0.0);
}

// |x_0g| / max |x_j| over the group, of a kind of vectors.
fn homogenising_size(kind: u32, group: u32) -> f32 {
  var largest = 0.0;
  for (var j = 0u; j < end_system.coordinates; j++) {
    if (end_table[end_system.group_of_at + j] == group) {
      largest = max(largest, size_of(lead_of(kind, j)));
    }
  }
  return size_of(lead_of(kind, end_system.variables + group)) / largest;
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

// Whether the end is finite, as far as valuations tell.
fn settles_at_zero() -> bool {
  var settles = now.seen >= 2u;
  for (var g = 0u; g < end_system.groups && settles; g++) {
    let last = abs(seen_valuation(g, 0u));
    let before = abs(seen_valuation(g, 1u));
    settles = last < SETTLED_VALUATION && before < SETTLED_VALUATION && last <= before + 1e-3;
  }
  return settles;
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

fn next_checkpoint() -> u32 {
  return u32(floor(-now.v / HALF_DECADE + 0.01)) + 1u;
}

// Where the next checkpoint or sample is.
fn end_of_steps() -> f32 {
  return select(-f32(now.checkpoint) * HALF_DECADE, -EIGHTH_TURN, is_circling());
}

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
    let at = end_system.sums_at + group * end_system.variables + i;
    let sum = end_coefficients[(first_coefficient + at) * PARTS].x;
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
      now.checkpoint = next_checkpoint();
      then = select(TO_HALF_DECADE, TO_LIMIT, now.v <= BOTTOM_V);
    }
  } else if (now.phase == STEPPING) {
    if (succeeds) {
      let growth = clamp(0.9 * pow(1.0 / max(now.first_correction, 1e-30), 1.0 / order), 0.3, 2.0);
      let grown = now.length * growth;
      // A step cut short says little about longer ones.
      now.step = select(grown, max(now.step, grown), now.length < now.step);
      let arrives = now.v <= end_of_steps() + 1e-5;
      then = select(TO_STEP, TO_POLISH, arrives);
    } else {
      now.step = 0.4 * now.length;
      let smallest = select(SMALLEST_STEP, SMALLEST_LOOP_STEP, is_circling());
      then = select(TO_STEP, TO_LIMIT, now.step < smallest);
    }
  } else if (now.phase == POLISHING) {
    then = select(TO_LIMIT, select(TO_CHECKPOINT, TO_SAMPLE, is_circling()), succeeds);
  } else if (now.phase == AVERAGING) {
    var residual = 0.0;
    for (var i = 0u; i < end_system.variables; i++) {
      residual = max(residual, max(abs(values[i].x), abs(values[i].y)));
    }
    then = select(TO_LIMIT, TO_LAND, residual < LARGEST_RESIDUAL);
  } else if (now.phase == JUMPING || now.phase == CONFIRMING) {
    if (succeeds && now.pivot_ratio > SMALLEST_PIVOT_RATIO) {
      now.outcome = REGULAR;
      then = TO_WORK;
    } else if (now.phase == JUMPING) {
      // The mean of a loop, where another pivot ratio would make a regular zero of it.
      let is_singular = is_circling() && now.loop_ratio <= SMALLEST_PIVOT_RATIO;
      now.outcome = select(RUNS, SINGULAR, is_singular);
      then = select(select(AFTER_JUMP, TO_LIMIT, is_circling()), TO_WORK, is_singular);
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
    } else if (now.best_residual < needed && !(RESETTLES && now.purpose == STRAYED)) {
      now.outcome = AT_INFINITY;
      then = TO_WORK;
    } else if (now.purpose == PERSISTED && now.v > DEEPEST_V + 1e-4) {
      // Forms that vanish late: on as long as Newton's method settles.
      now.length = LN_10;
      then = TO_STRIDE;
    } else if (now.purpose == STRAYED && RESETTLES) {
      now.seen = 0u;
      now.checkpoint = next_checkpoint();
      then = select(TO_HALF_DECADE, TO_LIMIT, now.v <= BOTTOM_V);
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
      if (now.length <= 1.001 * SHORTEST_STRIDE) {
        then = TO_FORMS;
        purpose = STRAYED;
      }
      now.length = max(SHORTEST_STRIDE, 0.5 * now.length);
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
    if (then == TO_POLISH && is_circling()) {
      turn_on();
      now.phase = POLISHING;
      next = THE_POINT;
    } else if (then == TO_POLISH) {
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
    let is_decade = (now.checkpoint & 1u) == 0u;
    now.checkpoint++;
    then = select(TO_HALF_DECADE, TO_LIMIT, now.v <= BOTTOM_V);
    if (is_decade && now.v <= LOOP_V && settles_at_zero()) {
      then = select(then, TO_LOOP, has_room());
    }
  }
  if (then == TO_LOOP) {
    begin_loop();
    now.steps = 0u;
    then = TO_STEP;
  }
  if (then == TO_SAMPLE) {
    let distance = take_sample();
    now.loop_size = max(now.loop_size, distance);
    let is_turn = now.turned % SAMPLES_A_TURN == 0u;
    let is_last = now.turned == LARGEST_WINDING * SAMPLES_A_TURN;
    then = select(TO_STEP, TO_LIMIT, is_last);
    if (is_turn && distance < CLOSED * now.loop_size) {
      now.loop_noise = negative_part();
      then = select(TO_LIMIT, TO_WORK, now.loop_noise < NEGATIVE_PART);
      if (then == TO_WORK) {
        set_mean();
        now.phase = AVERAGING;
        next = THE_POINT;
      }
    }
  }
  if (then == TO_LAND) {
    // m = 1: a regular zero, if Newton's method converges.
    now.loop_ratio = now.pivot_ratio;
    let is_single = now.turned == SAMPLES_A_TURN;
    now.outcome = select(SINGULAR, RUNS, is_single);
    if (is_single) {
      now.phase = JUMPING;
      next = THE_POINT;
    }
    then = TO_WORK;
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
    let end = end_of_steps();
    let left = now.v - end;
    let limit = min(now.step, select(HALF_DECADE, EIGHTH_TURN, is_circling()));
    let reaches = left <= 1.01 * limit;
    now.length = select(limit, left, reaches);
    now.v_next = select(now.v - limit, end, reaches);
    now.phase = STEPPING;
    now.steps++;
    next = PREDICTED;
    let is_late = !is_circling() && now.iterations - now.loop_iterations + LAST_ITERATIONS > MOST_ITERATIONS;
    then = select(TO_WORK, TO_LIMIT, now.steps > MOST_STEPS || is_crawling || is_late);
  }
  if (then == TO_LIMIT && is_circling()) {
    end_loop();
    now.phase = TURNING;
    next = THE_POINT;
    then = TO_WORK;
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
  now.s = select(1.0, 0.0, now.phase == JUMPING || now.phase == CONFIRMING || now.phase == LEADING || now.phase == AVERAGING);
}

// ---- Vectors ----

// Correction of a coordinate, and its derivative by s, from the solved Newton system.
fn solved(j: u32, column: u32, side: u32) -> Number {
  let row = row_order[min(column, end_system.variables - 1u)];
  return choose(newton_system[row + end_system.variables + side], Number(), is_fixed(j));
}

// Adds the correction to the work vectors; `accepts` makes them the accepted point, `pushes` keeps those before.
fn update_vectors(applies: bool, accepts: bool, pushes: bool) {
  // ds/dv
  let speed_of_s = choose(s_now, Number(s_now[1], -s_now[0]), is_circling());
  var column = 0u;
  var largest = 0.0;
  var speed = 0.0;
  for (var j = 0u; j < end_system.coordinates; j++) {
    var x = vector(1u, j);
    if (applies) {
      x = number_add(x, negated(solved(j, column, 0u)));
      set_vector(1u, j, x);
    }
    if (accepts) {
      let tangent = solved(j, column, 1u);
      let derivative = number_mul(speed_of_s, tangent);
      if (pushes) {
        set_vector(3u, j, vector(2u, j));
        set_vector(2u, j, vector(0u, j));
        set_vector(6u, j, vector(5u, j));
        set_vector(5u, j, vector(4u, j));
      }
      set_vector(4u, j, derivative);
      set_vector(0u, j, x);
      largest = max(largest, dot(lead(x), lead(x)));
      speed = max(speed, max(abs(derivative[0].x), abs(derivative[1].x)));
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
    let inverse = number_reciprocal(vector(0u, chart));
    let speed = vector(4u, chart);
    for (var j = 0u; j < end_system.coordinates; j++) {
      if (end_table[end_system.group_of_at + j] != g) {
        continue;
      }
      let y = number_mul(vector(0u, j), inverse);
      let moved = number_add(vector(4u, j), negated(number_mul(y, speed)));
      set_vector(0u, j, choose(y, number_from(vec2f(1.0, 0.0)), j == chart));
      set_vector(4u, j, choose(number_mul(moved, inverse), Number(), j == chart));
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
    let x = lead_of(0u, j);
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

// The interpolation's variable at u relative to that at v: log s, or s^(1 / winding).
fn parameter_at(u: f32, winding: u32) -> vec2f {
  let distance = u - now.v;
  if (winding == 0u) {
    return vec2f(distance, 0.0);
  }
  let power = ds_exp(ds_div(vec2f(-abs(distance), 0.0), vec2f(f32(winding), 0.0)));
  return select(power, ds_div(vec2f(1.0, 0.0), power), distance > 0.0);
}

// How far a coordinate moves while log s falls by `length`, if it is a constant plus one exponential
// (src/homotopy/track/infinity.ts).
fn stride_difference(j: u32, length: f32) -> vec2f {
  let x = lead_of(0u, j);
  let d = lead_of(4u, j);
  let speed = size_of(d);
  if (speed == 0.0 || is_fixed(j)) {
    return vec2f(0.0, 0.0);
  }
  let size = size_of(x);
  let falls = dot(d / size, x / size);
  let before = size_of(lead_of(5u, j));
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
  // Of each point and of its derivative: l^2 (1 - 2 (t - ti) l'(ti)) and l^2 (t - ti) dt/dv, l = Lagrange basis. In 48 bits: next to
  // positive-dimensional sets a prediction to f32 is too far from the path.
  var places = array<f32, 3>(now.v, now.v_before, now.v_third);
  var parameters: array<vec2f, 3>;
  var weights: array<vec4f, 3>;
  if (is_series) {
    let here = parameter_at(now.v_next, winding);
    for (var i = 0u; i < now.points; i++) {
      parameters[i] = parameter_at(places[i], winding);
    }
    for (var i = 0u; i < now.points; i++) {
      var lagrange = vec2f(1.0, 0.0);
      var slope = vec2f(0.0, 0.0);
      for (var other = 0u; other < now.points; other++) {
        if (other != i) {
          let inverse = ds_div(vec2f(1.0, 0.0), ds_sub(parameters[i], parameters[other]));
          lagrange = ds_mul(lagrange, ds_mul(ds_sub(here, parameters[other]), inverse));
          slope = ds_add(slope, inverse);
        }
      }
      let square = ds_mul(lagrange, lagrange);
      let b = ds_mul(square, ds_sub(here, parameters[i]));
      let rate = select(vec2f(1.0, 0.0), ds_div(vec2f(f32(winding), 0.0), parameters[i]), winding > 0u);
      weights[i] = vec4f(ds_sub(square, 2.0 * ds_mul(slope, b)), ds_mul(b, rate));
    }
  }
  for (var j = 0u; j < end_system.coordinates; j++) {
    let point = vector(0u, j);
    var difference = Number();
    if (is_series) {
      for (var i = 0u; i < now.points; i++) {
        let of_derivative = number_scaled(vector(4u + i, j), weights[i].zw);
        difference = number_add(difference, of_derivative);
        if (i > 0u) {
          let older = number_add(vector(1u + i, j), negated(point));
          difference = number_add(difference, number_scaled(older, weights[i].xy));
        }
      }
    } else if (is_stride) {
      difference = number_from(stride_difference(j, now.v - now.v_next));
    } else if (next == TANGENT_ZERO) {
      difference = negated(vector(4u, j));
    }
    set_vector(1u, j, number_add(point, choose(difference, Number(), is_fixed(j))));
  }
  if (next == FORMS) {
    for (var g = 0u; g < end_system.groups; g++) {
      let homogenising = end_system.variables + g;
      let zero = select(end_system.coordinates, homogenising, g == now.group);
      let inverse = number_reciprocal(vector(0u, largest_coordinate(g, zero)));
      for (var j = 0u; j < end_system.coordinates; j++) {
        if (end_table[end_system.group_of_at + j] == g) {
          let scaled = number_mul(vector(0u, j), inverse);
          set_vector(1u, j, choose(scaled, Number(), j == zero));
        }
      }
    }
  }
}

// One Newton iteration and what follows from it.
fn take_trip() {
  for (var j = 0u; j < end_system.coordinates; j++) {
    set_register(j, vector(1u, j), 0);
  }
  s_now = Number(real_from(ds_exp(vec2f(select(now.v_next, now.loop_v, is_circling()), 0.0))), Real());
  if (is_circling()) {
    s_now = number_mul(s_now, unit(now.turned, -now.v_next));
  }
  if (now.s == 0.0) {
    s_now = Number();
  }
  set_step(s_now);
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
    let correction = lead(solved(j, column, 0u));
    let tangent = lead(solved(j, column, 1u));
    let moved = size_of(correction);
    let size = size_of(lead_of(1u, j));
    plain = max(plain, moved);
    if (moved > 0.0) {
      relative = max(relative, moved / select(size, max(size, SMALLEST_COORDINATE), j < end_system.variables));
    }
    // max() may drop a NaN, a sum does not.
    sum += abs(correction.x) + abs(correction.y) + abs(tangent.x) + abs(tangent.y);
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
    // The tangent is that of the point before the correction: quadratic convergence says that it is wrong by the square of this ratio.
    let is_accepted = weighted < ACCEPTANCE && !is_first;
    let has_tangent = weighted < TANGENT_CONTRACTION * previous || weighted < noise || iteration == 3u;
    let is_over = iteration == 3u || (iteration == 2u && !is_accepted);
    event = select(FAILS, select(select(GOES_ON, FAILS, is_over), SUCCEEDS, is_accepted && has_tangent), applies);
    let tolerance = clamp(0.02 * now.speed, 1e4 * EPSILON, 1e-4);
    // What rounding makes no step is short enough for.
    let error = weighted / max(tolerance, noise);
    now.first_correction = select(now.first_correction, error, is_first);
    now.last_correction = select(now.last_correction, weighted, applies);
    now.previous_correction = weighted;
  } else if (now.phase == POLISHING) {
    applies = good && plain < 1e-3;
    event = select(FAILS, SUCCEEDS, applies);
  } else if (now.phase == LEADING || now.phase == AVERAGING) {
    event = SUCCEEDS;
  } else {
    applies = good && relative < max(select(0.6 * previous, 0.5, is_first), HARMLESS);
    let is_fine = relative < ACCEPTANCE || (relative < HARMLESS && relative > 0.6 * previous);
    event = select(FAILS, select(select(GOES_ON, FAILS, iteration == 7u), SUCCEEDS, is_fine && !is_first), applies);
    now.last_correction = select(now.last_correction, relative, applies);
    now.previous_correction = relative;
  }
  now.iteration++;
  now.loop_iterations += select(0u, 1u, is_circling());
  if (now.iterations - now.loop_iterations >= MOST_ITERATIONS || now.loop_iterations >= MOST_LOOP_ITERATIONS) {
    now.outcome = UNDECIDED;
    return;
  }

  let succeeds = event == SUCCEEDS;
  let is_on_path = now.phase != JUMPING && now.phase != CONFIRMING && now.phase != LEADING && now.phase != AVERAGING;
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
