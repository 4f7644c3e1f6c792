// T = F W^T: the anchors' features on the directions of a layer, W from semi-orthogonal Q and Q' with
// W_2i = sqrt(1 - s) Q_i + sqrt(s) Q'_i, W_2i+1 = -sqrt(1 - s) Q_i + sqrt(s) Q'_i for paired channels, else W = Q.
// compose: one invocation makes one entry of W. project: one invocation projects four anchors on four directions.
// vectors: [replica][matrix][short side][vector stride], see haar.wgsl; directions: [replica][direction][weight stride];
// features: [replica][anchor][input stride]; projections: [replica][anchor][projection stride].
// The grid is one row of workgroups, any length. Needs 5 storage buffers.
// include: lib/lps-layer.wgsl

@group(0) @binding(0) var<uniform> layer: LpsLayer;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> features: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> directions: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> projections: array<vec4f>;

fn semi_orthogonal(replica: u32, matrix: u32, row: u32, column: u32) -> f32 {
  let start = (replica * layer.matrices + matrix) * layer.short_side;
  if (layer.tall == 1u) {
    return vectors[(start + column) * layer.vector_stride + row];
  }
  return vectors[(start + row) * layer.vector_stride + column];
}

fn unpaired_entry(entry: f32) -> f32 {
  // Of a single input only signs are wanted.
  return select(layer.direction_scale * entry, select(1.0, -1.0, entry < 0.0), layer.inputs == 1u);
}

fn direction_entry(replica: u32, row: u32, column: u32) -> f32 {
  if (column >= layer.inputs) {
    return 0.0;
  }
  if (layer.paired_channels == 0u) {
    return unpaired_entry(semi_orthogonal(replica, 0u, row, column));
  }
  let channel = column / layer.cells;
  let is_alone = channel + 1u == layer.paired_channels && channel % 2u == 0u;
  let source = (channel / 2u) * layer.cells + column % layer.cells;
  let difference = semi_orthogonal(replica, 0u, row, source);
  if (is_alone) {
    return unpaired_entry(difference);
  }
  let sum = semi_orthogonal(replica, 1u, row, source);
  let share = select(layer.difference_share, -layer.difference_share, channel % 2u == 1u);
  return layer.direction_scale * (share * difference + layer.sum_share * sum);
}

@compute @workgroup_size(WORKGROUP)
fn compose(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let row_vectors = layer.weight_stride / 4u;
  let per_replica = layer.directions * row_vectors;
  for (var item = id.x; item < layer.replica_count * per_replica; item += grid.x * WORKGROUP) {
    let replica = item / per_replica;
    let row = (item % per_replica) / row_vectors;
    let column = 4u * (item % row_vectors);
    directions[item] = vec4f(
      direction_entry(replica, row, column),
      direction_entry(replica, row, column + 1u),
      direction_entry(replica, row, column + 2u),
      direction_entry(replica, row, column + 3u),
    );
  }
}

@compute @workgroup_size(WORKGROUP)
fn project(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let quads = layer.projection_stride / 4u;
  let row_vectors = layer.weight_stride / 4u;
  let anchor_quads = (layer.anchors + 3u) / 4u;
  let per_replica = anchor_quads * quads;
  for (var item = id.x; item < layer.replica_count * per_replica; item += grid.x * WORKGROUP) {
    let replica = item / per_replica;
    let inside = item - replica * per_replica;
    let anchor_quad = inside / quads;
    let quad = inside - anchor_quad * quads;
    // Beyond the last anchor or direction it is taken again: the same result is stored twice, the
    // copies of a direction are never read.
    let lanes = vec4u(0u, 1u, 2u, 3u);
    let anchors = min(4u * anchor_quad + lanes, vec4u(layer.anchors - 1u));
    let x = (replica * layer.input_replica_stride + anchors * layer.input_stride) / 4u;
    let w = (replica * layer.directions + min(4u * quad + lanes, vec4u(layer.directions - 1u))) * row_vectors;
    var sums_0 = vec4f(0.0, 0.0, 0.0, 0.0);
    var sums_1 = vec4f(0.0, 0.0, 0.0, 0.0);
    var sums_2 = vec4f(0.0, 0.0, 0.0, 0.0);
    var sums_3 = vec4f(0.0, 0.0, 0.0, 0.0);
    for (var k = 0u; k < row_vectors; k++) {
      let w_0 = directions[w.x + k];
      let w_1 = directions[w.y + k];
      let w_2 = directions[w.z + k];
      let w_3 = directions[w.w + k];
      let x_0 = features[x.x + k];
      let x_1 = features[x.y + k];
      let x_2 = features[x.z + k];
      let x_3 = features[x.w + k];
      sums_0 += vec4f(dot(x_0, w_0), dot(x_0, w_1), dot(x_0, w_2), dot(x_0, w_3));
      sums_1 += vec4f(dot(x_1, w_0), dot(x_1, w_1), dot(x_1, w_2), dot(x_1, w_3));
      sums_2 += vec4f(dot(x_2, w_0), dot(x_2, w_1), dot(x_2, w_2), dot(x_2, w_3));
      sums_3 += vec4f(dot(x_3, w_0), dot(x_3, w_1), dot(x_3, w_2), dot(x_3, w_3));
    }
    let place = (replica * layer.anchors + anchors) * quads + quad;
    projections[place.x] = sums_0;
    projections[place.y] = sums_1;
    projections[place.z] = sums_2;
    projections[place.w] = sums_3;
  }
}
