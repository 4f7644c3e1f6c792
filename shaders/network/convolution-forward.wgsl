// y[f][i][j] = activate(bias[f] + sum over c, u, v of weight[f][c][u][v] * x[c][i stride + u dilation - padding][...])
// One invocation makes 8 filters by 8 cells of one sample of one replica (lib/convolution-tile.wgsl).
// weight: packed; source: x as planes; segments: see lib; parameters: [replica][block]; result, pre_activation:
// [replica][sample][filter][row][column]. Grid: tiles of all samples, row tiles of all groups, replicas.
// Needs 6 storage buffers.
// include: lib/activation.wgsl
// include: lib/convolution-tile.wgsl

struct Bias {
  // Float of the parameter block; not read where exists is 0.
  offset: u32,
  exists: u32,
  replica_stride: u32,
}

@group(0) @binding(4) var<uniform> bias: Bias;
@group(0) @binding(5) var<storage, read> parameters: array<f32>;
@group(0) @binding(6) var<storage, read_write> result: array<f32>;
@group(0) @binding(7) var<storage, read_write> pre_activation: array<f32>;

// 1 where the slope of the activation needs the value before it.
override KEEP_PRE_ACTIVATION: u32 = 0u;

fn store(start: u32, place: u32, value: f32) {
  if (place != OUTSIDE) {
    result[start + place] = activate(value);
    if (KEEP_PRE_ACTIVATION == 1u) {
      pre_activation[start + place] = value;
    }
  }
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= correlation.tile_count) {
    return;
  }
  let sample = id.x / correlation.tiles;
  let cell = tile_cell(id.x % correlation.tiles);
  var tile = correlate(id.z, sample, cell, id.y);
  let places = places_of(cell);
  let channel = first_channel(id.y);
  let plane = correlation.height * correlation.width;
  var start = id.z * correlation.result_replica + sample * correlation.result_sample + channel * plane;
  for (var row = 0u; row < row_count(id.y); row++) {
    var shift = 0.0;
    if (bias.exists == 1u) {
      shift = parameters[id.z * bias.replica_stride + bias.offset + channel + row];
    }
    let cells = row_of(&tile, row);
    store(start, places.low.x, cells.low.x + shift);
    store(start, places.low.y, cells.low.y + shift);
    store(start, places.low.z, cells.low.z + shift);
    store(start, places.low.w, cells.low.w + shift);
    store(start, places.high.x, cells.high.x + shift);
    store(start, places.high.y, cells.high.y + shift);
    store(start, places.high.z, cells.high.z + shift);
    store(start, places.high.w, cells.high.w + shift);
    start += plane;
  }
}
