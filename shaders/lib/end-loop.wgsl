// Cauchy loops of the endgame: the end of a path with winding number m as the mean of x over m turns around s = 0, eight
// samples a turn (src/homotopy/track/cauchy.ts has the method and its proof).
// Along a loop v = -(angle since the last sample), so that steps go down, as along log s; s = e^loop_v e^(i angle).
// loop_samples: [192][N][end_round.loops] of sample 1, 2, ..: their differences from the first one, in its charts, f32; of
// the kernel: end_vectors, whose kinds 7 and 8 are the first sample and the sum of the differences, end_table, counters, now.

const EIGHTH_TURN = 0.78539816;
const SAMPLES_A_TURN = 8u;
const LARGEST_WINDING = 24u;
// Of the distance between the ends over the size of the loop.
const CLOSED = 1e-3;
// Largest negative-frequency coefficient over the largest positive one.
const NEGATIVE_PART = 1e-4;
const HALF_ROOT = vec2f(0.70710677, 1.2101618e-8);

fn is_circling() -> bool {
  return now.loop_v < 0.0;
}

// e^(i (eighths pi / 4 + rest)), 0 <= rest <= pi / 4: exact where rest = 0, else to f32 (WGSL's own cos may be off by 2^-11).
fn unit(eighths: u32, rest: f32) -> Number {
  let square = rest * rest;
  let cosine = 1.0 - square * (0.5 - square * (1.0 / 24.0 - square * (1.0 / 720.0 - square / 40320.0)));
  let sine = rest * (1.0 - square * (1.0 / 6.0 - square * (1.0 / 120.0 - square / 5040.0)));
  let turned = number_from(vec2f(cosine, sine));
  let odd = number_mul(turned, Number(real_from(HALF_ROOT), real_from(HALF_ROOT)));
  let x = choose(turned, odd, (eighths & 1u) == 1u);
  // By quarters.
  let swapped = choose(x, Number(-x[1], x[0]), (eighths & 2u) == 2u);
  return choose(swapped, negated(swapped), (eighths & 4u) == 4u);
}

fn sample_at(sample: u32, j: u32) -> u32 {
  return end_round.loops * ((sample - 1u) * end_system.coordinates + j) + now.loop_place - 1u;
}

// Whether there is room for the path's samples.
fn has_room() -> bool {
  if (now.loop_place == 0u) {
    now.loop_place = atomicAdd(&counters.loops, 1u) + 1u;
  }
  return now.loop_place <= end_round.loops;
}

// From the accepted point, which is on the path at log s = v, around s = 0.
fn begin_loop() {
  now.loop_v = now.v;
  now.loop_low = now.fixed_low;
  now.loop_high = now.fixed_high;
  now.loop_size = 0.0;
  now.turned = 0u;
  now.v = 0.0;
  now.points = 1u;
  now.winding = 0u;
  now.step = FIRST_STEP;
  for (var j = 0u; j < end_system.coordinates; j++) {
    set_vector(7u, j, vector(0u, j));
    set_vector(8u, j, Number());
    let slope = vector(4u, j);
    // dx/dv = -i s dx/ds.
    set_vector(4u, j, Number(slope[1], -slope[0]));
  }
}

// Back to where the loop began, as a point whose derivative is not known.
fn end_loop() {
  now.v = now.loop_v;
  now.v_next = now.loop_v;
  now.loop_v = 0.0;
  now.fixed_low = now.loop_low;
  now.fixed_high = now.loop_high;
  now.points = 1u;
  for (var j = 0u; j < end_system.coordinates; j++) {
    set_vector(0u, j, vector(7u, j));
  }
}

// One more eighth of a turn is done; v counts from here.
fn turn_on() {
  now.turned++;
  now.v = 0.0;
  now.v_next = 0.0;
  now.v_before += EIGHTH_TURN;
  now.v_third += EIGHTH_TURN;
  now.steps = 0u;
}

// Keeps the accepted point; returns its distance from the first sample.
fn take_sample() -> f32 {
  var distance = 0.0;
  for (var chart = 0u; chart < end_system.coordinates; chart++) {
    let bits = select(now.loop_low, now.loop_high, chart >= 32u);
    if ((bits & (1u << (chart & 31u))) == 0u) {
      continue;
    }
    let group = end_table[end_system.group_of_at + chart];
    let inverse = number_reciprocal(vector(0u, chart));
    for (var j = 0u; j < end_system.coordinates; j++) {
      if (end_table[end_system.group_of_at + j] != group) {
        continue;
      }
      let x = number_mul(vector(0u, j), inverse);
      let difference = number_add(x, negated(vector(7u, j)));
      loop_samples[sample_at(now.turned, j)] = select(lead(difference), vec2f(0.0, 0.0), j == chart);
      if (j != chart) {
        distance = max(distance, size_of(lead(difference)));
        set_vector(8u, j, number_add(vector(8u, j), difference));
      }
    }
  }
  return distance;
}

// The largest negative-frequency Fourier coefficient of the samples over the largest positive one: 0 exactly where x(s) is a power
// series in s^(1/m) on the disc.
fn negative_part() -> f32 {
  let count = now.turned;
  let turns = count / SAMPLES_A_TURN;
  var largest = vec2f(0.0, 0.0);
  for (var frequency = 1u; 2u * frequency < count; frequency++) {
    let turn = unit(frequency / turns, EIGHTH_TURN * f32(frequency % turns) / f32(turns));
    let rotation = lead(turn);
    for (var j = 0u; j < end_system.coordinates; j++) {
      var twiddle = vec2f(1.0, 0.0);
      var positive = vec2f(0.0, 0.0);
      var negative = vec2f(0.0, 0.0);
      for (var sample = 1u; sample < count; sample++) {
        let x = loop_samples[sample_at(sample, j)];
        twiddle = complex_mul(twiddle, rotation);
        negative += complex_mul(x, twiddle);
        positive += complex_mul(x, vec2f(twiddle.x, -twiddle.y));
      }
      largest = max(largest, vec2f(size_of(positive), size_of(negative)));
    }
  }
  return largest.y / largest.x;
}

// Makes the mean of the closed loop the accepted point, in the charts of its first sample.
fn set_mean() {
  now.fixed_low = now.loop_low;
  now.fixed_high = now.loop_high;
  let share = ds_div(vec2f(1.0, 0.0), vec2f(f32(now.turned), 0.0));
  for (var j = 0u; j < end_system.coordinates; j++) {
    // The last sample is the first one again.
    let sum = number_add(vector(8u, j), number_from(-loop_samples[sample_at(now.turned, j)]));
    set_vector(0u, j, number_add(vector(7u, j), number_scaled(sum, share)));
  }
}
