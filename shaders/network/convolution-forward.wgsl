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
    // repeat: half rows = low 0..4 | high 4..8
    bias_${half} = vec4f(
      // repeat: r = ${rows}
      bias_of(id.z, channel, min(${r}u, last)),
      // end
    );
    // end
  }
  let offsets = row_offsets(id.y);
  let start = id.z * correlation.result_replica + sample * correlation.result_sample
    + channel * correlation.height * correlation.width;
  // repeat: k half lane = 0 low x | 1 low y | 2 low z | 3 low w | 4 high x | 5 high y | 6 high z | 7 high w
  store_cell(
    start, place_of(cell + ${k}u), offsets,
    vec4f(
      // repeat: r = 0..4
      tile.row${r}_${half}.${lane},
      // end
    ) + bias_low,
    vec4f(
      // repeat: r = 4..8
      tile.row${r}_${half}.${lane},
      // end
    ) + bias_high,
  );
  // end
}
