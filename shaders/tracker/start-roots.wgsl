// x_i = one of the d_i roots of a_i x^d_i + b_i = 0, x_0 = 1: the start points of G_i = a_i x_i^d_i + b_i x_0^d_i.
// One invocation makes the start point of one path: digit i of its id in mixed radix chooses root i.
// path_ids: [paths]; start_table: degrees [n]; start_values: roots [sum of degrees]; state: see lib/path-state.wgsl.
// Needs 4 storage buffers.
// include: lib/path-state.wgsl

// Replaced by the host.
const VARIABLES = 1u;
const COORDINATES = 2u;

@group(0) @binding(0) var<uniform> round: Round;
@group(0) @binding(1) var<storage, read_write> state: array<vec2f>;
@group(0) @binding(2) var<storage, read> path_ids: array<u32>;
@group(0) @binding(3) var<storage, read> start_table: array<u32>;
@group(0) @binding(4) var<storage, read> start_values: array<vec2f>;

@compute @workgroup_size(64)
fn start(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= round.paths) {
    return;
  }
  var rest = path_ids[path];
  var first_root = 0u;
  for (var variable = 0u; variable < VARIABLES; variable++) {
    let degree = start_table[variable];
    state[variable * round.capacity + path] = start_values[first_root + rest % degree];
    rest /= degree;
    first_root += degree;
  }
  for (var coordinate = VARIABLES; coordinate < COORDINATES; coordinate++) {
    state[coordinate * round.capacity + path] = vec2f(1.0, 0.0);
  }
}
