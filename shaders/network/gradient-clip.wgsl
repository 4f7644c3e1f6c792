// scale = min(1, bound / (|g| + 1e-6)): clipping of each replica's gradient by its global norm, as PyTorch's
// torch.nn.utils.clip_grad_norm_ does it; the optimiser multiplies by the scale. A norm that is not finite stops the
// replica. (Pascanu, Mikolov, Bengio 2013, section 3.2)
// One invocation sums the segments of one replica, in order; grid: (replicas / 64).
// norms: [replica][segments], squared (squared-norms.wgsl).
// Needs 3 storage buffers.
// include: lib/finite.wgsl
// include: lib/replica-control.wgsl
// include: lib/step-clock.wgsl

struct Clip {
  replicas: u32,
  segments: u32,
  bound: f32,
}

// PyTorch's: keeps a zero gradient from dividing by zero.
const SMALLEST_NORM = 1e-6;

@group(0) @binding(0) var<uniform> clip: Clip;
@group(0) @binding(1) var<storage, read> clock: StepClock;
@group(0) @binding(2) var<storage, read> norms: array<f32>;
@group(0) @binding(3) var<storage, read_write> replicas: array<ReplicaControl>;

@compute @workgroup_size(64)
fn gradient_clip(@builtin(global_invocation_id) id: vec3u) {
  let replica = id.x;
  if (replica >= clip.replicas || replicas[replica].status != TRAINING) {
    return;
  }
  var square = 0.0;
  for (var k = 0u; k < clip.segments; k++) {
    square += norms[replica * clip.segments + k];
  }
  if (is_finite(square)) {
    replicas[replica].gradient_scale = min(1.0, clip.bound / (sqrt(square) + SMALLEST_NORM));
  } else {
    replicas[replica].status = clock.step + 1u;
  }
}
