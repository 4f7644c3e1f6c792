// The parts of shaders/tracker/track.wgsl for systems whose straight-line code would compile for too long: the
// same mathematics (src/homotopy/gpu/emit-*.ts) in loops over tables, with partial pivoting because a loop can.
// One invocation works on one path; its vectors are private arrays, slow on a software adapter (30 to 80 times).
// system_table: see src/homotopy/gpu/program-tables.ts; coefficients as in track.wgsl.
// Limits: those of track.wgsl and one storage buffer more.

// include: lib/table-chart.wgsl

// Replaced by the generator: sizes, kinds, and where the parts of system_table begin.
const VARIABLES = 1u;
const COORDINATES = 2u;
const GROUPS = 1u;
// Of the program (src/homotopy/gpu/program-tables.ts); the first registers are the coordinates, 1, 0 and three numbers of s.
const INSTRUCTIONS = 0u;
const REGISTERS = 7u;
const COEFFICIENTS = 0u;
const SLOPES = 0u;
// Bernstein coefficients of a coefficient, at most.
const POINTS = 1u;
// 1: coefficients of the target are real.
const REAL_TARGET = 0u;
// 1: the coefficients move with the parameters of a family.
const FAMILY = 0u;
// vec4f per family member.
const TARGET_VECTORS = 1u;
const INSTRUCTIONS_AT = 0u;
const TERMS_AT = 0u;
const JACOBIAN_AT = 0u;
const VALUES_AT = 0u;
const DERIVATIVES_AT = 0u;
const RULES_AT = 0u;
const MOVING_AT = 0u;
const GROUPS_AT = 0u;
const MEMBERS_AT = 0u;

@group(0) @binding(7) var<storage, read> system_table: array<u32>;

const ONE = COORDINATES;
const ZERO = COORDINATES + 1u;
const STEP = COORDINATES + 2u;
const WIDTH = VARIABLES + 2u;
const SYSTEM = VARIABLES * WIDTH;
const NEGATIVE = 0x80000000u;

var<private> base: array<vec2f, COORDINATES>;
var<private> displacement: array<vec2f, VARIABLES>;
var<private> tangent: array<vec2f, VARIABLES>;
var<private> previous_tangent: array<vec2f, VARIABLES>;
var<private> previous_step: array<vec2f, VARIABLES>;
// sigma of each column of the hyperplane's basis.
var<private> signs: array<f32, VARIABLES>;
// What the last Newton iteration gave, in the basis.
var<private> correction: array<vec2f, VARIABLES>;
var<private> new_tangent: array<vec2f, VARIABLES>;
var<private> registers: array<vec2f, REGISTERS>;
// n rows of the Newton system: VARIABLES columns and two right sides.
var<private> newton_system: array<vec2f, SYSTEM>;
var<private> scratch: array<vec2f, COORDINATES>;
// One more than needed: the index of a coefficient that stays is checked against it, too.
var<private> points: array<vec2f, POINTS + 1u>;

