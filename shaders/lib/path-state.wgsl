// What is kept of every path between two dispatches, and the counters of a round.
// state: [vectors][capacity] complex: base point (N), displacement, tangent, previous tangent,
// previous step (n each, in the basis of the chart's hyperplane), saved point at end_s (N). control: [capacity].
// queue: [2][capacity] paths still running, read from half `parity`, written to the other.

const RUNNING = 0u;
const ARRIVED = 1u;
const HAND_OVER = 2u;
const FAILED = 3u;
// Just accepted at end_s; running on once its point is saved.
const LANDED = 4u;

struct PathControl {
  s: f32, // where the current point is
  base_s: f32, // where the last accepted point is
  step: f32,
  inverse_length: f32, // 1 / (base_s - previous base_s), 0 before the second accepted point
  first_correction: f32, // of the current step: the predictor's error
  last_correction: f32,
  pivot_ratio: f32, // smallest / largest pivot of the last Newton iteration
  chart: u32, // bit t: sign of column t of the hyperplane's basis is -1
  status: u32,
  iteration: u32, // Newton iterations at the current point
  end_steps: u32, // accepted steps at or below the end of the main stage
  iterations: u32, // Newton iterations in all
  steps: u32, // accepted steps in all
  family_member: u32, // which block of target coefficients
}

struct Round {
  capacity: u32,
  paths: u32,
  chart_changes: u32, // charts per dispatch
  iteration_limit: u32,
  end_steps: u32,
  end_s: f32,
  deepest_s: f32, // hand over below this
  first_step: f32,
  smallest_step: f32, // relative to s
  // A step is at most this part of s, or of the second where s is less.
  largest_part: f32,
  least_whole: f32,
}

struct Counters {
  running: u32,
  parity: u32,
  survivors: atomic<u32>,
  iterations: atomic<u32>,
  loops: atomic<u32>, // paths of the endgame that have walked a Cauchy loop
}
