// H, its Jacobian and -dH/ds at a point, and Newton's correction and the tangent: the program and the elimination of the
// endgame, in the numbers of lib/end-double.wgsl, end-triple.wgsl or end-quad.wgsl.
// Of the kernel: end_system, end_table, end_coefficients (their layout: src/homotopy/gpu/endgame-tables.ts), the constants
// MOST_VARIABLES, MOST_REGISTERS, MOST_POINTS and FAMILY, first_coefficient, and is_fixed, which says what coordinates are
// 1 in their charts.

const MOST_ENTRIES = MOST_VARIABLES * (MOST_VARIABLES + 2u);
const LN_2 = vec2f(0.6931472, -1.9046542e-9);
const NEGATIVE = 0x80000000u;
// Exponent of 0.
const NOTHING = -0x100000;
// What `binary_exponent` says of 0.
const NO_EXPONENT = -127;

// x = mantissa 2^exponent, the larger part of a mantissa in [1, 2): next to infinity products of small coordinates leave f32's range.
var<private> registers: array<Number, MOST_REGISTERS>;
var<private> exponents: array<i32, MOST_REGISTERS>;
// n rows: end_system.variables columns, then the value of H and -dH/ds, later correction and tangent. Rows stay, row_order moves.
var<private> newton_system: array<Number, MOST_ENTRIES>;
var<private> row_order: array<u32, MOST_VARIABLES>;
// H in f32.
var<private> values: array<vec2f, MOST_VARIABLES>;
var<private> points: array<Number, MOST_POINTS + 1u>;

// 2^exponent; 0 where that is not in f32's range.
fn power_of_two(exponent: i32) -> f32 {
  return select(bitcast<f32>(u32(clamp(exponent, -126, 127) + 127) << 23u), 0.0, exponent < -126);
}

// Of the larger part.
fn binary_exponent(x: Number) -> i32 {
  return i32(bitcast<u32>(max(abs(x[0].x), abs(x[1].x))) >> 23u) + NO_EXPONENT;
}

// x 2^exponent.
fn set_register(place: u32, x: Number, exponent: i32) {
  let own = binary_exponent(x);
  registers[place] = x * power_of_two(-own);
  exponents[place] = select(exponent + own, NOTHING, own == NO_EXPONENT);
}

// ---- H, its Jacobian and -dH/ds ----

// The coefficient at tau by de Casteljau's algorithm, or its slope there.
fn moving_coefficient(index: u32, slope: bool) -> Number {
  let begin = first_coefficient + end_table[end_system.rules_at + 2u * index];
  let degree = end_table[end_system.rules_at + 2u * index + 1u];
  if (FAMILY == 0u || degree == 0u) {
    return coefficient_at(begin);
  }
  for (var power = 0u; power <= degree; power++) {
    points[power] = coefficient_at(begin + power);
  }
  for (var level = degree; level > 0u; level--) {
    if (level == 1u && slope) {
      return number_add(points[1], negated(points[0])) * f32(degree);
    }
    for (var power = 0u; power < level; power++) {
      points[power] = number_add(number_mul(points[power], registers[end_system.coordinates + 4u]), number_mul(points[power + 1u], registers[(end_system.coordinates + 2u)]));
    }
  }
  return points[0];
}

// A number is `operand` 2^`operand_exponent`.
fn operand_exponent(place: u32) -> i32 {
  return select(0, exponents[min(place, MOST_REGISTERS - 1u)], place < end_system.registers);
}

fn operand(place: u32) -> Number {
  if (place < end_system.registers) {
    return registers[place];
  }
  let index = place - end_system.registers;
  if (index >= end_system.coefficients + end_system.slopes) {
    return coefficient_at(index - end_system.coefficients - end_system.slopes);
  }
  let slope = index >= end_system.coefficients;
  return moving_coefficient(select(index, end_table[end_system.moving_at + index - select(0u, end_system.coefficients, slope)], slope), slope);
}

