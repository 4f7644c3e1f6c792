// T = F W^T: the anchors' features on the directions of a layer, W from semi-orthogonal Q and Q' with
// W_2i = sqrt(1 - s) Q_i + sqrt(s) Q'_i, W_2i+1 = -sqrt(1 - s) Q_i + sqrt(s) Q'_i for paired channels, else W = Q.
// compose: one invocation makes one entry of W. project: one invocation projects one anchor on a tile of directions.
// vectors: [replica][matrix][short side][vector stride], see haar.wgsl; directions: [replica][direction][input];
// features: [replica][anchor][input stride]; projections: [replica][anchor][direction].
// The grid is one row of workgroups, any length. Needs 4 storage buffers.
// include: lib/lps-layer.wgsl

@group(0) @binding(0) var<uniform> layer: LpsLayer;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> features: array<f32>;
@group(0) @binding(3) var<storage, read_write> directions: array<f32>;
@group(0) @binding(4) var<storage, read_write> projections: array<f32>;

fn semi_orthogonal(replica: u32, matrix: u32, row: u32, column: u32) -> f32 {
  let start = (replica * layer.matrices + matrix) * layer.short_side;
  if (layer.tall == 1u) {
    return vectors[(start + column) * layer.vector_stride + row];
  }
  return vectors[(start + row) * layer.vector_stride + column];
}

@compute @workgroup_size(WORKGROUP)
fn compose(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let per_replica = layer.directions * layer.inputs;
  for (var item = id.x; item < layer.replica_count * per_replica; item += grid.x * WORKGROUP) {
    let replica = item / per_replica;
    let row = (item % per_replica) / layer.inputs;
    let column = item % layer.inputs;
    if (layer.paired_channels == 0u) {
      let entry = semi_orthogonal(replica, 0u, row, column);
      // Of a single input only signs are wanted.
      let sign = select(1.0, -1.0, entry < 0.0);
      directions[item] = select(layer.direction_scale * entry, sign, layer.inputs == 1u);
      continue;
    }
    let channel = column / layer.cells;
    let source = (channel / 2u) * layer.cells + column % layer.cells;
    let difference = semi_orthogonal(replica, 0u, row, source);
    if (channel == layer.paired_channels - 1u && channel % 2u == 0u) {
      let sign = select(1.0, -1.0, difference < 0.0);
      directions[item] = select(layer.direction_scale * difference, sign, layer.inputs == 1u);
      continue;
    }
    let sum = semi_orthogonal(replica, 1u, row, source);
    let share = select(layer.difference_share, -layer.difference_share, channel % 2u == 1u);
    directions[item] = layer.direction_scale * (share * difference + layer.sum_share * sum);
  }
}

@compute @workgroup_size(WORKGROUP)
fn project(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let tiles = (layer.directions + layer.tile - 1u) / layer.tile;
  let rows = layer.replica_count * layer.anchors;
  for (var item = id.x; item < rows * tiles; item += grid.x * WORKGROUP) {
    let row = item / tiles;
    let replica = row / layer.anchors;
    let feature = replica * layer.input_replica_stride + (row - replica * layer.anchors) * layer.input_stride;
    let start = (item - row * tiles) * layer.tile;
    let end = min(start + layer.tile, layer.directions);
    for (var index = start; index < end; index++) {
      let direction = (replica * layer.directions + index) * layer.inputs;
      var sum = 0.0;
      for (var k = 0u; k < layer.inputs; k++) {
        sum += features[feature + k] * directions[direction + k];
      }
      projections[row * layer.directions + index] = sum;
    }
  }
}
