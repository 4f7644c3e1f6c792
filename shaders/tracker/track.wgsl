// H(x, s) = 0 followed from s = 1 towards 0: Hermite predictor, one Newton iteration at a time, adaptive steps.
// One invocation, or one workgroup (lib/cooperative-tracker.wgsl), moves one path by up to chart_changes *
// ITERATIONS_PER_CHART Newton iterations; paths that stop write their status, the others put themselves into the next
// round's queue.
// state, control, queue, counters: see lib/path-state.wgsl; coefficients: packed into vec4f (target: [family member] blocks).
// Needs 6 storage buffers.
// include: lib/path-state.wgsl
//
// A template: src/homotopy/gpu/generate.ts replaces the lines that start with "// generated:". Their code binds
//   x = base + C displacement, H and its Jacobian at (x, s), then the Newton correction and the tangent,
//   both in the basis C of the chart's hyperplane, and declares `correction_size`, `magnitudes`, `smallest_pivot`
//   and `largest_pivot`. Before that they declare `turn`, the place in the queue, and whether this invocation `writes`
//   what becomes of the path; and `stopped`, for a workgroup's barriers in the same words for all its invocations.
// Every lane does the same work in every iteration, whatever its phase: one evaluation and one LU decomposition
// with two right sides; `select` instead of `if`, because a branch costs both sides on a SIMD machine.
// Predictor: cubic Hermite interpolation through the last two accepted points (Dahlquist & Bjorck, 4.3).

// Replaced by the generator.
const WORKGROUP_SIZE = 1u;
const ITERATIONS_PER_CHART = 1u;

// Measured (2026-11: all solutions of noon, cyclic, katsura, dense cubics on all seeds): looser tolerances jump
// between paths, tighter ones drown in f32 rounding and fail.
const TOLERANCE = 1e-3;
// The predictor's error that the step control aims at.
const PREDICTOR_TOLERANCE = 1e-3;
const END_TOLERANCE = 1e-5;
// Ten times the aim. With 0.1 (and a first step of 0.05) 1.1% of the 1-2-1 network's paths jumped to another
// path near s = 1, with 0.01 (and 0.002) none of 2,500, for 3% more iterations (2026-11-23, against f64 tracking).
const LARGEST_CORRECTION = 0.01;
const CONTRACTION = 0.5;
// A jump to s = 0 may land on another solution and nothing after it would notice: ask for more.
const END_LARGEST_CORRECTION = 0.02;
const END_CONTRACTION = 0.25;
const MOST_ITERATIONS = 3u;
const SAFETY = 0.9;
const SMALLEST_GROWTH = 0.3;
const LARGEST_GROWTH = 2.0;
const SHRINK = 0.4;
// A step that would leave less than a third of the way goes to s = 0 at once: Newton's method there has
// room for five times the error of such a step. Without it steps stop just short of 0: katsura-8 248
// arrivals of 256 instead of 205, cyclic-6 149 instead of 120, noon-6 717 (all) instead of 702 (2026-11-23).
// Must stay below 1 / SHRINK, or a rejected jump would be tried again.
const JUMP = 1.5;
// 1 - s is cut here in 1 / (1 - s).
const SMALLEST_COMPLEMENT = 1e-9;
const EXPONENT_BITS = 0x7f800000u;

@group(0) @binding(0) var<uniform> round: Round;
@group(0) @binding(1) var<storage, read_write> state: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> control: array<PathControl>;
@group(0) @binding(3) var<storage, read_write> queue: array<u32>;
@group(0) @binding(4) var<storage, read_write> counters: Counters;
// generated: coefficient bindings
@group(0) @binding(5) var<storage, read> target_coefficients: array<vec4f>;
@group(0) @binding(6) var<storage, read> start_coefficients: array<vec4f>;
// generated: end of coefficient bindings

