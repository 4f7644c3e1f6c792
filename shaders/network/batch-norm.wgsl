// y = activate(scale (x - mean) / sqrt(variance + epsilon) + shift), mean and variance per channel
// part_moments: one invocation finds mean and sum of squared deviations of one channel over one part of the batch, in two
// passes. combine: one invocation puts the parts of a channel together (Chan, Golub, LeVeque 1979, eq. 2.1) and moves
// the running statistics (the variance there is the unbiased one, as in PyTorch). take_running: the same from the running
// statistics. normalize: one invocation makes one entry.
// input: x, result, pre_activation: y, [replica][sample][channel][position]; pairs: [replica][part][channel] (mean, squares)
// and behind them (mean, 1 / deviation); parameters, statistics: [replica][block].
// Grids: channels, parts, replicas; channels, 1, replicas; entries, samples, replicas. Needs 6 storage buffers.
// include: lib/activation.wgsl
// include: lib/batch-norm-sizes.wgsl

@group(0) @binding(0) var<uniform> norm: BatchNorm;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> pairs: array<vec2f>;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;
@group(0) @binding(6) var<storage, read_write> pre_activation: array<f32>;

// 1 where the slope of the activation needs the value before it.
override KEEP_PRE_ACTIVATION: u32 = 0u;

@compute @workgroup_size(64)
fn part_moments(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= norm.channels) {
    return;
  }
  let part = norm.first_part + id.y;
  let samples = samples_of(norm, part) - norm.first_part * norm.samples_per_part;
  let channel = id.z * norm.input_replica + id.x * norm.positions;
  var sum = 0.0;
  for (var sample = samples.x; sample < samples.y; sample++) {
    let start = channel + sample * norm.input_sample;
    var sample_sum = 0.0;
    for (var position = 0u; position < norm.positions; position++) {
      sample_sum += input[start + position];
    }
    sum += sample_sum;
  }
  let mean = sum / f32((samples.y - samples.x) * norm.positions);
  var squares = 0.0;
  for (var sample = samples.x; sample < samples.y; sample++) {
    let start = channel + sample * norm.input_sample;
    var sample_squares = 0.0;
    for (var position = 0u; position < norm.positions; position++) {
      let deviation = input[start + position] - mean;
      sample_squares += deviation * deviation;
    }
    squares += sample_squares;
  }
  pairs[pair_of(norm, id.z, part, id.x)] = vec2f(mean, squares);
}

@compute @workgroup_size(64)
fn combine(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= norm.channels) {
    return;
  }
  var count = 0.0;
  var mean = 0.0;
  var squares = 0.0;
  for (var part = 0u; part < norm.parts; part++) {
    let samples = samples_of(norm, part);
    let part_count = f32((samples.y - samples.x) * norm.positions);
    let pair = pairs[pair_of(norm, id.z, part, id.x)];
    let difference = pair.x - mean;
    let total = count + part_count;
    mean += difference * (part_count / total);
    squares += pair.y + difference * difference * (count * part_count / total);
    count = total;
  }
  let variance = squares / count;
  pairs[pair_of(norm, id.z, norm.parts, id.x)] = vec2f(mean, inverseSqrt(variance + norm.epsilon));

  let start = id.z * norm.statistics_replica;
  let mean_place = start + norm.running_mean + id.x;
  let variance_place = start + norm.running_variance + id.x;
  // One number alone has no unbiased variance.
  let unbiased = squares / max(count - 1.0, 1.0);
  statistics[mean_place] += norm.momentum * (mean - statistics[mean_place]);
  statistics[variance_place] += norm.momentum * (unbiased - statistics[variance_place]);
}

@compute @workgroup_size(64)
fn take_running(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= norm.channels) {
    return;
  }
  let start = id.z * norm.statistics_replica + id.x;
  let variance = statistics[start + norm.running_variance];
  pairs[pair_of(norm, id.z, norm.parts, id.x)] =
    vec2f(statistics[start + norm.running_mean], inverseSqrt(variance + norm.epsilon));
}

@compute @workgroup_size(64)
fn normalize_entries(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= norm.channels * norm.positions) {
    return;
  }
  let channel = id.x / norm.positions;
  let moments = pairs[pair_of(norm, id.z, norm.parts, channel)];
  let start = id.z * norm.parameter_replica + channel;
  let x = input[id.z * norm.input_replica + id.y * norm.input_sample + id.x];
  let value = parameters[start + norm.scale] * ((x - moments.x) * moments.y) + parameters[start + norm.shift];
  let to = id.z * norm.output_replica + id.y * norm.output_sample + id.x;
  result[to] = activate(value);
  if (KEEP_PRE_ACTIVATION == 1u) {
    pre_activation[to] = value;
  }
}
