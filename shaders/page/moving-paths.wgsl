// p(t) = (1 - t) a + t b: points on their way between two rounds, where a and b are z / z0, an unknown's value in the
// records of its path (shaders/tracker/collect.wgsl).
// `corner` draws one path an instance, as a square of four corners (triangle strip), `ink` in one colour; `whole`
// covers everything in three corners, and `fade` gives what blending (reverse subtract) takes away from trails.
// records: [2][paths][stride] words, as two rounds left them; view: which of them, and where they are on the canvas.
// Needs 1 storage buffer in the vertex stage.

struct View {
  // Premultiplied.
  colour: vec4f,
  // Of clip space: how far z / z0 = 1 is from the origin, the place of the canvas's middle, half a square's edges.
  scale: vec2f,
  middle: vec2f,
  half_edge: vec2f,
  // t
  share: f32,
  // First words of the earlier round and of the later one.
  earlier: u32,
  later: u32,
  stride: u32,
  // In a record: the unknown z and its homogenising coordinate z0.
  word: u32,
  homogenizing: u32,
}

// |z0|^2, where the largest coordinate is 1: at infinity.
const NOWHERE = 1e-30;
const OUTSIDE = vec4f(2.0, 2.0, 2.0, 1.0);
// What is left of 8 bits that were only multiplied would stay for ever.
const LEAST = 1.0 / 255.0;

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> records: array<f32>;

// (z conj(z0), |z0|^2) of the record that begins at a word.
fn point(record: u32) -> vec3f {
  let z = vec2f(records[record + view.word], records[record + view.word + 1u]);
  let z0 = vec2f(records[record + view.homogenizing], records[record + view.homogenizing + 1u]);
  return vec3f(dot(z, z0), z.y * z0.x - z.x * z0.y, dot(z0, z0));
}

@vertex
fn corner(
  @builtin(vertex_index) index: u32,
  @builtin(instance_index) path: u32,
) -> @builtin(position) vec4f {
  let a = point(view.earlier + path * view.stride);
  let b = point(view.later + path * view.stride);
  // Also where it is no number.
  if (!(min(a.z, b.z) > NOWHERE)) {
    return OUTSIDE;
  }
  let value = mix(a.xy / a.z, b.xy / b.z, view.share);
  let side = vec2f(vec2u(index & 1u, index >> 1u)) * 2.0 - 1.0;
  return vec4f(value * view.scale - view.middle + side * view.half_edge, 0.0, 1.0);
}

@fragment
fn ink() -> @location(0) vec4f {
  return view.colour;
}

@vertex
fn whole(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(vec2f(vec2u(index & 1u, index >> 1u)) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fade() -> @location(0) vec4f {
  return vec4f(LEAST);
}
