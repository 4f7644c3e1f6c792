// s = 1, first step, no history: x(1) is set by a start kernel or by the host.
// One invocation makes one path ready and puts it into the queue.
// state, control, queue: see lib/path-state.wgsl; family_members: [paths].
// Needs 5 storage buffers.
// include: lib/path-state.wgsl

// Replaced by the host: complex numbers of the base point, and of the whole state, per path.
const COORDINATES = 1u;
const VECTORS = 5u;

@group(0) @binding(0) var<uniform> round: Round;
@group(0) @binding(1) var<storage, read_write> state: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> control: array<PathControl>;
@group(0) @binding(3) var<storage, read_write> queue: array<u32>;
@group(0) @binding(4) var<storage, read> family_members: array<u32>;

@compute @workgroup_size(64)
fn begin(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= round.paths) {
    return;
  }
  for (var vector = COORDINATES; vector < VECTORS; vector++) {
    state[vector * round.capacity + path] = vec2f(0.0, 0.0);
  }
  var fresh: PathControl;
  fresh.s = 1.0;
  fresh.base_s = 1.0;
  fresh.step = round.first_step;
  fresh.family_member = family_members[path];
  control[path] = fresh;
  queue[path] = path;
}
