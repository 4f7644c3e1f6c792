// dx = slope(saved) scale / deviation (dy - mean of dy - x^ mean of (dy x^)), x^ = (x - mean) / deviation
// d shift = sum of dy, d scale = sum of dy x^ (Ioffe, Szegedy 2015, section 3).
// part_sums: one invocation sums one channel over one part of the batch. combine: one invocation adds up the parts of a
// channel in order. input_gradient: one invocation makes one entry.
// input: x; output_gradient: dy; moments: pairs that batch-norm.wgsl left; sums: [replica][part][channel] (dy, dy x^), behind
// them their sum; parameters, gradients: [replica][block]; saved: what the slope of the activation that made x needs,
// unused for the identity; result: dx. Grids as forward. Needs 8 storage buffers.
// include: lib/activation.wgsl
// include: lib/batch-norm-sizes.wgsl

@group(0) @binding(0) var<uniform> norm: BatchNorm;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec2f>;
@group(0) @binding(5) var<storage, read> parameters: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradients: array<f32>;
@group(0) @binding(7) var<storage, read> saved: array<f32>;
@group(0) @binding(8) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn part_sums(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= norm.channels) {
    return;
  }
  let pair = moments[pair_of(norm, id.z, norm.parts, id.x)];
  let samples = samples_of(norm, id.y);
  let first_input = id.z * norm.input_replica + id.x * norm.positions;
  let first_gradient = id.z * norm.output_replica + id.x * norm.positions;
  var sum = vec2f(0.0);
  for (var sample = samples.x; sample < samples.y; sample++) {
    let input_start = first_input + sample * norm.input_sample;
    let gradient_start = first_gradient + sample * norm.output_sample;
    var sample_sum = vec2f(0.0);
    for (var position = 0u; position < norm.positions; position++) {
      let gradient = output_gradient[gradient_start + position];
      let standardized = (input[input_start + position] - pair.x) * pair.y;
      sample_sum += vec2f(gradient, gradient * standardized);
    }
    sum += sample_sum;
  }
  sums[pair_of(norm, id.z, id.y, id.x)] = sum;
}

@compute @workgroup_size(64)
fn combine(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= norm.channels) {
    return;
  }
  var sum = vec2f(0.0);
  for (var part = 0u; part < norm.parts; part++) {
    sum += sums[pair_of(norm, id.z, part, id.x)];
  }
  sums[pair_of(norm, id.z, norm.parts, id.x)] = sum;
  let start = id.z * norm.parameter_replica + id.x;
  gradients[start + norm.shift] = sum.x;
  gradients[start + norm.scale] = sum.y;
}

@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= norm.channels * norm.positions) {
    return;
  }
  let channel = id.x / norm.positions;
  let place = pair_of(norm, id.z, norm.parts, channel);
  let pair = moments[place];
  let means = sums[place] / f32(norm.batch * norm.positions);
  let at_input = id.z * norm.input_replica + id.y * norm.input_sample + id.x;
  let standardized = (input[at_input] - pair.x) * pair.y;
  let gradient = output_gradient[id.z * norm.output_replica + id.y * norm.output_sample + id.x];
  let scale = parameters[id.z * norm.parameter_replica + norm.scale + channel];
  result[at_input] = activation_slope(saved[at_input]) * scale * pair.y
    * (gradient - means.x - standardized * means.y);
}
