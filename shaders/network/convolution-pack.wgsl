// packed[i] = parameters[place[i]], 0 where place[i] is NOWHERE
// Weights in the order in which the tiles of a convolution read them. One invocation makes one float of one replica.
// places: floats of the replica's block; parameters: [replica][block]; packed: [replica][i].
// Grid: i over x and y, replicas. Needs 3 storage buffers.

struct Pack {
  count: u32,
  // Invocations of one row of the grid.
  grid_row: u32,
  parameter_replica: u32,
}

@group(0) @binding(0) var<uniform> pack: Pack;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> packed: array<f32>;

const NOWHERE = 0xffffffffu;

@compute @workgroup_size(64)
fn pack_weights(@builtin(global_invocation_id) id: vec3u) {
  let index = id.y * pack.grid_row + id.x;
  if (index >= pack.count) {
    return;
  }
  let place = places[index];
  var value = 0.0;
  if (place != NOWHERE) {
    value = parameters[id.z * pack.parameter_replica + place];
  }
  packed[id.z * pack.count + index] = value;
}
