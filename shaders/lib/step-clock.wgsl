// The number of the training step on the GPU, so that many steps ride in one submit.
// No kernel reads a member that it writes, so that advancing needs neither atomics nor a dispatch of its own:
// the first kernel of a step (gather) reads `upcoming` and copies it to `step`; the one that logs its losses
// (step-log) reads `step` and sets `upcoming = step + 1`; all others only read `step`.
struct StepClock {
  // Of the step that is running; the first step of a run is 0.
  step: u32,
  // Of the step that begins next. The host sets this and what follows before each chunk of steps.
  upcoming: u32,
  // First step of this chunk: step - chunk_start is the place in tables of one chunk.
  chunk_start: u32,
  // Places in the order of the epoch: of that step's first sample, and one past the last sample to count.
  chunk_sample: u32,
  chunk_end: u32,
}
