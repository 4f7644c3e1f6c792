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
  // repeat: k half lane = 0 low x | 1 low y | 2 low z | 3 low w | 4 high x | 5 high y | 6 high z | 7 high w
  store_cell(
    start, place_of(cell + ${k}u), offsets,
    vec4f(
      // repeat: r = 0..4
      tile.row${r}_${half}.${lane},
      // end
    ),
    vec4f(
      // repeat: r = 4..8
      tile.row${r}_${half}.${lane},
      // end
    ),
  );
  // end
}
