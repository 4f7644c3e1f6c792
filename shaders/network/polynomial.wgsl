// forward: y = c_0 + c_1 x + ... + c_d x^d; backward: gradient * (c_1 + ... + d c_d x^(d - 1)) * slope(saved).
// One invocation makes four entries of one sample of one replica by Horner's rule (lib/quads.wgsl).
// coefficients: [d + 1], lowest power first; source: x; gradient: of y, unused forward; saved: what the slope of the
// activation that made x needs (lib/activation.wgsl), unused forward; destination: the result.
// All but the coefficients [replica][sample][entry], samples padded to quads. Needs 5 storage buffers.
// include: lib/activation.wgsl
// include: lib/quads.wgsl

@group(0) @binding(0) var<uniform> quads: Quads;
@group(0) @binding(1) var<storage, read> coefficients: array<f32>;
@group(0) @binding(2) var<storage, read> source: array<vec4f>;
@group(0) @binding(3) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> destination: array<vec4f>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quad = quad_index(id, workgroups);
  if (quad >= quads.count) {
    return;
  }
  let x = source[id.z * quads.source_stride + quad];
  let degree = arrayLength(&coefficients) - 1u;
  var y = vec4f(coefficients[degree]);
  for (var power = degree; power > 0u; power--) {
    y = y * x + coefficients[power - 1u];
  }
  destination[id.z * quads.count + quad] = without_padding(y, quad, quads);
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let quad = quad_index(id, workgroups);
  if (quad >= quads.count) {
    return;
  }
  let place = id.z * quads.count + quad;
  let x = source[id.z * quads.source_stride + quad];
  var slope = vec4f(0.0);
  for (var power = arrayLength(&coefficients) - 1u; power > 0u; power--) {
    slope = slope * x + f32(power) * coefficients[power];
  }
  let kept = saved[id.z * quads.source_stride + quad];
  destination[place] = gradient[place] * slope * vec4f(
    activation_slope(kept.x),
    activation_slope(kept.y),
    activation_slope(kept.z),
    activation_slope(kept.w),
  );
}
