// norms[s] = sum of x^2 over segment s: squared norms of stretches of parameters or gradients.
// One invocation sums one segment of one replica, in order; grid: (segments / 64, 1, replicas).
// values: [replica][vectors] vec4f; norms: [replica][segments]; the last segment may be shorter.
// Needs 2 storage buffers.

struct Segments {
  // vec4f in the block of one replica, and in one segment.
  vectors: u32,
  length: u32,
  count: u32,
}

@group(0) @binding(0) var<uniform> segments: Segments;
@group(0) @binding(1) var<storage, read> values: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> norms: array<f32>;

@compute @workgroup_size(64)
fn squared_norms(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= segments.count) {
    return;
  }
  let first = id.x * segments.length;
  let end = min(first + segments.length, segments.vectors);
  let origin = id.z * segments.vectors;
  var squares = vec4f(0.0);
  for (var k = first; k < end; k++) {
    let value = values[origin + k];
    squares += value * value;
  }
  norms[id.z * segments.count + id.x] = (squares.x + squares.y) + (squares.z + squares.w);
}
