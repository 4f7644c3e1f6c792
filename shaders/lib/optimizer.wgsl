// What all optimisers share: the flat parameter block of all layers is one dispatch, and one invocation updates
// every so many vec4f of one replica, so that neighbours update neighbours.
// parameters, gradients: [replica][vectors] vec4f; moments: [replica][MOMENTS][vectors] vec4f, zero at first;
// schedule: one row for each step of the chunk.
// Needs 6 storage buffers.
// include: lib/finite.wgsl
// include: lib/replica-control.wgsl
// include: lib/step-clock.wgsl

// Of one step, computed by the host in f64.
struct ScheduleRow {
  // Multiplies the learning rate of each replica.
  factor: f32,
  // Adam's 1 - beta1^t and sqrt(1 - beta2^t) at the t-th step, t >= 1.
  first_correction: f32,
  second_correction_root: f32,
  // Whole vec4f.
  unused: f32,
}

const WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> optimizer: Optimizer;
@group(0) @binding(1) var<storage, read> clock: StepClock;
@group(0) @binding(2) var<storage, read> schedule: array<ScheduleRow>;
@group(0) @binding(3) var<storage, read_write> replicas: array<ReplicaControl>;
@group(0) @binding(4) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> moments: array<vec4f>;

// A value that is not finite is not stored: the replica keeps its last finite parameters and is stopped.
fn store_parameters(place: u32, replica: u32, values: vec4f) {
  if (are_finite(values)) {
    parameters[place] = values;
  } else {
    atomicStore(&replicas[replica].overflow, clock.step + 1u);
  }
}
