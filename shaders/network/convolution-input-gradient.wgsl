// dx[c][p][q] = slope(saved[c][p][q]) * sum over f, u, v of weight[f][c][u][v] * dy[f][i][j], i stride + u dilation - padding = p
// One invocation makes 8 channels by 8 cells of one sample of one replica, the cells one stride apart: each remainder of
// p and q by the stride has its own taps and its own dispatch (lib/convolution-tile.wgsl).
// weight: packed by channel; source: dy as planes with zeros around; saved: what the slope of the activation that made x
// needs, unused for the identity; result: dx. saved and result: [replica][sample][channel][row][column].
// Needs 5 storage buffers.
// include: lib/activation.wgsl
// include: lib/convolution-tile.wgsl

@group(0) @binding(4) var<storage, read> saved: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;

fn store(start: u32, place: u32, value: f32) {
  if (place != OUTSIDE) {
    result[start + place] = value * activation_slope(saved[start + place]);
  }
}

@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= correlation.tile_count) {
    return;
  }
  let sample = id.x / correlation.tiles;
  let cell = tile_cell(id.x % correlation.tiles);
  var tile = correlate(id.z, sample, cell, id.y);
  let places = places_of(cell);
  let plane = correlation.height * correlation.width;
  var start = id.z * correlation.result_replica + sample * correlation.result_sample
    + first_channel(id.y) * plane;
  for (var row = 0u; row < row_count(id.y); row++) {
    let cells = row_of(&tile, row);
    store(start, places.low.x, cells.low.x);
    store(start, places.low.y, cells.low.y);
    store(start, places.low.z, cells.low.z);
    store(start, places.low.w, cells.low.w);
    store(start, places.high.x, cells.high.x);
    store(start, places.high.y, cells.high.y);
    store(start, places.high.z, cells.high.z);
    store(start, places.high.w, cells.high.w);
    start += plane;
  }
}
