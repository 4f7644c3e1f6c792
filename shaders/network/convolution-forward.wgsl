// y[f][i][j] = a(bias[f] + sum over c, u, v of weight[f][c][u][v] * x[c][i stride + u dilation - padding][...])
// One invocation makes 8 filters by 8 cells of one sample of one replica (lib/convolution-tile.wgsl).
// weight: packed; source: x as planes; segments: see lib; parameters: [replica][block]; result:
// [replica][sample][filter][row][column]; a: identity, relu or leaky relu.
// Grid: tiles of all samples, row tiles of all groups, replicas.
// Needs 5 storage buffers.
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

// What values below zero are multiplied by: 1 for the identity, 0 for relu. Other activations have a dispatch of their own
// (convolution-activation.wgsl): 64 copies of their code here take seconds to compile.
override NEGATIVE_SLOPE: f32 = 1.0;

fn store(to: u32, value: f32) {
  result[to] = select(value, select(NEGATIVE_SLOPE * value, 0.0, NEGATIVE_SLOPE == 0.0), value < 0.0);
}

// The eight rows of one cell.
fn store_cell(start: u32, place: u32, offsets: RowOffsets, low: vec4f, high: vec4f) {
  if (place != OUTSIDE) {
    let to = start + place;
    store(to + offsets.low.x, low.x);
    store(to + offsets.low.y, low.y);
    store(to + offsets.low.z, low.z);
    store(to + offsets.low.w, low.w);
    store(to + offsets.high.x, high.x);
    store(to + offsets.high.y, high.y);
    store(to + offsets.high.z, high.z);
    store(to + offsets.high.w, high.w);
  }
}

fn bias_of(replica: u32, channel: u32, row: u32) -> f32 {
  return parameters[replica * bias.replica_stride + bias.offset + channel + row];
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= correlation.tile_count) {
    return;
  }
  let sample = id.x / correlation.tiles;
  let cell = tile_cell(id.x % correlation.tiles);
  let tile = correlate(id.z, sample, cell, id.y);
  let channel = first_channel(id.y);
  var bias_low = vec4f(0.0);
  var bias_high = vec4f(0.0);
  if (bias.exists == 1u) {
    let last = correlation.rows - 1u - id.y % correlation.row_tiles * TILE_ROWS;
    bias_low = vec4f(
      bias_of(id.z, channel, 0u),
      bias_of(id.z, channel, min(1u, last)),
      bias_of(id.z, channel, min(2u, last)),
      bias_of(id.z, channel, min(3u, last)),
    );
    bias_high = vec4f(
      bias_of(id.z, channel, min(4u, last)),
      bias_of(id.z, channel, min(5u, last)),
      bias_of(id.z, channel, min(6u, last)),
      bias_of(id.z, channel, min(7u, last)),
    );
  }
  let offsets = row_offsets(id.y);
  let start = id.z * correlation.result_replica + sample * correlation.result_sample
    + channel * correlation.height * correlation.width;
  store_cell(
    start, place_of(cell), offsets,
    vec4f(tile.row0_low.x, tile.row1_low.x, tile.row2_low.x, tile.row3_low.x) + bias_low,
    vec4f(tile.row4_low.x, tile.row5_low.x, tile.row6_low.x, tile.row7_low.x) + bias_high,
  );
  store_cell(
    start, place_of(cell + 1u), offsets,
    vec4f(tile.row0_low.y, tile.row1_low.y, tile.row2_low.y, tile.row3_low.y) + bias_low,
    vec4f(tile.row4_low.y, tile.row5_low.y, tile.row6_low.y, tile.row7_low.y) + bias_high,
  );
  store_cell(
    start, place_of(cell + 2u), offsets,
    vec4f(tile.row0_low.z, tile.row1_low.z, tile.row2_low.z, tile.row3_low.z) + bias_low,
    vec4f(tile.row4_low.z, tile.row5_low.z, tile.row6_low.z, tile.row7_low.z) + bias_high,
  );
  store_cell(
    start, place_of(cell + 3u), offsets,
    vec4f(tile.row0_low.w, tile.row1_low.w, tile.row2_low.w, tile.row3_low.w) + bias_low,
    vec4f(tile.row4_low.w, tile.row5_low.w, tile.row6_low.w, tile.row7_low.w) + bias_high,
  );
  store_cell(
    start, place_of(cell + 4u), offsets,
    vec4f(tile.row0_high.x, tile.row1_high.x, tile.row2_high.x, tile.row3_high.x) + bias_low,
    vec4f(tile.row4_high.x, tile.row5_high.x, tile.row6_high.x, tile.row7_high.x) + bias_high,
  );
  store_cell(
    start, place_of(cell + 5u), offsets,
    vec4f(tile.row0_high.y, tile.row1_high.y, tile.row2_high.y, tile.row3_high.y) + bias_low,
    vec4f(tile.row4_high.y, tile.row5_high.y, tile.row6_high.y, tile.row7_high.y) + bias_high,
  );
  store_cell(
    start, place_of(cell + 6u), offsets,
    vec4f(tile.row0_high.z, tile.row1_high.z, tile.row2_high.z, tile.row3_high.z) + bias_low,
    vec4f(tile.row4_high.z, tile.row5_high.z, tile.row6_high.z, tile.row7_high.z) + bias_high,
  );
  store_cell(
    start, place_of(cell + 7u), offsets,
    vec4f(tile.row0_high.w, tile.row1_high.w, tile.row2_high.w, tile.row3_high.w) + bias_low,
    vec4f(tile.row4_high.w, tile.row5_high.w, tile.row6_high.w, tile.row7_high.w) + bias_high,
  );
}
