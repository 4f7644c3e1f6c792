// The parts of shaders/tracker/track.wgsl for systems whose straight-line code would compile for too long: the
// same mathematics (src/homotopy/gpu/emit-*.ts) in loops over tables, with partial pivoting because a loop can.
// One invocation works on one path; its vectors are private arrays, slow on a software adapter (30 to 80 times).
// system_table: see src/homotopy/gpu/system-tables.ts; coefficients as in track.wgsl.
// Limits: those of track.wgsl and one storage buffer more.

// include: lib/table-chart.wgsl

// Replaced by the generator: sizes, kinds, and where the parts of system_table begin.
const VARIABLES = 1u;
const COORDINATES = 2u;
const PRODUCTS = 0u;
const ENTRIES = 0u;
const GROUPS = 1u;
// 1: coefficients of the target are real.
const REAL_TARGET = 0u;
// 0: univariate start, 1: product of linear forms, 2: another member of the family.
const START_KIND = 0u;
// vec4f per family member.
const TARGET_VECTORS = 1u;
const PRODUCTS_AT = 0u;
const ENTRIES_AT = 0u;
const TERMS_AT = 0u;
const VALUES_AT = 0u;
const GROUPS_AT = 0u;
const MEMBERS_AT = 0u;
const STARTS_AT = 0u;
const FACTORS_AT = 0u;
const FACTOR_MEMBERS_AT = 0u;

@group(0) @binding(7) var<storage, read> system_table: array<u32>;

const REGISTERS = COORDINATES + PRODUCTS + 1u;
const WIDTH = VARIABLES + 2u;
const SYSTEM = VARIABLES * WIDTH;
const ROWS = VARIABLES * COORDINATES;
const MOST_FACTORS = 64u;
const VALUE_IS_SUM = 0xffffffffu;

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
var<private> rows: array<vec2f, ROWS>;
var<private> row_value: array<vec2f, VARIABLES>;
var<private> row_derivative: array<vec2f, VARIABLES>;
// n rows of the Newton system: VARIABLES columns and two right sides.
var<private> newton_system: array<vec2f, SYSTEM>;
var<private> scratch: array<vec2f, COORDINATES>;

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

// Coefficient codes: 0 is +1, 1 is -1, k + 2 the derived coefficient k. For families blended at s, or (difference)
// start minus target.
fn coefficient_of(code: u32, first: u32, s: f32, difference: bool) -> vec2f {
  if (code < 2u) {
    return vec2f(select(1.0, -1.0, code == 1u), 0.0);
  }
  let target_value = target_coefficient(code - 2u, first);
  if (START_KIND != 2u) {
    return target_value;
  }
  let change = start_coefficient(code - 2u) - target_value;
  return select(target_value + s * change, change, difference);
}

fn sum_of_terms(begin: u32, end: u32, first: u32, s: f32, difference: bool) -> vec2f {
  var sum = vec2f(0.0, 0.0);
  for (var term = begin; term < end; term++) {
    let coefficient = coefficient_of(system_table[TERMS_AT + 2u * term], first, s, difference);
    sum += complex_mul(coefficient, registers[system_table[TERMS_AT + 2u * term + 1u]]);
  }
  return sum;
}

fn power(x: vec2f, exponent: u32) -> vec2f {
  var result = vec2f(1.0, 0.0);
  for (var k = 0u; k < exponent; k++) {
    result = complex_mul(result, x);
  }
  return result;
}

// Linear factor of the start system at the point in `registers`.
fn form_value(factor: u32) -> vec2f {
  let place = FACTORS_AT + 3u * factor;
  let members = system_table[place + 1u];
  let count = system_table[place + 2u];
  var sum = vec2f(0.0, 0.0);
  for (var k = 0u; k < count; k++) {
    sum += complex_mul(start_coefficient(system_table[place] + k), registers[system_table[FACTOR_MEMBERS_AT + members + k]]);
  }
  return sum;
}

