// Elementwise kernels work on quads: four neighbouring entries of one sample, f32.
// One invocation handles one quad of one replica: quad = id.x + id.y * the grid's width, replica = id.z, so that
// a tensor may have more quads than one dimension of a dispatch has invocations.
// Entries past a sample's last one are padding, and stay zero whatever a function makes of zero.

struct Quads {
  // Of one replica: samples times quads of a sample.
  count: u32,
  per_sample: u32,
  // Entries of a sample without padding.
  entries: u32,
  // Quads from one replica to the next in the source; 0 for the network's input, which all share.
  source_stride: u32,
}

// Invocations of a workgroup of every kernel that includes this file.
const QUADS_WORKGROUP = 64u;
const QUAD = 4u;

fn quad_index(id: vec3u, workgroups: vec3u) -> u32 {
  return id.x + id.y * workgroups.x * QUADS_WORKGROUP;
}

// The values with zeros for the entries of padding.
fn without_padding(values: vec4f, quad: u32, quads: Quads) -> vec4f {
  let entry = vec4u(quad % quads.per_sample * QUAD) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(0.0), values, entry < vec4u(quads.entries));
}
