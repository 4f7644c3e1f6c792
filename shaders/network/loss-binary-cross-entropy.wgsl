// loss = mean_i (log(1 + exp(z_i)) - t_i z_i) of logits z and targets t in [0, 1];
// its gradient / batch: (sigmoid(z_i) - t_i) / (outputs batch) * slope(saved_i).
// One invocation handles one sample of one replica; see lib/loss.wgsl for the buffers.
// targets: [batch][output]. Right: every z_i > 0 where t_i > 1/2 and nowhere else. Needs 5 storage buffers.
// include: lib/activation.wgsl
// include: lib/finite.wgsl
// include: lib/loss.wgsl

@group(0) @binding(0) var<uniform> loss: Loss;
@group(0) @binding(1) var<storage, read> outputs: array<f32>;
@group(0) @binding(2) var<storage, read> saved: array<f32>;
@group(0) @binding(3) var<storage, read> targets: array<f32>;
@group(0) @binding(4) var<storage, read_write> output_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> sample_losses: array<vec2f>;

const HALF = 0.5;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let sample = id.x;
  if (sample >= loss.batch) {
    return;
  }
  let row = id.z * loss.replica_stride + sample * loss.sample_stride;
  let gradient_row = (id.z * loss.batch + sample) * loss.sample_stride;
  let scale = 1.0 / (f32(loss.outputs) * f32(loss.batch));
  var sum = 0.0;
  var right = 1.0;
  for (var index = 0u; index < loss.outputs; index++) {
    let logit = outputs[row + index];
    let wanted = targets[sample * loss.target_stride + index];
    // log(1 + exp(z)) - t z = max(z, 0) - t z + log(1 + exp(-|z|))
    let share = select(-wanted, 1.0 - wanted, logit > 0.0);
    // Drivers' exp may make a number of NaN: a logit that is not finite goes into the sum as it is.
    sum += select(logit, share * logit + log_one_plus(exp(-abs(logit))), is_finite(logit));
    right = select(0.0, right, (logit > 0.0) == (wanted > HALF));
    if (WITH_GRADIENT) {
      output_gradient[gradient_row + index] =
        scale * (sigmoid(logit) - wanted) * output_slope(row + index);
    }
  }
  sample_losses[id.z * loss.batch + sample] = vec2f(sum / f32(loss.outputs), right);
}
