// running <- survivors, queues swap, workgroups = ceil(running / PATHS_PER_WORKGROUP).
// One invocation in all: it ends a round and sets the size of the next one, so that the host need
// not know how many paths are left to keep the device busy.
// workgroups: the three u32 of an indirect dispatch.
// Needs 2 storage buffers.
// include: lib/path-state.wgsl

// Replaced by the host.
const PATHS_PER_WORKGROUP = 1u;

@group(0) @binding(0) var<storage, read_write> counters: Counters;
@group(0) @binding(1) var<storage, read_write> workgroups: array<u32>;

@compute @workgroup_size(1)
fn advance() {
  let running = atomicExchange(&counters.survivors, 0u);
  counters.running = running;
  counters.parity = 1u - counters.parity;
  workgroups[0] = (running + PATHS_PER_WORKGROUP - 1u) / PATHS_PER_WORKGROUP;
  workgroups[1] = 1u;
  workgroups[2] = 1u;
}
