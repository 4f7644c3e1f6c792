// loss = log(sum_j exp(z_j)) - z_label; its gradient / batch: (softmax(z)_i - [i = label]) / batch * slope(saved_i).
// One invocation handles one sample of one replica; see lib/loss.wgsl for the buffers.
// targets: [batch] labels, below the number of outputs; any other makes the loss NaN,
// and so does an output that is not finite. Right: the first largest output is label.
// Needs 5 storage buffers.
// include: lib/activation.wgsl
// include: lib/finite.wgsl
// include: lib/loss.wgsl

@group(0) @binding(0) var<uniform> loss: Loss;
@group(0) @binding(1) var<storage, read> outputs: array<f32>;
@group(0) @binding(2) var<storage, read> saved: array<f32>;
@group(0) @binding(3) var<storage, read> targets: array<u32>;
@group(0) @binding(4) var<storage, read_write> output_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> sample_losses: array<vec2f>;

// With any bits added still a NaN.
const NAN_BITS = 0x7fc00000u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let sample = id.x;
  if (sample >= loss.batch) {
    return;
  }
  let row = id.z * loss.replica_stride + sample * loss.sample_stride;
  let label = targets[sample];

  var largest = outputs[row];
  var prediction = 0u;
  var usable = label < loss.outputs && is_finite(largest);
  for (var index = 1u; index < loss.outputs; index++) {
    let output = outputs[row + index];
    // Drivers' exp may make a number of NaN.
    usable = usable && is_finite(output);
    if (output > largest) {
      largest = output;
      prediction = index;
    }
  }
  // Without the largest term, which is 1: so confident predictions keep the digits of 1 - p.
  var rest = 0.0;
  for (var index = 0u; index < loss.outputs; index++) {
    if (index != prediction) {
      rest += exp(outputs[row + index] - largest);
    }
  }
  var log_sum = log(1.0 + rest);
  if (rest <= 1.0) {
    log_sum = log_one_plus(rest);
  }
  var value = bitcast<f32>(NAN_BITS | label);
  if (usable) {
    value = log_sum + (largest - outputs[row + label]);
  }
  sample_losses[id.z * loss.batch + sample] = vec2f(value, select(0.0, 1.0, prediction == label));

  if (WITH_GRADIENT) {
    let gradient_row = (id.z * loss.batch + sample) * loss.sample_stride;
    let total = 1.0 + rest;
    for (var index = 0u; index < loss.outputs; index++) {
      var slope = exp(outputs[row + index] - largest) / total;
      if (index == label) {
        slope = select(slope - 1.0, -rest / total, index == prediction);
      }
      output_gradient[gradient_row + index] =
        slope / f32(loss.batch) * output_slope(row + index);
    }
  }
}
