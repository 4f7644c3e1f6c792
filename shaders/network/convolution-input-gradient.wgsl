// dx[c][p][q] = slope(saved[c][p][q]) * sum over f, u, v of weight[f][c][u][v] * dy[f][i][j],
// i stride + u dilation - padding = p, columns likewise.
// One invocation makes 8 channels by 8 cells of one sample of one replica, the cells one stride apart: each remainder of
// p and q by the stride has its own taps and its own dispatch (lib/convolution-tile.wgsl).
// weight: packed by channel; source: dy as planes with zeros around; saved: what the slope of the activation that made x
// needs, unused for the identity; result: dx. saved and result: [replica][sample][channel][row][column].
// Needs 5 storage buffers.
// include: lib/convolution-tile.wgsl

@group(0) @binding(4) var<storage, read> saved: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;

// The slope where saved is not above zero: 1 for the identity, 0 for relu. Other activations have a dispatch of their own
// (convolution-activation.wgsl): 64 copies of their code here take seconds to compile.
override NEGATIVE_SLOPE: f32 = 1.0;

fn store(to: u32, value: f32) {
  if (NEGATIVE_SLOPE == 1.0) {
    result[to] = value;
  } else {
    result[to] = select(NEGATIVE_SLOPE * value, value, saved[to] > 0.0);
  }
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

@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= correlation.tile_count) {
    return;
  }
  let sample = id.x / correlation.tiles;
  let cell = tile_cell(id.x % correlation.tiles);
  let tile = correlate(id.z, sample, cell, id.y);
  let offsets = row_offsets(id.y);
  let start = id.z * correlation.result_replica + sample * correlation.result_sample
    + first_channel(id.y) * correlation.height * correlation.width;
  store_cell(
    start, place_of(cell), offsets,
    vec4f(tile.row0_low.x, tile.row1_low.x, tile.row2_low.x, tile.row3_low.x),
    vec4f(tile.row4_low.x, tile.row5_low.x, tile.row6_low.x, tile.row7_low.x),
  );
  store_cell(
    start, place_of(cell + 1u), offsets,
    vec4f(tile.row0_low.y, tile.row1_low.y, tile.row2_low.y, tile.row3_low.y),
    vec4f(tile.row4_low.y, tile.row5_low.y, tile.row6_low.y, tile.row7_low.y),
  );
  store_cell(
    start, place_of(cell + 2u), offsets,
    vec4f(tile.row0_low.z, tile.row1_low.z, tile.row2_low.z, tile.row3_low.z),
    vec4f(tile.row4_low.z, tile.row5_low.z, tile.row6_low.z, tile.row7_low.z),
  );
  store_cell(
    start, place_of(cell + 3u), offsets,
    vec4f(tile.row0_low.w, tile.row1_low.w, tile.row2_low.w, tile.row3_low.w),
    vec4f(tile.row4_low.w, tile.row5_low.w, tile.row6_low.w, tile.row7_low.w),
  );
  store_cell(
    start, place_of(cell + 4u), offsets,
    vec4f(tile.row0_high.x, tile.row1_high.x, tile.row2_high.x, tile.row3_high.x),
    vec4f(tile.row4_high.x, tile.row5_high.x, tile.row6_high.x, tile.row7_high.x),
  );
  store_cell(
    start, place_of(cell + 5u), offsets,
    vec4f(tile.row0_high.y, tile.row1_high.y, tile.row2_high.y, tile.row3_high.y),
    vec4f(tile.row4_high.y, tile.row5_high.y, tile.row6_high.y, tile.row7_high.y),
  );
  store_cell(
    start, place_of(cell + 6u), offsets,
    vec4f(tile.row0_high.z, tile.row1_high.z, tile.row2_high.z, tile.row3_high.z),
    vec4f(tile.row4_high.z, tile.row5_high.z, tile.row6_high.z, tile.row7_high.z),
  );
  store_cell(
    start, place_of(cell + 7u), offsets,
    vec4f(tile.row0_high.w, tile.row1_high.w, tile.row2_high.w, tile.row3_high.w),
    vec4f(tile.row4_high.w, tile.row5_high.w, tile.row6_high.w, tile.row7_high.w),
  );
}