// exp(x), -80 <= x <= 0: an s whose logarithm has only f32's digits would be as far from the prediction as tiny coordinates are from 0.
fn ds_exp(x: vec2f) -> vec2f {
  let power = round(x.x / LN_2.x);
  // Taylor's polynomial at an eighth of what is left, squared three times.
  let rest = 0.125 * ds_add(x, ds_mul_f32(LN_2, -power));
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
fn set_step(s: Number) {
  registers[end_system.coordinates] = number_from(vec2f(1.0, 0.0));
  registers[(end_system.coordinates + 1u)] = Number();
  exponents[end_system.coordinates + 1u] = NOTHING;
  let rest = number_add(number_from(vec2f(1.0, 0.0)), negated(s));
  if (FAMILY == 1u) {
    let gamma = coefficient_at(0u);
    let inverse = number_reciprocal(number_add(rest, number_mul(gamma, s)));
    let quotient = number_mul(gamma, inverse);
    registers[(end_system.coordinates + 2u)] = number_mul(quotient, s);
    registers[end_system.coordinates + 3u] = negated(number_mul(quotient, inverse));
    registers[end_system.coordinates + 4u] = number_mul(rest, inverse);
  } else {
    let scale = number_reciprocal(rest);
    let exponent = binary_exponent(s);
    set_register(end_system.coordinates + 2u, number_mul(scale, s * power_of_two(-exponent)), exponent);
    registers[end_system.coordinates + 3u] = scale;
  }
}

// The program at the point in `registers`.
fn run_program() {
  var term = 0u;
  for (var k = 0u; k < end_system.instructions; k++) {
    let place = end_system.instructions_at + 4u * k;
    let end = end_table[place + 1u];
    var sum = Number();
    var exponent = 2 * NOTHING;
    for (; term < end; term++) {
      let left = end_table[end_system.terms_at + 2u * term];
      let right = end_table[end_system.terms_at + 2u * term + 1u];
      var product = operand(left & ~NEGATIVE);
      if (right != end_system.coordinates) {
        product = number_mul(product, operand(right));
      }
      let of_product = operand_exponent(left & ~NEGATIVE) + operand_exponent(right);
      let top = max(exponent, of_product);
      let scale = power_of_two(of_product - top);
      sum = number_add(sum * power_of_two(exponent - top), product * select(scale, -scale, (left & NEGATIVE) != 0u));
      exponent = top;
    }
    let factor = vec2f(bitcast<f32>(end_table[place + 2u]), bitcast<f32>(end_table[place + 3u]));
    if (factor.x != 1.0) {
      sum = number_scaled(sum, factor);
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
        values[i] = lead(entry) * power_of_two(exponent);
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
      let entry = abs(lead(newton_system[row_order[i] + k]));
      let entry_size = max(entry.x, entry.y);
      if (entry_size > best_size) {
        best = i;
        best_size = entry_size;
      }
    }
    let pivot_row = row_order[best];
    row_order[best] = row_order[k];
    row_order[k] = pivot_row;
    let pivot = newton_system[pivot_row + k];
    let pivot_size = size_of(lead(pivot));
    smallest = min(smallest, pivot_size);
    largest = max(largest, pivot_size);
    let inverse = number_reciprocal(pivot);
    newton_system[pivot_row + k] = inverse;
    for (var i = k + 1u; i < end_system.variables; i++) {
      let row = row_order[i];
      let factor = negated(number_mul(newton_system[row + k], inverse));
      if (any(lead(factor) != vec2f(0.0, 0.0))) {
        for (var j = k + 1u; j < (end_system.variables + 2u); j++) {
          newton_system[row + j] = number_add(newton_system[row + j], number_mul(factor, newton_system[pivot_row + j]));
        }
      }
    }
  }
  for (var side = end_system.variables; side < (end_system.variables + 2u); side++) {
    for (var k = end_system.variables; k > 0u; k--) {
      let row = row_order[k - 1u];
      var sum = newton_system[row + side];
      for (var j = k; j < end_system.variables; j++) {
        sum = number_add(sum, negated(number_mul(newton_system[row + j], newton_system[row_order[j] + side])));
      }
      newton_system[row + side] = number_mul(sum, newton_system[row + k - 1u]);
    }
  }
  return select(0.0, smallest / largest, largest > 0.0);
}
