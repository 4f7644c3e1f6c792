// L_1j1 = ... = L_njn = 0, x_0 = 1: the start point where one chosen linear factor of every equation vanishes.
// One invocation makes one start point: it walks the graph of choices down to its id, gathers the
// n chosen forms and solves them by Gaussian elimination with partial pivoting.
// path_ids: [paths]; start_table: order [n] | edge begin [nodes + 1] | (child, factor, first id) [edges] |
//   first form of each equation [n] | forms [forms][n]: index of the variable's coefficient + 1, or 0 |
//   index of each form's constant [forms];
// start_values: the coefficients of gamma G; state: see lib/path-state.wgsl.
// Needs 4 storage buffers.
// include: lib/path-state.wgsl

// Replaced by the host: sizes, and where the parts of start_table begin.
const VARIABLES = 1u;
const COORDINATES = 2u;
const NODES = 0u;
const EDGES = 0u;
const FIRST_FORMS = 0u;
const FORMS = 0u;
const FORM_CONSTANTS = 0u;
// One row of the linear system: n coefficients and the right side.
const WIDTH = VARIABLES + 1u;

@group(0) @binding(0) var<uniform> round: Round;
@group(0) @binding(1) var<storage, read_write> state: array<vec2f>;
@group(0) @binding(2) var<storage, read> path_ids: array<u32>;
@group(0) @binding(3) var<storage, read> start_table: array<u32>;
@group(0) @binding(4) var<storage, read> start_values: array<vec2f>;

fn complex_mul(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn complex_div(a: vec2f, b: vec2f) -> vec2f {
  return complex_mul(a, vec2f(b.x, -b.y)) / dot(b, b);
}

@compute @workgroup_size(64)
fn start(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= round.paths) {
    return;
  }
  var rows: array<vec2f, VARIABLES * WIDTH>;
  var rest = path_ids[path];
  var node = 0u;
  for (var level = 0u; level < VARIABLES; level++) {
    let equation = start_table[level];
    // The last edge whose first id is not above the rest.
    var edge = start_table[NODES + node];
    var end = start_table[NODES + node + 1u];
    while (end - edge > 1u) {
      let middle = (edge + end) / 2u;
      if (start_table[EDGES + 3u * middle + 2u] <= rest) {
        edge = middle;
      } else {
        end = middle;
      }
    }
    let form = start_table[FIRST_FORMS + equation] + start_table[EDGES + 3u * edge + 1u];
    rest -= start_table[EDGES + 3u * edge + 2u];
    node = start_table[EDGES + 3u * edge];
    for (var variable = 0u; variable < VARIABLES; variable++) {
      let coefficient = start_table[FORMS + form * VARIABLES + variable];
      rows[level * WIDTH + variable] = select(vec2f(0.0, 0.0), start_values[max(coefficient, 1u) - 1u], coefficient > 0u);
    }
    rows[level * WIDTH + VARIABLES] = -start_values[start_table[FORM_CONSTANTS + form]];
  }
  for (var column = 0u; column < VARIABLES; column++) {
    var pivot_row = column;
    var pivot_size = 0.0;
    for (var row = column; row < VARIABLES; row++) {
      let entry = rows[row * WIDTH + column];
      let size = dot(entry, entry);
      if (size > pivot_size) {
        pivot_size = size;
        pivot_row = row;
      }
    }
    let pivot = rows[pivot_row * WIDTH + column];
    for (var k = column; k < WIDTH; k++) {
      let entry = complex_div(rows[pivot_row * WIDTH + k], pivot);
      rows[pivot_row * WIDTH + k] = rows[column * WIDTH + k];
      rows[column * WIDTH + k] = entry;
    }
    for (var row = 0u; row < VARIABLES; row++) {
      if (row != column) {
        let factor = rows[row * WIDTH + column];
        for (var k = column + 1u; k < WIDTH; k++) {
          rows[row * WIDTH + k] -= complex_mul(factor, rows[column * WIDTH + k]);
        }
      }
    }
  }
  for (var variable = 0u; variable < VARIABLES; variable++) {
    state[variable * round.capacity + path] = rows[variable * WIDTH + VARIABLES];
  }
  for (var coordinate = VARIABLES; coordinate < COORDINATES; coordinate++) {
    state[coordinate * round.capacity + path] = vec2f(1.0, 0.0);
  }
}