@compute @workgroup_size(WORKGROUP_SIZE)
fn track(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  // generated: whose turn it is
  let capacity = round.capacity;
  let path = queue[counters.parity * capacity + turn];
  let end_s = round.end_s;
  let most_end_steps = round.end_steps;
  let deepest_s = round.deepest_s;
  let smallest_step = round.smallest_step;
  let largest_part = round.largest_part;
  let least_whole = round.least_whole;
  let iteration_limit = round.iteration_limit;
  let chart_changes = round.chart_changes;
  var now = control[path];
  let iterations_before = now.iterations;
  var s = now.s;
  var base_s = now.base_s;
  var step = now.step;
  var inverse_length = now.inverse_length;
  var first_correction = now.first_correction;
  var last_correction = now.last_correction;
  var pivot_ratio = now.pivot_ratio;
  var chart = now.chart;
  var status = now.status;
  var iteration = now.iteration;
  var end_steps = now.end_steps;
  var iterations = now.iterations;
  var steps = now.steps;
  // generated: load the state
  for (var change = 0u; change < chart_changes; change++) {
    // generated: whether it has stopped
    if (stopped) {
      break;
    }
    // generated: new chart
    for (var k = 0u; k < ITERATIONS_PER_CHART; k++) {
      let scale = 1.0 / max(1.0 - s, SMALLEST_COMPLEMENT);
      let sigma = s * scale;
      // generated: Newton correction and tangent
      // Infinities and NaN of any result reach this sum; the test is on its bits because a compiler may assume that there are none.
      let finite = (bitcast<u32>(magnitudes + correction_size) & EXPONENT_BITS) != EXPONENT_BITS;
      let at_end = s == 0.0;
      let accept = finite && correction_size < select(TOLERANCE, END_TOLERANCE, at_end);
      let is_first = iteration == 0u;
      let opening = select(first_correction, correction_size, is_first);
      let contracts = is_first || correction_size <= select(CONTRACTION, END_CONTRACTION, at_end) * last_correction;
      let too_large = correction_size > select(LARGEST_CORRECTION, END_LARGEST_CORRECTION, at_end);
      let reject = !accept && (!finite || !contracts || too_large || iteration >= MOST_ITERATIONS);
      let arrive = accept && at_end;
      let proceed = accept && !at_end;
      let moves = proceed || reject;

      // Fourth root: the error of cubic Hermite interpolation is of order four.
      let taken = base_s - s;
      let growth = clamp(SAFETY * sqrt(sqrt(PREDICTOR_TOLERANCE / opening)), SMALLEST_GROWTH, LARGEST_GROWTH);
      // The very first iteration corrects the start point itself, without a step.
      let standing = taken == 0.0;
      step = select(select(step, SHRINK * taken, reject), select(taken * growth, step, standing), proceed);
      inverse_length = select(inverse_length, select(-1.0 / taken, 0.0, standing), proceed);
      base_s = select(base_s, s, proceed);
      step = min(step, largest_part * max(base_s, least_whole));
      // Every path lands on end_s exactly, where its point is saved and can be compared with the others'.
      let landing = select(0.0, end_s, base_s > end_s);
      s = select(s, select(base_s - step, landing, JUMP * step >= base_s - landing), moves);
      first_correction = opening;
      last_correction = correction_size;
      pivot_ratio = sqrt(smallest_pivot / largest_pivot);
      let distance = s - base_s;
      let ratio = distance * inverse_length;
      let tangent_weight = distance * (1.0 + ratio) * (1.0 + ratio);
      let previous_tangent_weight = distance * ratio * (1.0 + ratio);
      let previous_step_weight = -ratio * ratio * (3.0 + 2.0 * ratio);
      // generated: accept and predict
      iteration = select(iteration + 1u, 0u, moves);
      iterations += 1u;
      // The start point's own correction takes no step.
      steps += select(0u, 1u, accept && !standing);
      end_steps += select(0u, 1u, proceed && base_s <= end_s);
      let stuck = (reject && step < smallest_step * base_s) || iterations >= iteration_limit || end_steps > most_end_steps || base_s < deepest_s;
      // Whatever went wrong at or below end_s, the last accepted point is good.
      let landed = proceed && base_s == end_s;
      status = select(select(select(RUNNING, LANDED, landed), select(FAILED, HAND_OVER, base_s <= end_s), stuck), ARRIVED, arrive);
      // generated: whether it has stopped
      if (stopped) {
        break;
      }
    }
    if (base_s == end_s) {
      // generated: save the hand-over point
      status = select(status, RUNNING, status == LANDED);
    }
  }
  // generated: store the state
  if (writes) {
    now.s = s;
    now.base_s = base_s;
    now.step = step;
    now.inverse_length = inverse_length;
    now.first_correction = first_correction;
    now.last_correction = last_correction;
    now.pivot_ratio = pivot_ratio;
    now.chart = chart;
    now.status = status;
    now.iteration = iteration;
    now.end_steps = end_steps;
    now.iterations = iterations;
    now.steps = steps;
    control[path] = now;
    atomicAdd(&counters.iterations, iterations - iterations_before);
    if (status == RUNNING) {
      queue[(1u - counters.parity) * capacity + atomicAdd(&counters.survivors, 1u)] = path;
    }
  }
}
