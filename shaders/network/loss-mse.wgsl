// loss = mean_i (y_i - t_i)^2; its gradient / batch: 2 (y_i - t_i) / (outputs batch) * slope(saved_i).
// One invocation handles one sample of one replica; see lib/loss.wgsl for the buffers.
// targets: [batch][output]. A prediction of numbers is never called right. Needs 5 storage buffers.
// include: lib/activation.wgsl
// include: lib/loss.wgsl

@group(0) @binding(0) var<uniform> loss: Loss;
@group(0) @binding(1) var<storage, read> outputs: array<f32>;
@group(0) @binding(2) var<storage, read> saved: array<f32>;
@group(0) @binding(3) var<storage, read> targets: array<f32>;
@group(0) @binding(4) var<storage, read_write> output_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> sample_losses: array<vec2f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let sample = id.x;
  if (sample >= loss.batch) {
    return;
  }
  let row = id.z * loss.replica_stride + sample * loss.sample_stride;
  let gradient_row = (id.z * loss.batch + sample) * loss.sample_stride;
  let scale = 2.0 / (f32(loss.outputs) * f32(loss.batch));
  var sum = 0.0;
  for (var index = 0u; index < loss.outputs; index++) {
    let error = outputs[row + index] - targets[sample * loss.target_stride + index];
    sum += error * error;
    if (WITH_GRADIENT) {
      output_gradient[gradient_row + index] = scale * error * output_slope(row + index);
    }
  }
  sample_losses[id.z * loss.batch + sample] = vec2f(sum / f32(loss.outputs), 0.0);
}
