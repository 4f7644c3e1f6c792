// One entry of (w_r1, ..., w_rd, b_r) becomes max(u, v), u and v uniform: Beta(2, 1), for every row r.
// One invocation serves one row of one replica.
// replicas: [replica] = (seed low, seed high, replica's number, 0); values: parameter blocks [replica][block].
// The grid is one row of workgroups over (replica, row), any length. Needs 2 storage buffers. Bit-equal to src/initialize/draw-tensors.ts.
// Lu, Shin, Su, Karniadakis, "Dying ReLU and initialization", Commun. Comput. Phys. 28, 2020, section 4.
// include: lib/philox.wgsl

struct Asymmetry {
  replica_count: u32,
  rows: u32,
  columns: u32,
  // In floats: of the tensor's rows, of its start, of the bias's start, of a replica's block.
  row_stride: u32,
  start: u32,
  bias_start: u32,
  block: u32,
  // 1, or 0 without a bias.
  biases: u32,
  stream: u32,
  substream: u32,
}

@group(0) @binding(0) var<uniform> asymmetry: Asymmetry;
@group(0) @binding(1) var<storage, read> replicas: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;

const WORKGROUP = 64u;
const UNIFORM_UNIT = 5.9604644775390625e-8;

@compute @workgroup_size(WORKGROUP)
fn make_asymmetric(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var item = id.x; item < asymmetry.rows * asymmetry.replica_count; item += grid.x * WORKGROUP) {
    let row = item % asymmetry.rows;
    let replica = replicas[item / asymmetry.rows];
    let words = philox4x32(vec4u(row, replica.z, asymmetry.stream, asymmetry.substream), replica.xy);
    let column = multiply_high(words.x, asymmetry.columns + asymmetry.biases);
    let value = f32(max(words.y >> 8u, words.z >> 8u)) * UNIFORM_UNIT;
    let weight_place = asymmetry.start + row * asymmetry.row_stride + column;
    let place = select(asymmetry.bias_start + row, weight_place, column < asymmetry.columns);
    values[(item / asymmetry.rows) * asymmetry.block + place] = value;
  }
}
