// input[s] = (data[order[first + s]] - mean) / deviation: the step's batch from the resident data set.
// One invocation makes every so many vec4f of one sample's input, then copies every so many words of its target;
// grid: (any, batch / 8). It also makes the upcoming step the running one.
// order: [samples of an epoch]; data: a row a sample, four bytes to a word (the first in the low bits), or bits of f32
// padded to a multiple of four, the first `head_rows` rows in data_head and the others in data_tail; scaling:
// one for each vec4f of a sample; targets and batch_targets: [sample][target_words], bits of u32 or f32.
// Needs 8 storage buffers.
// include: lib/step-clock.wgsl

struct Gather {
  batch: u32,
  // vec4f of one sample in the input tensor.
  vectors: u32,
  target_words: u32,
  // Words of one row of the data.
  row_words: u32,
  // Rows in data_head: one binding holds 128 MiB at most.
  head_rows: u32,
}

// Of four entries; 0 and 1 for entries beyond the last, which are 0 in the data and stay so.
struct Scaling {
  mean: vec4f,
  deviation: vec4f,
}

// Of a workgroup: eight vec4f of a sample are a line of memory, and small samples leave no lanes idle.
const LANES = 8u;

// Whether the data are bytes (1) or floats (0).
override BYTES: u32 = 0u;

@group(0) @binding(0) var<uniform> gather: Gather;
@group(0) @binding(1) var<storage, read_write> clock: StepClock;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> data_head: array<u32>;
@group(0) @binding(4) var<storage, read> data_tail: array<u32>;
@group(0) @binding(5) var<storage, read> scaling: array<Scaling>;
@group(0) @binding(6) var<storage, read> targets: array<u32>;
@group(0) @binding(7) var<storage, read_write> batch_input: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> batch_targets: array<u32>;

fn data_word(row: u32, word: u32) -> u32 {
  if (row < gather.head_rows) {
    return data_head[row * gather.row_words + word];
  }
  return data_tail[(row - gather.head_rows) * gather.row_words + word];
}

fn data_vector(row: u32, vector: u32) -> vec4f {
  if (BYTES != 0u) {
    let bytes = vec4u(data_word(row, vector)) >> vec4u(0u, 8u, 16u, 24u);
    return vec4f(bytes & vec4u(255u));
  }
  let first = 4u * vector;
  return bitcast<vec4f>(vec4u(
    data_word(row, first),
    data_word(row, first + 1u),
    data_word(row, first + 2u),
    data_word(row, first + 3u),
  ));
}

@compute @workgroup_size(LANES, LANES)
fn gather_batch(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let step = clock.upcoming;
  if (id.x == 0u && id.y == 0u) {
    clock.step = step;
  }
  if (id.y >= gather.batch) {
    return;
  }
  let place = clock.chunk_sample + (step - clock.chunk_start) * gather.batch + id.y;
  // An evaluation's last batch repeats its last sample to be full.
  let row = order[min(place, clock.chunk_end - 1u)];
  // Neighbours make neighbours, so that a GPU reads and writes whole lines of memory.
  let stride = workgroups.x * LANES;
  for (var k = id.x; k < gather.vectors; k += stride) {
    let normal = scaling[k];
    batch_input[id.y * gather.vectors + k] = (data_vector(row, k) - normal.mean) / normal.deviation;
  }
  for (var word = id.x; word < gather.target_words; word += stride) {
    batch_targets[id.y * gather.target_words + word] = targets[row * gather.target_words + word];
  }
}
