// The number of the training step on the GPU, so that many steps ride in one submit.
// No kernel reads a member that it writes, so that advancing needs neither atomics nor a dispatch of its own:
// the first kernel of a step (gather) reads `upcoming` and copies it to `step`; the last one (the optimiser, or
// the log in inference) reads `step` and sets `upcoming = step + 1`; all others only read `step`.
struct StepClock {
  // Of the step that is running; the first step of a run is 0.
  step: u32,
  // Of the step that begins next. The host sets this and the two below before each chunk of steps.
  upcoming: u32,
  // First step of this chunk: step - chunk_start is the place in tables of one chunk.
  chunk_start: u32,
  // Place of that step's first sample in the order of the epoch.
  chunk_sample: u32,
}
