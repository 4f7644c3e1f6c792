// x <- x - J^-1 F(x): Newton's method at s = 0 in mixed precision for the paths that arrived.
// One invocation refines one end point: residuals in double-single arithmetic (48 bits), Jacobian and its LU
// decomposition with partial pivoting once in f32, three corrections (each adds about six digits).
// An end point that does not converge is handed over: its status in `control` is changed.
// records: as `collect` writes them; corrections: [paths][2 N] (high, low), to be added to a record's
// coordinates; refine_table: see src/homotopy/gpu/program-tables.ts; refine_coefficients: [family member][data]
// (re high, re low, im high, im low).
// Needs 5 storage buffers and the bind group of the arithmetic.
// include: lib/path-state.wgsl
// include: lib/double-single.wgsl

// Replaced by the host: sizes of the system and its program, and where the parts of refine_table begin.
const VARIABLES = 1u;
const COORDINATES = 2u;
const GROUPS = 1u;
const INSTRUCTIONS = 0u;
const REGISTERS = 7u;
const INSTRUCTIONS_AT = 0u;
const TERMS_AT = 0u;
const JACOBIAN_AT = 0u;
const VALUES_AT = 0u;
const RULES_AT = 0u;
const GROUP_OF_AT = 0u;
// vec4f of refine_coefficients per family member.
const TARGET_VECTORS = 1u;

const HEADER = 5u;
const RECORD = HEADER + 2u * COORDINATES;
const ONE = COORDINATES;
const ZERO = COORDINATES + 1u;
const NEGATIVE = 0x80000000u;
const SQUARE = VARIABLES * VARIABLES;
const CORRECTIONS = 3u;
// The first correction is the f32 end point's error; the last must show that the digits are there.
const LARGEST_FIRST = 1e-3;
const LARGEST_LAST = 1e-11;
const NEAR_SINGULAR = 1e-6;

@group(0) @binding(0) var<uniform> round: Round;
@group(0) @binding(1) var<storage, read_write> control: array<PathControl>;
@group(0) @binding(2) var<storage, read> records: array<u32>;
@group(0) @binding(3) var<storage, read_write> corrections: array<vec2f>;
@group(0) @binding(4) var<storage, read> refine_table: array<u32>;
@group(0) @binding(5) var<storage, read> refine_coefficients: array<vec4f>;

var<private> registers: array<vec4f, REGISTERS>;

// Double-single complex numbers: (re high, re low, im high, im low).
fn dsc_mul(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(
    ds_sub(ds_mul(a.xy, b.xy), ds_mul(a.zw, b.zw)),
    ds_add(ds_mul(a.xy, b.zw), ds_mul(a.zw, b.xy)),
  );
}

fn dsc_add(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(ds_add(a.xy, b.xy), ds_add(a.zw, b.zw));
}

fn operand(place: u32, first: u32) -> vec4f {
  if (place < REGISTERS) {
    return registers[place];
  }
  return refine_coefficients[first + refine_table[RULES_AT + 2u * (place - REGISTERS)]];
}

// F and its Jacobian at the point in `registers`.
fn run_program(first: u32) {
  var term = 0u;
  for (var k = 0u; k < INSTRUCTIONS; k++) {
    let place = INSTRUCTIONS_AT + 4u * k;
    let end = refine_table[place + 1u];
    var sum = vec4f(0.0, 0.0, 0.0, 0.0);
    for (; term < end; term++) {
      let left = refine_table[TERMS_AT + 2u * term];
      let right = refine_table[TERMS_AT + 2u * term + 1u];
      var product = operand(left & ~NEGATIVE, first);
      if (right != ONE) {
        product = dsc_mul(product, operand(right, first));
      }
      sum = dsc_add(sum, select(product, -product, (left & NEGATIVE) != 0u));
    }
    let factor = vec2f(bitcast<f32>(refine_table[place + 2u]), bitcast<f32>(refine_table[place + 3u]));
    if (factor.x != 1.0) {
      sum = vec4f(ds_mul(factor, sum.xy), ds_mul(factor, sum.zw));
    }
    registers[refine_table[place]] = sum;
  }
}