// Adds sigma dG_i to the row i and returns G_i.
fn add_start(i: u32, sigma: f32) -> vec2f {
  if (START_KIND == 0u) {
    let degree = system_table[STARTS_AT + 2u * i];
    let homogenising = system_table[STARTS_AT + 2u * i + 1u];
    let x = complex_mul(start_coefficient(2u * i), power(registers[i], degree - 1u));
    let one = complex_mul(start_coefficient(2u * i + 1u), power(registers[homogenising], degree - 1u));
    rows[i * COORDINATES + i] += sigma * f32(degree) * x;
    rows[i * COORDINATES + homogenising] += sigma * f32(degree) * one;
    return complex_mul(x, registers[i]) + complex_mul(one, registers[homogenising]);
  }
  let begin = system_table[STARTS_AT + i];
  let end = system_table[STARTS_AT + i + 1u];
  // suffix[k]: product of the forms after the k-th.
  var forms: array<vec2f, MOST_FACTORS>;
  var suffix: array<vec2f, MOST_FACTORS>;
  var product = vec2f(1.0, 0.0);
  for (var factor = end; factor > begin; factor--) {
    forms[factor - 1u - begin] = form_value(factor - 1u);
    suffix[factor - 1u - begin] = product;
    product = complex_mul(product, forms[factor - 1u - begin]);
  }
  var prefix = vec2f(1.0, 0.0);
  for (var factor = begin; factor < end; factor++) {
    let others = complex_mul(prefix, suffix[factor - begin]);
    prefix = complex_mul(prefix, forms[factor - begin]);
    let place = FACTORS_AT + 3u * factor;
    let members = system_table[place + 1u];
    let count = system_table[place + 2u];
    for (var k = 0u; k < count; k++) {
      let coefficient = start_coefficient(system_table[place] + k);
      rows[i * COORDINATES + system_table[FACTOR_MEMBERS_AT + members + k]] += sigma * complex_mul(coefficient, others);
    }
  }
  return product;
}

// One Newton iteration: (correction size, sum of magnitudes of the tangent, smallest and largest squared pivot).
fn newton_iteration(s: f32, sigma: f32, scale: f32, family_member: u32) -> vec4f {
  let first = family_member * TARGET_VECTORS;
  spread(0u);
  for (var j = 0u; j < COORDINATES; j++) {
    registers[j] = base[j] + scratch[j];
  }
  for (var p = 0u; p < PRODUCTS; p++) {
    let left = registers[system_table[PRODUCTS_AT + 2u * p]];
    registers[COORDINATES + p] = complex_mul(left, registers[system_table[PRODUCTS_AT + 2u * p + 1u]]);
  }
  registers[REGISTERS - 1u] = vec2f(1.0, 0.0);
  for (var k = 0u; k < ROWS; k++) {
    rows[k] = vec2f(0.0, 0.0);
  }
  for (var entry = 0u; entry < ENTRIES; entry++) {
    let place = ENTRIES_AT + 4u * entry;
    rows[system_table[place] * COORDINATES + system_table[place + 1u]] =
      sum_of_terms(system_table[place + 2u], system_table[place + 3u], first, s, false);
  }
  for (var i = 0u; i < VARIABLES; i++) {
    let place = VALUES_AT + 4u * i;
    let begin = system_table[place + 2u];
    let end = system_table[place + 3u];
    var value = vec2f(0.0, 0.0);
    if (system_table[place] == VALUE_IS_SUM) {
      value = sum_of_terms(begin, end, first, s, false);
    } else {
      // Euler: degree * F = sum of x_j dF/dx_j over one group.
      let group = system_table[place];
      for (var member = system_table[GROUPS_AT + group]; member < system_table[GROUPS_AT + group + 1u]; member++) {
        let j = system_table[MEMBERS_AT + member];
        value += complex_mul(registers[j], rows[i * COORDINATES + j]);
      }
      value /= f32(system_table[place + 1u]);
    }
    if (START_KIND == 2u) {
      row_derivative[i] = -sum_of_terms(begin, end, first, s, true);
      row_value[i] = value;
    } else {
      let start_value = add_start(i, sigma);
      row_derivative[i] = scale * (value - start_value);
      row_value[i] = value + sigma * start_value;
    }
  }
  // J C, and the right sides.
  for (var i = 0u; i < VARIABLES; i++) {
    var column = 0u;
    for (var group = 0u; group < GROUPS; group++) {
      let end = system_table[GROUPS_AT + group + 1u];
      for (var member = system_table[GROUPS_AT + group]; member + 1u < end; member++) {
        newton_system[i * WIDTH + column] = rows[i * COORDINATES + system_table[MEMBERS_AT + member]]
          - signs[column] * rows[i * COORDINATES + system_table[MEMBERS_AT + member + 1u]];
        column++;
      }
    }
    newton_system[i * WIDTH + VARIABLES] = row_value[i];
    newton_system[i * WIDTH + VARIABLES + 1u] = row_derivative[i];
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
