// y with y^(b_i - a_i) = -c_(a_i) / c_(b_i) for all i, y_0 = 1: the zeros of the binomial system of a mixed cell.
// One invocation makes the start point of one path: its number gives the cell and the classes k_i (mixed radix), and
// y_j = (y_j of class 0) exp(2 pi i sum over i of k_i (E^-1)_ji), row i of E b_i - a_i, with exact fractions of a turn.
// path_ids: [paths]; start_table: first path of each cell [cells + 1] | how many classes k_i has [cells][n] |
//   (E^-1)_ji modulo 1 [cells][j][i]: numerator + 2^16 denominator;
// start_values: y of class 0 [cells][n]; state, control: see lib/path-state.wgsl, whose family member is the cell here.
// Needs 5 storage buffers.
// include: lib/path-state.wgsl

// Replaced by the host.
const VARIABLES = 1u;
const COORDINATES = 2u;
const CELLS = 1u;

const CLASSES = CELLS + 1u;
const TURNS = CLASSES + CELLS * VARIABLES;
const TWO_PI = 6.283185307179586;

@group(0) @binding(0) var<uniform> round: Round;
@group(0) @binding(1) var<storage, read_write> state: array<vec2f>;
@group(0) @binding(2) var<storage, read> path_ids: array<u32>;
@group(0) @binding(3) var<storage, read> start_table: array<u32>;
@group(0) @binding(4) var<storage, read> start_values: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> control: array<PathControl>;

@compute @workgroup_size(64)
fn start(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= round.paths) {
    return;
  }
  let number = path_ids[path];
  // The last cell whose first path is not above the number.
  var cell = 0u;
  var end = CELLS;
  while (end - cell > 1u) {
    let middle = (cell + end) / 2u;
    if (start_table[middle] <= number) {
      cell = middle;
    } else {
      end = middle;
    }
  }
  control[path].family_member = cell;
  for (var j = 0u; j < VARIABLES; j++) {
    var rest = number - start_table[cell];
    var turns = 0.0;
    for (var i = 0u; i < VARIABLES; i++) {
      let classes = start_table[CLASSES + cell * VARIABLES + i];
      let fraction = start_table[TURNS + (cell * VARIABLES + j) * VARIABLES + i];
      let denominator = fraction >> 16u;
      turns += f32(rest % classes % denominator * (fraction & 0xffffu) % denominator) / f32(denominator);
      rest /= classes;
    }
    let angle = TWO_PI * fract(turns);
    let direction = vec2f(cos(angle), sin(angle));
    let y = start_values[cell * VARIABLES + j];
    state[j * round.capacity + path] = vec2f(y.x * direction.x - y.y * direction.y, y.x * direction.y + y.y * direction.x);
  }
  for (var coordinate = VARIABLES; coordinate < COORDINATES; coordinate++) {
    state[coordinate * round.capacity + path] = vec2f(1.0, 0.0);
  }
}
