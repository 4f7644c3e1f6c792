// forward: y = activate(x); backward: gradient of x's maker = gradient * slope(saved).
// One invocation makes four entries of one sample of one replica (lib/quads.wgsl).
// source: x, or the gradient; saved: what the slope needs (lib/activation.wgsl), unused forward; destination: the
// result. All [replica][sample][entry], samples padded to quads.
// Needs 3 storage buffers.
// include: lib/activation.wgsl
// include: lib/quads.wgsl

@group(0) @binding(0) var<uniform> quads: Quads;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read> saved: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> destination: array<vec4f>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quad = quad_index(id, workgroups);
  if (quad >= quads.count) {
    return;
  }
  let x = source[id.z * quads.source_stride + quad];
  let y = vec4f(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
  destination[id.z * quads.count + quad] = without_padding(y, quad, quads);
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quad = quad_index(id, workgroups);
  if (quad >= quads.count) {
    return;
  }
  let place = id.z * quads.count + quad;
  let kept = saved[place];
  destination[place] = source[place] * vec4f(
    activation_slope(kept.x),
    activation_slope(kept.y),
    activation_slope(kept.z),
    activation_slope(kept.w),
  );
}