fn complex_mul(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn complex_div(a: vec2f, b: vec2f) -> vec2f {
  return complex_mul(a, vec2f(b.x, -b.y)) / dot(b, b);
}

@compute @workgroup_size(64)
fn refine(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= round.paths) {
    return;
  }
  let record = path * RECORD;
  if (records[record] != ARRIVED) {
    return;
  }
  let first_coefficient = control[path].family_member * TARGET_VECTORS;
  // Column of the Newton system of each coordinate; VARIABLES for the fixed one (exactly 1) of its group.
  var column_of: array<u32, COORDINATES>;
  var fixed_seen: array<u32, GROUPS>;
  var columns = 0u;
  for (var j = 0u; j < COORDINATES; j++) {
    let re = bitcast<f32>(records[record + HEADER + 2u * j]);
    let im = bitcast<f32>(records[record + HEADER + 2u * j + 1u]);
    registers[j] = vec4f(re, 0.0, im, 0.0);
    let group = refine_table[GROUP_OF_AT + j];
    if (re == 1.0 && im == 0.0 && fixed_seen[group] == 0u) {
      fixed_seen[group] = 1u;
      column_of[j] = VARIABLES;
    } else {
      // A group whose largest coordinate is not exactly 1 cannot occur; clamped so that it could not write elsewhere.
      column_of[j] = min(columns, VARIABLES - 1u);
      columns++;
    }
  }
  registers[ONE] = vec4f(1.0, 0.0, 0.0, 0.0);
  registers[ZERO] = vec4f(0.0, 0.0, 0.0, 0.0);

  var jacobian: array<vec2f, SQUARE>;
  var residual: array<vec2f, VARIABLES>;
  var row_order: array<u32, VARIABLES>;
  var pivot_ratio = 0.0;
  var size = 0.0;
  var converges = true;
  for (var k = 0u; k < CORRECTIONS; k++) {
    run_program(first_coefficient);
    for (var i = 0u; i < VARIABLES; i++) {
      residual[i] = operand(refine_table[VALUES_AT + i], first_coefficient).xz;
    }
    if (k == 0u) {
      pivot_ratio = decompose(first_coefficient, &column_of, &jacobian, &row_order);
    }
    let before = size;
    size = 0.0;
    // Forward and back substitution with the rows in pivot order.
    var solution: array<vec2f, VARIABLES>;
    for (var i = 0u; i < VARIABLES; i++) {
      var sum = residual[row_order[i]];
      for (var j = 0u; j < i; j++) {
        sum -= complex_mul(jacobian[row_order[i] * VARIABLES + j], solution[j]);
      }
      solution[i] = sum;
    }
    for (var i = VARIABLES; i > 0u; i--) {
      let row = row_order[i - 1u] * VARIABLES;
      var sum = solution[i - 1u];
      for (var j = i; j < VARIABLES; j++) {
        sum -= complex_mul(jacobian[row + j], solution[j]);
      }
      solution[i - 1u] = complex_div(sum, jacobian[row + i - 1u]);
      size = max(size, max(abs(solution[i - 1u].x), abs(solution[i - 1u].y)));
    }
    for (var j = 0u; j < COORDINATES; j++) {
      if (column_of[j] < VARIABLES) {
        let change = solution[column_of[j]];
        registers[j] = dsc_add(registers[j], vec4f(-change.x, 0.0, -change.y, 0.0));
      }
    }
    // NaN fails both comparisons.
    converges = converges && select(size < 0.25 * before || size < LARGEST_LAST, size < LARGEST_FIRST, k == 0u);
  }
  if (!(converges && size < LARGEST_LAST && pivot_ratio > NEAR_SINGULAR)) {
    control[path].status = select(FAILED, HAND_OVER, control[path].base_s <= round.end_s);
  }
  control[path].pivot_ratio = pivot_ratio;
  for (var j = 0u; j < COORDINATES; j++) {
    let re = bitcast<f32>(records[record + HEADER + 2u * j]);
    let im = bitcast<f32>(records[record + HEADER + 2u * j + 1u]);
    let place = 2u * (path * COORDINATES + j);
    corrections[place] = ds_sub(registers[j].xy, vec2f(re, 0.0));
    corrections[place + 1u] = ds_sub(registers[j].zw, vec2f(im, 0.0));
  }
}

// Jacobian from the registers' high parts, then LU with partial pivoting in place; returns smallest / largest pivot.
fn decompose(
  first_coefficient: u32,
  column_of: ptr<function, array<u32, COORDINATES>>,
  jacobian: ptr<function, array<vec2f, SQUARE>>,
  row_order: ptr<function, array<u32, VARIABLES>>,
) -> f32 {
  for (var i = 0u; i < VARIABLES; i++) {
    (*row_order)[i] = i;
    for (var j = 0u; j < COORDINATES; j++) {
      let column = (*column_of)[j];
      if (column < VARIABLES) {
        (*jacobian)[i * VARIABLES + column] = operand(refine_table[JACOBIAN_AT + i * COORDINATES + j], first_coefficient).xz;
      }
    }
  }
  var smallest = 3e38;
  var largest = 0.0;
  for (var k = 0u; k < VARIABLES; k++) {
    var best = k;
    var best_size = -1.0;
    for (var i = k; i < VARIABLES; i++) {
      let entry = (*jacobian)[(*row_order)[i] * VARIABLES + k];
      let entry_size = dot(entry, entry);
      if (entry_size > best_size) {
        best = i;
        best_size = entry_size;
      }
    }
    let pivot_row = (*row_order)[best];
    (*row_order)[best] = (*row_order)[k];
    (*row_order)[k] = pivot_row;
    smallest = min(smallest, best_size);
    largest = max(largest, best_size);
    let pivot = (*jacobian)[pivot_row * VARIABLES + k];
    for (var i = k + 1u; i < VARIABLES; i++) {
      let row = (*row_order)[i] * VARIABLES;
      let factor = complex_div((*jacobian)[row + k], pivot);
      (*jacobian)[row + k] = factor;
      for (var j = k + 1u; j < VARIABLES; j++) {
        (*jacobian)[row + j] -= complex_mul(factor, (*jacobian)[pivot_row * VARIABLES + j]);
      }
    }
  }
  return sqrt(smallest / largest);
}
