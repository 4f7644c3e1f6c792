// Q = H_1 H_2 ... H_n D, H_k = I - v_k v_k^T: uniformly distributed semi-orthogonal matrices (Stewart 1980).
// make_reflectors: one invocation draws one v_k. make_vectors: one invocation makes one column of the product,
// which no other column needs. write_matrix: one invocation stores one row times the layer's gain.
// replicas: [replica] = (seed low, seed high, number, 0); normal_table: [512]; reflectors: [replica][matrix][k]
//   [vector stride], v_k (norm sqrt 2), zero up to the last vec4f, which begins with D_k; vectors: the same shape,
//   the columns of Q;
// values: parameter blocks [replica][block]; an entry is the number window_place of `window` weights. The grid is one row of workgroups, any length. Needs 5 storage buffers.
// include: lib/normal.wgsl
// include: lib/lps-layer.wgsl

@group(0) @binding(0) var<uniform> layer: LpsLayer;
@group(0) @binding(1) var<storage, read> replicas: array<vec4u>;
@group(0) @binding(2) var<storage, read> normal_table: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> reflectors: array<f32>;
@group(0) @binding(4) var<storage, read_write> vectors: array<f32>;
@group(0) @binding(5) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn make_reflectors(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let per_replica = layer.matrices * layer.short_side;
  let row_blocks = (layer.long_side + 3u) / 4u;
  for (var item = id.x; item < layer.replica_count * per_replica; item += grid.x * WORKGROUP) {
    let replica = replicas[item / per_replica];
    let stream = STREAM_REFLECTORS + (item % per_replica) / layer.short_side;
    let index = item % layer.short_side;
    let start = item * layer.vector_stride;
    let end = start + layer.vector_stride - 4u;
    for (var place = start; place < start + index; place++) {
      reflectors[place] = 0.0;
    }
    for (var place = start + layer.long_side; place < end; place++) {
      reflectors[place] = 0.0;
    }
    var squares = 0.0;
    for (var row_block = index / 4u; row_block < row_blocks; row_block++) {
      let words = philox4x32(vec4u(index * row_blocks + row_block, replica.z, stream, layer.tensor), replica.xy);
      for (var lane = 0u; lane < 4u; lane++) {
        let entry = 4u * row_block + lane;
        if (entry >= index && entry < layer.long_side) {
          let number = f32(standard_normal(words[lane])) * NORMAL_UNIT;
          reflectors[start + entry] = number;
          squares += number * number;
        }
      }
    }
    let first = reflectors[start + index];
    let diagonal = select(-1.0, 1.0, first < 0.0);
    // All numbers 0: the axis itself.
    let pivot = select(first - diagonal * sqrt(squares), 1.0, squares == 0.0);
    let scale = sqrt(2.0 / (squares - first * first + pivot * pivot));
    reflectors[start + index] = pivot;
    for (var entry = index; entry < layer.long_side; entry++) {
      reflectors[start + entry] *= scale;
    }
    reflectors[end] = diagonal;
  }
}

@compute @workgroup_size(WORKGROUP)
fn make_vectors(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let count = layer.replica_count * layer.matrices * layer.short_side;
  for (var item = id.x; item < count; item += grid.x * WORKGROUP) {
    let index = item % layer.short_side;
    let start = item * layer.vector_stride;
    for (var entry = 0u; entry < layer.long_side; entry++) {
      vectors[start + entry] = 0.0;
    }
    vectors[start + index] = reflectors[start + layer.vector_stride - 4u];
    for (var step = 0u; step <= index; step++) {
      let k = index - step;
      let reflector = start - step * layer.vector_stride;
      var product = 0.0;
      for (var entry = k; entry < layer.long_side; entry++) {
        product += reflectors[reflector + entry] * vectors[start + entry];
      }
      for (var entry = k; entry < layer.long_side; entry++) {
        vectors[start + entry] -= product * reflectors[reflector + entry];
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn write_matrix(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var item = id.x; item < layer.replica_count * layer.outputs; item += grid.x * WORKGROUP) {
    let replica = item / layer.outputs;
    let row = item % layer.outputs;
    let matrix = replica * layer.short_side * layer.vector_stride;
    let place = replica * layer.block_stride + layer.weight_start + row * layer.weight_stride;
    for (var column = 0u; column < layer.inputs; column++) {
      let entry = select(
        row * layer.vector_stride + column,
        column * layer.vector_stride + row,
        layer.tall == 1u,
      );
      values[place + column * layer.window + layer.window_place] = layer.direction_scale * vectors[matrix + entry];
    }
  }
}
