// What training keeps of each replica besides its parameters.
struct ReplicaControl {
  // 0 while the replica trains, n + 1 once it diverged at step n: nothing changes its parameters any more.
  status: u32,
  // n + 1 when an update of step n was not finite: the log of the next step makes a status of it.
  overflow: atomic<u32>,
  // Before the schedule's factor.
  learning_rate: f32,
  // Clipping by norm multiplies the gradient by this; 1 without clipping.
  gradient_scale: f32,
}

const TRAINING = 0u;
