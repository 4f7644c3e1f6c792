// The parts of shaders/tracker/track.wgsl for kernels that serve every system: the same mathematics
// (src/homotopy/gpu/emit-*.ts) in loops over a table, with partial pivoting because a loop can.
// LANES invocations work on one path: they share the instructions of the program, the rows of Newton's system and
// the coordinates. One lane a path needs no barrier: the generator then makes the shared variables private.
// system: see src/homotopy/gpu/cooperative-tables.ts; coefficients as in track.wgsl.
// Limits: those of track.wgsl, one storage buffer more, and up to 16 KiB of workgroup memory.

// include: lib/cooperative-chart.wgsl

// Replaced by the generator: the size class. MOST_VARIABLES <= ROWS * LANES.
const LANES = 1u;
const ROWS = 8u;
const MOST_VARIABLES = 8u;
const MOST_REGISTERS = 256u;
// 1: registers hold copies of all coefficients.
const COPIED = 0u;

struct TrackedSystem {
  variables: u32,
  coordinates: u32,
  groups: u32,
  registers: u32, // operands from here on are data of F, then coefficients of G
  data: u32, // complex numbers of F's data
  starts: u32, // complex coefficients of G
  target_vectors: u32, // vec4f of a family member
  real: u32, // 1: the data of F are real
  moves_by: u32, // coefficients stay (0), move with the parameters of a family (1), or are multiples of exp(p s) (2)
  moving: u32, // coefficients that move
  bundles: u32,
  // Where the parts of `words` begin.
  moving_at: u32,
  spread_at: u32,
  columns_at: u32,
  groups_at: u32,
  members_at: u32,
  bundles_at: u32,
  words: array<u32>,
}

@group(0) @binding(7) var<storage, read> system: TrackedSystem;

// Columns of Newton's system: the Jacobian's, and two right sides.
const WIDTH = MOST_VARIABLES + 2u;
// A column more than there can be: it stays 0.
const STRIDE = MOST_VARIABLES + 1u;
const NEGATIVE = 0x80000000u;
const OPERAND = 0x7fffu;
const LAST_OF_LEVEL = 0x80000000u;

// Vectors in the basis of the chart's hyperplane.
const DISPLACEMENT = 0u;
const TANGENT = 1u;
const PREVIOUS_TANGENT = 2u;
const PREVIOUS_STEP = 3u;
// What the last Newton iteration gave.
const CORRECTION = 4u;
const NEW_TANGENT = 5u;

var<workgroup> base: array<vec2f, 2u * MOST_VARIABLES>;
var<workgroup> vectors: array<vec2f, 6u * STRIDE>;
// sigma of each column of the hyperplane's basis.
var<workgroup> signs: array<f32, WIDTH>;
var<workgroup> registers: array<vec2f, MOST_REGISTERS>;
var<workgroup> pivot_row: array<vec2f, WIDTH>;
// One number, or two, of every lane.
var<workgroup> of_lanes: array<vec2f, LANES>;
var<workgroup> verdict: u32;

var<private> lane: u32;

