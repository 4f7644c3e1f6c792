// forward: y = activate(a + b), the sum of a residual layer's branches (He, Zhang, Ren, Sun 2016);
// backward: (a + b) * slope(saved), the gradient of a tensor that two operations read.
// One invocation makes four entries of one sample of one replica (lib/quads.wgsl).
// first, second: a and b, of which a may be the shared network input (source_stride 0) and b has second_stride;
// saved: what the slope needs (lib/activation.wgsl), unused forward; destination: the result.
// All [replica][sample][entry], samples padded to quads. Needs 4 storage buffers.
// include: lib/activation.wgsl
// include: lib/quads.wgsl

struct Second {
  // Quads from one replica to the next.
  stride: u32,
}

@group(0) @binding(0) var<uniform> quads: Quads;
@group(0) @binding(1) var<uniform> second_layout: Second;
@group(0) @binding(2) var<storage, read> first: array<vec4f>;
@group(0) @binding(3) var<storage, read> second: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> destination: array<vec4f>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quad = quad_index(id, workgroups);
  if (quad >= quads.count) {
    return;
  }
  let x = first[id.z * quads.source_stride + quad] + second[id.z * second_layout.stride + quad];
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
  destination[place] = (first[place] + second[place]) * vec4f(
    activation_slope(kept.x),
    activation_slope(kept.y),
    activation_slope(kept.z),
    activation_slope(kept.w),
  );
}
