// apply_activation: y = activate(y), keeping the y before; apply_slope: dx = dx * slope(saved)
// In place, for activations that the tiles of a convolution do not apply themselves. One invocation makes one entry.
// result: y or dx; saved: the y before where KEEP_PRE_ACTIVATION is 1, or what the slope needs; both
// [replica][sample][entry]. Grid: entries, samples, replicas. Needs 2 storage buffers.
// include: lib/activation.wgsl

struct Entries {
  count: u32,
  sample: u32,
  replica: u32,
}

@group(0) @binding(0) var<uniform> entries: Entries;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
@group(0) @binding(2) var<storage, read_write> saved: array<f32>;

// 1 where the slope of the activation needs the value before it.
override KEEP_PRE_ACTIVATION: u32 = 0u;

@compute @workgroup_size(64)
fn apply_activation(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < entries.count) {
    let at = id.z * entries.replica + id.y * entries.sample + id.x;
    let value = result[at];
    if (KEEP_PRE_ACTIVATION == 1u) {
      saved[at] = value;
    }
    result[at] = activate(value);
  }
}

@compute @workgroup_size(64)
fn apply_slope(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < entries.count) {
    let at = id.z * entries.replica + id.y * entries.sample + id.x;
    result[at] *= activation_slope(saved[at]);
  }
}