fn complex_mul(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn complex_div(a: vec2f, b: vec2f) -> vec2f {
  return complex_mul(a, vec2f(b.x, -b.y)) / dot(b, b);
}

// What lane 0 thinks; all others think the same, but no compiler knows that.
fn agreed(own: bool) -> bool {
  if (lane == 0u) {
    verdict = select(0u, 1u, own);
  }
  return workgroupUniformLoad(&verdict) == 1u;
}

// Coordinate j of C y for one of the vectors: column t of C is e_first - sigma_t e_second.
fn spread(vector: u32, j: u32) -> vec2f {
  let columns = system.words[system.spread_at + j];
  let second = columns >> 8u;
  return vectors[vector * STRIDE + (columns & 255u)] - signs[second] * vectors[vector * STRIDE + second];
}

fn load_state(path: u32, capacity: u32, chart: u32, family_member: u32) {
  let n = system.variables;
  let coordinates = system.coordinates;
  for (var j = lane; j < coordinates; j += LANES) {
    base[j] = state[j * capacity + path];
  }
  for (var vector = 0u; vector < 4u; vector++) {
    for (var column = lane; column < n; column += LANES) {
      vectors[vector * STRIDE + column] = state[(coordinates + vector * n + column) * capacity + path];
    }
  }
  for (var column = lane; column < n; column += LANES) {
    signs[column] = select(1.0, -1.0, (chart & (1u << column)) != 0u);
  }
  if (lane == 0u) {
    registers[coordinates] = vec2f(1.0, 0.0);
    registers[coordinates + 1u] = vec2f(0.0, 0.0);
  }
  if (COPIED == 1u) {
    let first = system.registers;
    let data = system.data;
    for (var k = lane; k < data; k += LANES) {
      registers[first + k] = target_coefficient(k, family_member);
    }
    for (var k = lane; k < system.starts; k += LANES) {
      registers[first + data + k] = start_coefficient(k);
    }
  }
  workgroupBarrier();
}

fn store_state(path: u32, capacity: u32) {
  let n = system.variables;
  let coordinates = system.coordinates;
  for (var j = lane; j < coordinates; j += LANES) {
    state[j * capacity + path] = base[j];
  }
  for (var vector = 0u; vector < 4u; vector++) {
    for (var column = lane; column < n; column += LANES) {
      state[(coordinates + vector * n + column) * capacity + path] = vectors[vector * STRIDE + column];
    }
  }
}

fn save_base(path: u32, capacity: u32) {
  let first = system.coordinates + 4u * system.variables;
  for (var j = lane; j < system.coordinates; j += LANES) {
    state[(first + j) * capacity + path] = base[j];
  }
}

fn target_coefficient(index: u32, family_member: u32) -> vec2f {
  let first = family_member * system.target_vectors;
  if (system.real == 1u) {
    return vec2f(target_coefficients[first + (index >> 2u)][index & 3u], 0.0);
  }
  let pair = target_coefficients[first + (index >> 1u)];
  return select(pair.xy, pair.zw, (index & 1u) == 1u);
}

fn start_coefficient(index: u32) -> vec2f {
  let pair = start_coefficients[index >> 1u];
  return select(pair.xy, pair.zw, (index & 1u) == 1u);
}

fn operand(place: u32, family_member: u32) -> vec2f {
  if (COPIED == 1u) {
    return registers[place];
  }
  if (place < system.registers) {
    return registers[place];
  }
  let index = place - system.registers;
  if (index < system.data) {
    return target_coefficient(index, family_member);
  }
  return start_coefficient(index - system.data);
}

// The numbers of s, and what moves with it: c exp(p s), or c = sum_k (d over k) tau^k (1 - tau)^(d - k) b_k by Horner's scheme in 1 - tau.
fn run_step(s: f32, sigma: f32, scale: f32, family_member: u32) {
  let step = system.coordinates + 2u;
  if (system.moves_by == 0u) {
    if (lane == 0u) {
      registers[step] = vec2f(sigma, 0.0);
      registers[step + 1u] = vec2f(scale, 0.0);
    }
    return;
  }
  if (system.moves_by == 2u) {
    if (lane == 0u) {
      registers[step + 1u] = vec2f(-1.0, 0.0);
    }
    for (var k = lane; k < system.moving; k += LANES) {
      let rule = system.moving_at + 3u * k;
      let power = target_coefficient(system.words[rule + 1u], family_member).x;
      let value = exp(power * s) * target_coefficient(system.words[rule], family_member);
      let place = system.words[rule + 2u];
      registers[place] = value;
      registers[place + 1u] = power * value;
    }
    return;
  }
  // tau = gamma s / w and -dtau/ds = -gamma / w^2, w = 1 + (gamma - 1) s.
  let gamma = start_coefficient(0u);
  let weight = vec2f(1.0 - s, 0.0) + s * gamma;
  let quotient = complex_div(gamma, weight);
  let tau = s * quotient;
  let rest = complex_div(vec2f(1.0 - s, 0.0), weight);
  if (lane == 0u) {
    registers[step] = tau;
    registers[step + 1u] = -complex_div(quotient, weight);
  }
  for (var k = lane; k < system.moving; k += LANES) {
    let rule = system.moving_at + 3u * k;
    let first = system.words[rule];
    let degree = system.words[rule + 1u];
    var point = target_coefficient(first, family_member);
    var value = point;
    var slope = vec2f(0.0, 0.0);
    // Of tau^power: the binomial coefficients of degree d and, for the slope, of d - 1.
    var factor = vec2f(1.0, 0.0);
    var over_value = 1.0;
    var over_slope = 1.0;
    for (var power = 1u; power <= degree; power++) {
      let next = target_coefficient(first + power, family_member);
      slope = complex_mul(slope, rest) + complex_mul(over_slope * factor, next - point);
      factor = complex_mul(factor, tau);
      over_value *= f32(degree - power + 1u) / f32(power);
      over_slope *= f32(degree - power) / f32(power);
      value = complex_mul(value, rest) + complex_mul(over_value * factor, next);
      point = next;
    }
    let place = system.words[rule + 2u];
    registers[place] = value;
    registers[place + 1u] = f32(degree) * slope;
  }
}

// The program at the point in `registers`: bundles of LANES instructions, a barrier behind each level of them.
fn run_program(family_member: u32) {
  var at = system.bundles_at;
  let bundles = system.bundles;
  for (var k = 0u; k < bundles; k++) {
    let header = system.words[at];
    let place = system.words[at + 1u + lane];
    let factor = bitcast<f32>(system.words[at + 1u + LANES + lane]);
    at += 1u + 2u * LANES;
    var sum = vec2f(0.0, 0.0);
    for (var term = header & ~LAST_OF_LEVEL; term > 0u; term--) {
      let word = system.words[at + lane];
      at += LANES;
      let product = complex_mul(operand(word & OPERAND, family_member), operand((word >> 15u) & OPERAND, family_member));
      sum += select(product, -product, (word & NEGATIVE) != 0u);
    }
    registers[place] = factor * sum;
    if ((header & LAST_OF_LEVEL) != 0u) {
      workgroupBarrier();
    }
  }
}

// One Newton iteration: (correction size, sum of magnitudes of the tangent, smallest and largest squared pivot).
fn newton_iteration(s: f32, sigma: f32, scale: f32, family_member: u32) -> vec4f {
  for (var j = lane; j < system.coordinates; j += LANES) {
    registers[j] = base[j] + spread(DISPLACEMENT, j);
  }
  run_step(s, sigma, scale, family_member);
  workgroupBarrier();
  run_program(family_member);
  let pivots = solve_newton_system(family_member);
  workgroupBarrier();
  var size = 0.0;
  var magnitudes = 0.0;
  for (var column = lane; column < system.variables; column += LANES) {
    let correction = vectors[CORRECTION * STRIDE + column];
    let tangent = vectors[NEW_TANGENT * STRIDE + column];
    // max() may drop a NaN, a sum does not.
    magnitudes += abs(tangent.x) + abs(tangent.y) + abs(correction.x) + abs(correction.y);
  }
  for (var j = lane; j < system.coordinates; j += LANES) {
    let change = spread(CORRECTION, j);
    size = max(size, max(abs(change.x), abs(change.y)));
  }
  of_lanes[lane] = vec2f(size, magnitudes);
  workgroupBarrier();
  var total = of_lanes[0];
  for (var other = 1u; other < LANES; other++) {
    let each = of_lanes[other];
    total = vec2f(max(total.x, each.x), total.y + each.y);
  }
  return vec4f(total, pivots);
}

// Gauss-Jordan elimination with partial pivoting; smallest and largest squared pivot. Rows move one place to the left
// in every step, so the column at hand is always the first and a lane's rows never need an index that is computed.
fn solve_newton_system(family_member: u32) -> vec2f {
  let n = system.variables;
  // Lane l has rows l, LANES + l, 2 LANES + l, ...; bit r of `done`: its r-th was a pivot's row, or there is no such row.
  // generated: rows of this lane
  var at = system.columns_at + lane;
  for (var t = 0u; t < WIDTH; t++) {
    // generated: column t of the rows
    at += ROWS * LANES;
  }
  var pivots = vec2f(3e38, 0.0);
  for (var k = 0u; k < n; k++) {
    // Below 0: nothing but NaN.
    var size = -1.0;
    var row = 0u;
    // generated: this lane's largest entry of the first column
    of_lanes[lane] = vec2f(size, 0.0);
    workgroupBarrier();
    var owner = 0u;
    var largest = of_lanes[0].x;
    for (var other = 1u; other < LANES; other++) {
      let better = of_lanes[other].x > largest;
      largest = select(largest, of_lanes[other].x, better);
      owner = select(owner, other, better);
    }
    let mine = lane == owner;
    // generated: the pivot's row
    pivots = vec2f(min(pivots.x, largest), max(pivots.y, largest));
    let inverse = vec2f(pivot_0.x, -pivot_0.y) / max(largest, 0.0);
    // generated: eliminate
    done |= select(0u, 1u << row, mine);
  }
  // generated: solutions
  return pivots;
}

fn accept_and_predict(
  proceed: bool,
  moves: bool,
  tangent_weight: f32,
  previous_tangent_weight: f32,
  previous_step_weight: f32,
) {
  if (proceed) {
    // registers still hold the point.
    for (var j = lane; j < system.coordinates; j += LANES) {
      base[j] = registers[j] - spread(CORRECTION, j);
    }
  }
  for (var column = lane; column < system.variables; column += LANES) {
    let corrected = vectors[DISPLACEMENT * STRIDE + column] - vectors[CORRECTION * STRIDE + column];
    if (proceed) {
      vectors[PREVIOUS_TANGENT * STRIDE + column] = vectors[TANGENT * STRIDE + column];
      vectors[TANGENT * STRIDE + column] = vectors[NEW_TANGENT * STRIDE + column];
      vectors[PREVIOUS_STEP * STRIDE + column] = corrected;
    }
    let predicted = tangent_weight * vectors[TANGENT * STRIDE + column]
      + previous_tangent_weight * vectors[PREVIOUS_TANGENT * STRIDE + column]
      + previous_step_weight * vectors[PREVIOUS_STEP * STRIDE + column];
    vectors[DISPLACEMENT * STRIDE + column] = select(corrected, predicted, moves);
  }
  workgroupBarrier();
}
