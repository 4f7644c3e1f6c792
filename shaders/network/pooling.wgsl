// y[c][i][j] = activate(largest, or mean, of x[c][p][q] over the cells (p, q) of window (i, j))
// One invocation makes one cell of one channel of one sample of one replica. Of equal cells the first in row order is
// the largest, as in PyTorch; a NaN is larger than every number.
// input: x; result, pre_activation: y; all [replica][sample][channel][row][column]. places: p width + q of the largest
// cell, laid out like y. Grid: cells of a sample, samples, replicas. Needs 4 storage buffers.
// include: lib/activation.wgsl
// include: lib/pooling-window.wgsl

@group(0) @binding(0) var<uniform> pooling: Pooling;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
@group(0) @binding(3) var<storage, read_write> pre_activation: array<f32>;
@group(0) @binding(4) var<storage, read_write> places: array<u32>;

// 1 where the slope of the activation needs the value before it, or the backward pass the places.
override KEEP_PRE_ACTIVATION: u32 = 0u;
override KEEP_PLACES: u32 = 0u;

const SIGNLESS = 0x7fffffffu;
const INFINITY_BITS = 0x7f800000u;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & SIGNLESS) > INFINITY_BITS;
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= pooling.count) {
    return;
  }
  let line = id.x / pooling.output_width;
  let channel = line / pooling.output_height;
  let rows = inside(line % pooling.output_height, pooling.stride_y, pooling.before_y, pooling.size_y,
    pooling.height);
  let columns = inside(id.x % pooling.output_width, pooling.stride_x, pooling.before_x, pooling.size_x,
    pooling.width);
  let plane = id.z * pooling.input_replica + id.y * pooling.input_sample
    + channel * pooling.height * pooling.width;
  var place = rows.x * pooling.width + columns.x;
  var value = 0.0;
  if (AVERAGE == 1u) {
    for (var y = rows.x; y < rows.y; y++) {
      for (var x = columns.x; x < columns.y; x++) {
        value += input[plane + y * pooling.width + x];
      }
    }
    value /= f32((rows.y - rows.x) * (columns.y - columns.x));
  } else {
    value = input[plane + place];
    for (var y = rows.x; y < rows.y; y++) {
      for (var x = columns.x; x < columns.y; x++) {
        let candidate = input[plane + y * pooling.width + x];
        if (candidate > value || is_nan(candidate)) {
          value = candidate;
          place = y * pooling.width + x;
        }
      }
    }
  }
  let to = id.z * pooling.output_replica + id.y * pooling.output_sample + id.x;
  result[to] = activate(value);
  if (KEEP_PRE_ACTIVATION == 1u) {
    pre_activation[to] = value;
  }
  if (KEEP_PLACES == 1u) {
    places[to] = place;
  }
}
