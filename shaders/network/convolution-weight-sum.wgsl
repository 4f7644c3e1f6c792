// gradient[place[i]] = sum over parts p of partials[p][i], in the order of p
// Adds up what convolution-weight-gradient.wgsl left, the same way in every run. One invocation makes one float of one
// replica. places: floats of the replica's block or NOWHERE; partials: [replica][part][i]; gradients: [replica][block].
// Grid: i over x and y, replicas. Needs 3 storage buffers.

struct WeightSum {
  count: u32,
  // Invocations of one row of the grid.
  grid_row: u32,
  parts: u32,
  gradient_replica: u32,
}

@group(0) @binding(0) var<uniform> shape: WeightSum;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> partials: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradients: array<f32>;

const NOWHERE = 0xffffffffu;

@compute @workgroup_size(64)
fn sum_parts(@builtin(global_invocation_id) id: vec3u) {
  let index = id.y * shape.grid_row + id.x;
  if (index >= shape.count) {
    return;
  }
  let place = places[index];
  if (place == NOWHERE) {
    return;
  }
  var sum = 0.0;
  var place_in = id.z * shape.parts * shape.count + index;
  for (var part = 0u; part < shape.parts; part++) {
    sum += partials[place_in];
    place_in += shape.count;
  }
  gradients[id.z * shape.gradient_replica + place] = sum;
}
