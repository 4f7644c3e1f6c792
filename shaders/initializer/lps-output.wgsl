// W_c = (q_1, -q_1, q_2, -q_2, ...) with q normal of variance 1 / fan in where features are paired, b = m - W mean(f).
// average: one invocation averages one feature over the anchors. write_output: one invocation stores one output's row.
// replicas: [replica] = (seed low, seed high, number, 0); normal_table: [512]; features: [replica][anchor][input stride];
// means: [replica][input]; output_mean: [output], what the anchors' outputs are to be on average; values: parameter
// blocks [replica][block]. The grid is one row of workgroups, any length. Needs 6 storage buffers.
// include: lib/normal.wgsl
// include: lib/lps-layer.wgsl

@group(0) @binding(0) var<uniform> layer: LpsLayer;
@group(0) @binding(1) var<storage, read> replicas: array<vec4u>;
@group(0) @binding(2) var<storage, read> normal_table: array<vec4u>;
@group(0) @binding(3) var<storage, read> features: array<f32>;
@group(0) @binding(4) var<storage, read_write> means: array<f32>;
@group(0) @binding(5) var<storage, read_write> values: array<f32>;
@group(0) @binding(6) var<storage, read> output_mean: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn average(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var item = id.x; item < layer.replica_count * layer.inputs; item += grid.x * WORKGROUP) {
    let start = (item / layer.inputs) * layer.input_replica_stride + item % layer.inputs;
    var sum = 0.0;
    for (var anchor = 0u; anchor < layer.anchors; anchor++) {
      sum += features[start + anchor * layer.input_stride];
    }
    means[item] = sum / f32(layer.anchors);
  }
}

@compute @workgroup_size(WORKGROUP)
fn write_output(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  // Without pairs the whole row is one channel.
  let cells = select(layer.cells, layer.inputs, layer.paired_channels == 0u);
  let channels = max(1u, layer.paired_channels);
  let row_blocks = (((channels + 1u) / 2u) * cells + 3u) / 4u;
  for (var item = id.x; item < layer.replica_count * layer.outputs; item += grid.x * WORKGROUP) {
    let replica = item / layer.outputs;
    let output = item % layer.outputs;
    let address = replicas[replica];
    let block_start = replica * layer.block_stride;
    var shift = 0.0;
    for (var column = 0u; column < layer.inputs; column++) {
      let channel = column / cells;
      let source = (channel / 2u) * cells + column % cells;
      let words = philox4x32(
        vec4u(output * row_blocks + source / 4u, address.z, STREAM_WEIGHTS, layer.tensor),
        address.xy,
      );
      let number = standard_normal(words[source % 4u]);
      let weight = f32(select(number, -number, channel % 2u == 1u)) * layer.output_unit;
      values[block_start + layer.weight_start + output * layer.weight_stride + column] = weight;
      shift += weight * means[replica * layer.inputs + column];
    }
    if (layer.has_bias == 1u) {
      values[block_start + layer.bias_start + output]
        = output_mean[output] + select(0.0, -shift, layer.has_cuts == 1u);
    }
  }
}
