// statistics = (mean, sum of (x - mean)^2, values, whether any |x| > 0) of one unit over the samples of the batch:
// a unit is a feature, or a channel with all its positions.
// One invocation does one unit of one replica, in order; grid: (units / 64, 1, replicas).
// values: [replica][sample][unit][position], strides as in the tensor; statistics: [step of the chunk][replica][unit].
// Needs 3 storage buffers.
// include: lib/step-clock.wgsl

struct LayerStatistics {
  replicas: u32,
  batch: u32,
  units: u32,
  positions: u32,
  replica_stride: u32,
  sample_stride: u32,
}

@group(0) @binding(0) var<uniform> layer: LayerStatistics;
@group(0) @binding(1) var<storage, read> clock: StepClock;
@group(0) @binding(2) var<storage, read> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> statistics: array<vec4f>;

@compute @workgroup_size(64)
fn layer_statistics(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= layer.units) {
    return;
  }
  let place = clock.step - clock.chunk_start;
  // The last batch repeats a sample to be full: those that are repeated do not count.
  let samples = min(layer.batch, clock.chunk_end - (clock.chunk_sample + place * layer.batch));
  let first = id.z * layer.replica_stride + id.x * layer.positions;
  var sum = 0.0;
  var alive = 0.0;
  for (var sample = 0u; sample < samples; sample++) {
    for (var position = 0u; position < layer.positions; position++) {
      let value = values[first + sample * layer.sample_stride + position];
      sum += value;
      alive = select(alive, 1.0, value != 0.0);
    }
  }
  let count = f32(samples * layer.positions);
  let mean = sum / count;
  // A second pass, because the sum of squares loses the variance of values far from zero.
  var deviations = 0.0;
  for (var sample = 0u; sample < samples; sample++) {
    for (var position = 0u; position < layer.positions; position++) {
      let deviation = values[first + sample * layer.sample_stride + position] - mean;
      deviations += deviation * deviation;
    }
  }
  let unit = (place * layer.replicas + id.z) * layer.units + id.x;
  statistics[unit] = vec4f(mean, deviations, count, alive);
}
