// moments = (mean, sum of (x - mean)^2, values, those above 0) of one channel of one sample.
// One invocation sums one channel with all its positions, in order; a feature is a channel of one position.
// values: [sample][channel][position], one network's; moments: [sample][channel], those of other samples lie before and
// behind. The grid is one row of workgroups, any length. Needs 2 storage buffers.

struct Channels {
  samples: u32,
  channels: u32,
  positions: u32,
  sample_stride: u32,
  // Among all of `moments`.
  first_sample: u32,
}

@group(0) @binding(0) var<uniform> layer: Channels;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<vec4f>;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn channel_moments(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var item = id.x; item < layer.samples * layer.channels; item += grid.x * WORKGROUP) {
    let sample = item / layer.channels;
    let start = sample * layer.sample_stride + (item % layer.channels) * layer.positions;
    var sum = 0.0;
    var positive = 0.0;
    for (var position = 0u; position < layer.positions; position++) {
      let value = values[start + position];
      sum += value;
      positive += select(0.0, 1.0, value > 0.0);
    }
    let mean = sum / f32(layer.positions);
    // A second pass, because the sum of squares loses the variance of values far from zero.
    var deviations = 0.0;
    for (var position = 0u; position < layer.positions; position++) {
      let deviation = values[start + position] - mean;
      deviations += deviation * deviation;
    }
    moments[layer.first_sample * layer.channels + item] =
      vec4f(mean, deviations, f32(layer.positions), positive);
  }
}
