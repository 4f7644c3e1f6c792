// What is kept of every path in the endgame between two dispatches.
// end_vectors: [9 N][parts][capacity] complex: the accepted point, the point that Newton's method works on, the two accepted
// points before, the derivatives dx/dv of the three accepted points, the last first, the first point of a Cauchy loop, and the sum
// of the others' differences from it (N each). v = log s, along a loop as lib/end-loop.wgsl says.
// valuations: [9 G][capacity] of the last nine checkpoints, a ring. ends: [capacity].

// What a path is doing.
const STARTING = 0u; // Newton's method at the point that was handed over
const TURNING = 1u; // the first derivative along log s
const STEPPING = 2u;
const POLISHING = 3u; // at a checkpoint
const JUMPING = 4u; // to s = 0
const CONFIRMING = 5u; // at s = 0 already
const LEADING = 6u; // the leading forms
const STRIDING = 7u;
const AVERAGING = 8u; // at s = 0, the mean of a Cauchy loop

// How it ended; UNDECIDED leaves it to the f64 stage.
const RUNS = 0u;
const UNDECIDED = 1u;
const REGULAR = 2u;
const REGULAR_AT_INFINITY = 3u;
const AT_INFINITY = 4u;
// A Cauchy loop closed, and its mean is a zero of F that is not regular.
const SINGULAR = 5u;

struct EndPath {
  phase: u32,
  outcome: u32,
  fixed_low: u32, // bit j: coordinate j is 1 in its chart
  fixed_high: u32, // bit j - 32
  v: f32, // log s of the accepted point
  v_next: f32, // of the point in work
  s: f32, // 0 where Newton's method works at s = 0
  v_before: f32, // of the predictor's older points
  v_third: f32,
  points: u32, // that the predictor has
  step: f32,
  length: f32, // of the step or stride under way
  speed: f32, // largest part of the last derivative
  first_correction: f32, // of a step: the predictor's error over what is aimed at
  previous_correction: f32,
  last_correction: f32, // that made the accepted point
  pivot_ratio: f32,
  iteration: u32,
  iterations: u32,
  steps: u32, // since the last checkpoint
  checkpoint: u32, // the next one is at s = 10^(-checkpoint / 2)
  seen: u32, // checkpoints
  winding: u32, // for the predictor; 0 predicts in log s
  likely_winding: u32,
  group: u32,
  best_group: u32,
  best_residual: f32,
  stride_valuation: f32,
  favourite: u32, // the predictor that served last, as a multiple of the likely winding number
  attempt: u32,
  purpose: u32, // of the leading forms
  family_member: u32,
  loop_v: f32, // log s where the loop under way began; 0 along log s
  loop_low: u32, // its charts, as fixed_low and fixed_high
  loop_high: u32,
  loop_size: f32, // largest distance from its first point
  loop_noise: f32, // its negative part
  loop_ratio: f32, // pivot ratio at its mean
  turned: u32, // eighths of turns
  loop_place: u32, // of its samples, from 1; 0 before its first loop
  loop_iterations: u32, // of `iterations`
}

struct EndRound {
  capacity: u32,
  paths: u32,
  trips: u32, // Newton iterations per dispatch, at most
  loops: u32, // paths for whose loops there is room
  parts: u32, // of a number
  again: u32, // 0: all begin, 1: only what was left undecided, 2: of that only what had arrived
  collected: u32, // which end_vectors are collected; 0 those of the ends
}

// Sizes of a system and its program (src/homotopy/gpu/program-tables.ts), and where the parts of its table begin. The
// first registers are the coordinates, 1, 0 and three numbers of s.
struct EndSystem {
  variables: u32,
  coordinates: u32,
  groups: u32,
  instructions: u32,
  registers: u32,
  coefficients: u32,
  slopes: u32,
  targets_at: u32, // in end_coefficients, where the first family member begins
  target_vectors: u32, // vec4f of a member
  sums_at: u32, // in them, the sums of the leading forms
  instructions_at: u32,
  terms_at: u32,
  jacobian_at: u32,
  values_at: u32,
  derivatives_at: u32,
  rules_at: u32,
  moving_at: u32,
  group_of_at: u32,
}
