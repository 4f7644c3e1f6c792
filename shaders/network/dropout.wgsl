// forward: y = x * keep / (1 - rate); backward: gradient * keep / (1 - rate) * slope(saved); keep is 0 with
// probability rate and else 1 (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014).
// One invocation makes four entries of one sample of one replica (lib/quads.wgsl) from one Philox block, whose
// counter is (quad, step, layer, 0) and whose key is the seed: nothing is stored for the backward pass. The replica
// is no part of it, so that replicas are compared on equal terms and each runs as it would alone.
// source: x, or the gradient; saved: what the slope of the activation that made x needs, unused forward;
// destination: the result; all [replica][sample][entry], samples padded to quads. Needs 4 storage buffers.
// include: lib/activation.wgsl
// include: lib/philox.wgsl
// include: lib/quads.wgsl
// include: lib/step-clock.wgsl

struct Dropout {
  seed: vec2u,
  // Number of the operation in its network.
  layer: u32,
  // An entry is dropped when its random word is below rate * 2^32.
  threshold: u32,
  // 1 / (1 - rate)
  scale: f32,
}

@group(0) @binding(0) var<uniform> quads: Quads;
@group(0) @binding(1) var<uniform> dropout: Dropout;
@group(0) @binding(2) var<storage, read> clock: StepClock;
@group(0) @binding(3) var<storage, read> source: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> destination: array<vec4f>;

// 1 / (1 - rate) for kept entries and 0 for dropped ones.
fn mask(quad: u32) -> vec4f {
  let words = philox4x32(vec4u(quad, clock.step, dropout.layer, 0u), dropout.seed);
  return select(vec4f(dropout.scale), vec4f(0.0), words < vec4u(dropout.threshold));
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quad = quad_index(id, workgroups);
  if (quad >= quads.count) {
    return;
  }
  destination[id.z * quads.count + quad] = source[id.z * quads.source_stride + quad] * mask(quad);
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quad = quad_index(id, workgroups);
  if (quad >= quads.count) {
    return;
  }
  let place = id.z * quads.count + quad;
  let kept = saved[place];
  destination[place] = source[place] * mask(quad) * vec4f(
    activation_slope(kept.x),
    activation_slope(kept.y),
    activation_slope(kept.z),
    activation_slope(kept.w),
  );
}
