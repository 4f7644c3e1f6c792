// target_i = source_i, i = 0..n-1: 32 bytes moved per invocation and no arithmetic.
// One invocation copies one vec4f.
// copy_source, copy_target: n vec4f each.
// Needs 2 storage buffers.

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> copy_source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copy_target: array<vec4f>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn measure(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&copy_target)) {
    copy_target[id.x] = copy_source[id.x];
  }
}
