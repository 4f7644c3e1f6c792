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

// The largest cell, or the mean; the place means something for the largest only.
struct Largest {
  value: f32,
  place: u32,
}

fn larger(old: Largest, value: f32, place: u32) -> Largest {
  if (value > old.value || is_nan(value)) {
    return Largest(value, place);
  }
  return old;
}

fn pool_four(plane: u32, place: u32) -> Largest {
  let below = place + pooling.width;
  let a = input[plane + place];
  let b = input[plane + place + 1u];
  let c = input[plane + below];
  let d = input[plane + below + 1u];
  if (AVERAGE == 1u) {
    return Largest((a + b + c + d) / 4.0, place);
  }
  return larger(larger(larger(Largest(a, place), b, place + 1u), c, below), d, below + 1u);
}

fn pool_window(plane: u32, rows: vec2u, columns: vec2u) -> Largest {
  let first = rows.x * pooling.width + columns.x;
  if (AVERAGE == 1u) {
    var sum = 0.0;
    for (var y = rows.x; y < rows.y; y++) {
      for (var x = columns.x; x < columns.y; x++) {
        sum += input[plane + y * pooling.width + x];
      }
    }
    return Largest(sum / f32((rows.y - rows.x) * (columns.y - columns.x)), first);
  }
  var largest = Largest(input[plane + first], first);
  for (var y = rows.x; y < rows.y; y++) {
    for (var x = columns.x; x < columns.y; x++) {
      let place = y * pooling.width + x;
      largest = larger(largest, input[plane + place], place);
    }
  }
  return largest;
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= pooling.count) {
    return;
  }
  let line = id.x / pooling.output_width;
  let window_x = id.x - line * pooling.output_width;
  let channel = line / pooling.output_height;
  let window_y = line - channel * pooling.output_height;
  let plane = id.z * pooling.input_replica + id.y * pooling.input_sample
    + channel * pooling.height * pooling.width;
  var largest = Largest(0.0, 0u);
  if (FOURS == 1u) {
    largest = pool_four(plane, 2u * (window_y * pooling.width + window_x));
  } else {
    largest = pool_window(
      plane,
      inside(window_y, pooling.stride_y, pooling.before_y, pooling.size_y, pooling.height),
      inside(window_x, pooling.stride_x, pooling.before_x, pooling.size_x, pooling.width),
    );
  }
  let to = id.z * pooling.output_replica + id.y * pooling.output_sample + id.x;
  result[to] = activate(largest.value);
  if (KEEP_PRE_ACTIVATION == 1u) {
    pre_activation[to] = largest.value;
  }
  if (KEEP_PLACES == 1u) {
    places[to] = largest.place;
  }
}
