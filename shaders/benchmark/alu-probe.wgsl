// a_k <- a_k b + c, k = 1..8, `iterations` times: 2 operations per multiply-add, nothing but arithmetic.
// One invocation runs CHAINS independent chains, enough to hide the latency of one multiply-add behind the others'.
// result: one f32 per invocation, so that no chain can be left out.
// Needs 1 storage and 1 uniform buffer.

const CHAINS = 8u;
const WORKGROUP_SIZE = 64u;

struct Probe {
  iterations: u32,
  // |factor| < 1 keeps every chain near offset / (1 - factor); not known to the compiler.
  factor: f32,
  offset: f32,
}

@group(0) @binding(0) var<uniform> probe: Probe;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn measure(@builtin(global_invocation_id) id: vec3u) {
  let factor = probe.factor;
  let offset = probe.offset;
  let first = f32(id.x & 1023u) * 1e-3;
  var low = vec4f(first, first + 0.25, first + 0.5, first + 0.75);
  var high = low + 1.0;
  for (var i = 0u; i < probe.iterations; i++) {
    low = low * factor + offset;
    high = high * factor + offset;
    low = low * factor + offset;
    high = high * factor + offset;
    low = low * factor + offset;
    high = high * factor + offset;
    low = low * factor + offset;
    high = high * factor + offset;
  }
  let sum = low + high;
  result[id.x] = sum.x + sum.y + sum.z + sum.w;
}
