// log[step] = (sum of the samples' losses, right predictions), and a replica whose loss is not finite is stopped.
// One invocation sums one replica's samples, in order, and tests the bits of the sum; grid: (replicas / 64).
// sample_losses: [replica][batch] (loss, 1 when the prediction is right); log: [step of the chunk][replica].
// Needs 4 storage buffers.
// include: lib/finite.wgsl
// include: lib/replica-control.wgsl
// include: lib/step-clock.wgsl

struct StepLog {
  replicas: u32,
  batch: u32,
}

@group(0) @binding(0) var<uniform> size: StepLog;
@group(0) @binding(1) var<storage, read_write> clock: StepClock;
@group(0) @binding(2) var<storage, read> sample_losses: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> log: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> replicas: array<ReplicaControl>;

@compute @workgroup_size(64)
fn step_log(@builtin(global_invocation_id) id: vec3u) {
  let replica = id.x;
  if (replica >= size.replicas) {
    return;
  }
  let place = clock.step - clock.chunk_start;
  // The last batch of an evaluation repeats a sample to be full: those that are repeated do not count.
  let samples = min(size.batch, clock.chunk_end - (clock.chunk_sample + place * size.batch));
  var sum = vec2f(0.0);
  for (var k = 0u; k < samples; k++) {
    sum += sample_losses[replica * size.batch + k];
  }
  log[place * size.replicas + replica] = sum;
  if (replicas[replica].status == TRAINING) {
    let overflow = atomicLoad(&replicas[replica].overflow);
    replicas[replica].status = select(select(clock.step + 1u, TRAINING, is_finite(sum.x)), overflow, overflow != 0u);
  }
  if (replica == 0u) {
    clock.upcoming = clock.step + 1u;
  }
}