fn complex_mul(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn complex_div(a: vec2f, b: vec2f) -> vec2f {
  return complex_mul(a, vec2f(b.x, -b.y)) / dot(b, b);
}

// scratch <- C y for one of the vectors: 0 displacement, 1 tangent, 2 previous tangent, 3 previous step, 4 correction.
fn spread(which: u32) {
  for (var j = 0u; j < COORDINATES; j++) {
    scratch[j] = vec2f(0.0, 0.0);
  }
  var column = 0u;
  for (var group = 0u; group < GROUPS; group++) {
    let first = system_table[GROUPS_AT + group];
    let last = system_table[GROUPS_AT + group + 1u] - 1u;
    for (var member = first; member < last; member++) {
      var y = displacement[column];
      if (which == 1u) {
        y = tangent[column];
      } else if (which == 2u) {
        y = previous_tangent[column];
      } else if (which == 3u) {
        y = previous_step[column];
      } else if (which == 4u) {
        y = correction[column];
      }
      scratch[system_table[MEMBERS_AT + member]] += y;
      scratch[system_table[MEMBERS_AT + member + 1u]] -= signs[column] * y;
      column++;
    }
  }
}

fn set_vector(which: u32, column: u32, y: vec2f) {
  if (which == 0u) {
    displacement[column] = y;
  } else if (which == 1u) {
    tangent[column] = y;
  } else if (which == 2u) {
    previous_tangent[column] = y;
  } else {
    previous_step[column] = y;
  }
}

fn load_state(path: u32, capacity: u32, chart: u32) {
  var vector = path;
  for (var j = 0u; j < COORDINATES; j++) {
    base[j] = state[vector];
    vector += capacity;
  }
  for (var which = 0u; which < 4u; which++) {
    for (var column = 0u; column < VARIABLES; column++) {
      set_vector(which, column, state[vector]);
      vector += capacity;
    }
  }
  for (var column = 0u; column < VARIABLES; column++) {
    signs[column] = select(1.0, -1.0, (chart & (1u << column)) != 0u);
  }
}

fn store_state(path: u32, capacity: u32) {
  var vector = path;
  for (var j = 0u; j < COORDINATES; j++) {
    state[vector] = base[j];
    vector += capacity;
  }
  for (var which = 0u; which < 4u; which++) {
    for (var column = 0u; column < VARIABLES; column++) {
      var y = displacement[column];
      if (which == 1u) {
        y = tangent[column];
      } else if (which == 2u) {
        y = previous_tangent[column];
      } else if (which == 3u) {
        y = previous_step[column];
      }
      state[vector] = y;
      vector += capacity;
    }
  }
}

fn save_base(path: u32, capacity: u32) {
  for (var j = 0u; j < COORDINATES; j++) {
    state[(COORDINATES + 4u * VARIABLES + j) * capacity + path] = base[j];
  }
}

fn target_coefficient(index: u32, first: u32) -> vec2f {
  if (REAL_TARGET == 1u) {
    return vec2f(target_coefficients[first + (index >> 2u)][index & 3u], 0.0);
  }
  let pair = target_coefficients[first + (index >> 1u)];
  return select(pair.xy, pair.zw, (index & 1u) == 1u);
}

fn start_coefficient(index: u32) -> vec2f {
  let pair = start_coefficients[index >> 1u];
  return select(pair.xy, pair.zw, (index & 1u) == 1u);
}

// The coefficient at tau by de Casteljau's algorithm, or its slope there.
fn moving_coefficient(index: u32, first: u32, slope: bool) -> vec2f {
  let begin = system_table[RULES_AT + 2u * index];
  let degree = system_table[RULES_AT + 2u * index + 1u];
  if (degree == 0u) {
    return target_coefficient(begin, first);
  }
  for (var power = 0u; power <= degree; power++) {
    points[power] = target_coefficient(begin + power, first);
  }
  for (var level = degree; level > 1u; level--) {
    for (var power = 0u; power < level; power++) {
      points[power] = complex_mul(points[power], registers[STEP + 2u]) + complex_mul(points[power + 1u], registers[STEP]);
    }
  }
  let value = complex_mul(points[0], registers[STEP + 2u]) + complex_mul(points[1], registers[STEP]);
  return select(value, f32(degree) * (points[1] - points[0]), slope);
}

fn operand(place: u32, first: u32) -> vec2f {
  if (place < REGISTERS) {
    return registers[place];
  }
  let index = place - REGISTERS;
  if (index < COEFFICIENTS) {
    return moving_coefficient(index, first, false);
  }
  if (index < COEFFICIENTS + SLOPES) {
    return moving_coefficient(system_table[MOVING_AT + index - COEFFICIENTS], first, true);
  }
  return start_coefficient(index - COEFFICIENTS - SLOPES);
}

// The program at the point in `registers`.
fn run_program(s: f32, sigma: f32, scale: f32, first: u32) {
  registers[ONE] = vec2f(1.0, 0.0);
  registers[ZERO] = vec2f(0.0, 0.0);
  registers[STEP] = vec2f(sigma, 0.0);
  registers[STEP + 1u] = vec2f(scale, 0.0);
  if (FAMILY == 1u) {
    // tau = gamma s / w and -dtau/ds = -gamma / w^2, w = 1 + (gamma - 1) s.
    let gamma = start_coefficient(0u);
    let weight = vec2f(1.0 - s, 0.0) + s * gamma;
    let quotient = complex_div(gamma, weight);
    registers[STEP] = s * quotient;
    registers[STEP + 1u] = -complex_div(quotient, weight);
    registers[STEP + 2u] = complex_div(vec2f(1.0 - s, 0.0), weight);
  }
  var term = 0u;
  for (var k = 0u; k < INSTRUCTIONS; k++) {
    let place = INSTRUCTIONS_AT + 4u * k;
    let end = system_table[place + 1u];
    var sum = vec2f(0.0, 0.0);
    for (; term < end; term++) {
      let left = system_table[TERMS_AT + 2u * term];
      let product = complex_mul(operand(left & ~NEGATIVE, first), operand(system_table[TERMS_AT + 2u * term + 1u], first));
      sum += select(product, -product, (left & NEGATIVE) != 0u);
    }
    registers[system_table[place]] = bitcast<f32>(system_table[place + 2u]) * sum;
  }
}

// One Newton iteration: (correction size, sum of magnitudes of the tangent, smallest and largest squared pivot).
fn newton_iteration(s: f32, sigma: f32, scale: f32, family_member: u32) -> vec4f {
  let first = family_member * TARGET_VECTORS;
  spread(0u);
  for (var j = 0u; j < COORDINATES; j++) {
    registers[j] = base[j] + scratch[j];
  }
  run_program(s, sigma, scale, first);
  // J C, and the right sides.
  for (var i = 0u; i < VARIABLES; i++) {
    let row = JACOBIAN_AT + i * COORDINATES;
    var column = 0u;
    for (var group = 0u; group < GROUPS; group++) {
      let end = system_table[GROUPS_AT + group + 1u];
      for (var member = system_table[GROUPS_AT + group]; member + 1u < end; member++) {
        newton_system[i * WIDTH + column] = operand(system_table[row + system_table[MEMBERS_AT + member]], first)
          - signs[column] * operand(system_table[row + system_table[MEMBERS_AT + member + 1u]], first);
        column++;
      }
    }
    newton_system[i * WIDTH + VARIABLES] = operand(system_table[VALUES_AT + i], first);
    newton_system[i * WIDTH + VARIABLES + 1u] = operand(system_table[DERIVATIVES_AT + i], first);
  }
  let pivots = solve_newton_system();
  var magnitudes = 0.0;
  for (var column = 0u; column < VARIABLES; column++) {
    correction[column] = newton_system[column * WIDTH + VARIABLES];
    new_tangent[column] = newton_system[column * WIDTH + VARIABLES + 1u];
    magnitudes += abs(new_tangent[column].x) + abs(new_tangent[column].y);
    // max() may drop a NaN, a sum does not.
    magnitudes += abs(correction[column].x) + abs(correction[column].y);
  }
  spread(4u);
  var size = 0.0;
  for (var j = 0u; j < COORDINATES; j++) {
    size = max(size, max(abs(scratch[j].x), abs(scratch[j].y)));
  }
  return vec4f(size, magnitudes, pivots);
}

// Gauss-Jordan elimination with partial pivoting, in place; smallest and largest squared pivot.
fn solve_newton_system() -> vec2f {
  var pivots = vec2f(3e38, 0.0);
  for (var column = 0u; column < VARIABLES; column++) {
    var pivot_row = column;
    var pivot_size = 0.0;
    for (var row = column; row < VARIABLES; row++) {
      let entry = newton_system[row * WIDTH + column];
      let size = dot(entry, entry);
      if (size > pivot_size) {
        pivot_size = size;
        pivot_row = row;
      }
    }
    pivots = vec2f(min(pivots.x, pivot_size), max(pivots.y, pivot_size));
    let pivot = newton_system[pivot_row * WIDTH + column];
    for (var k = column; k < WIDTH; k++) {
      let entry = complex_div(newton_system[pivot_row * WIDTH + k], pivot);
      newton_system[pivot_row * WIDTH + k] = newton_system[column * WIDTH + k];
      newton_system[column * WIDTH + k] = entry;
    }
    for (var row = 0u; row < VARIABLES; row++) {
      if (row != column) {
        let factor = newton_system[row * WIDTH + column];
        for (var k = column + 1u; k < WIDTH; k++) {
          newton_system[row * WIDTH + k] -= complex_mul(factor, newton_system[column * WIDTH + k]);
        }
      }
    }
  }
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
    // registers still hold the point; scratch the correction in full.
    for (var j = 0u; j < COORDINATES; j++) {
      base[j] = registers[j] - scratch[j];
    }
  }
  for (var column = 0u; column < VARIABLES; column++) {
    let corrected = displacement[column] - correction[column];
    if (proceed) {
      previous_tangent[column] = tangent[column];
      tangent[column] = new_tangent[column];
      previous_step[column] = corrected;
    }
    let predicted = tangent_weight * tangent[column]
      + previous_tangent_weight * previous_tangent[column]
      + previous_step_weight * previous_step[column];
    displacement[column] = select(corrected, predicted, moves);
  }
}
