// input[s] = (data[order[first + s]] - mean) / deviation: the step's batch from the resident data set.
// One invocation makes four consecutive entries of one sample's input, or copies one word of its target;
// grid: ((input vectors + target words) / 64, batch). It also makes the upcoming step the running one.
// order: [samples of an epoch]; data: a row a sample, four bytes to a word (the first in the low bits), or bits of f32
// padded to a multiple of four, the first `head_rows` rows in data_head and the others in data_tail; normalization:
// (mean, deviation) of each `plane` entries; targets and batch_targets: [sample][target_words], bits of u32 or f32.
// Needs 8 storage buffers.
// include: lib/step-clock.wgsl

struct Gather {
  batch: u32,
  // Of one sample: entries, and vec4f in the input tensor (its stride); entries beyond the last are 0.
  entries: u32,
  vectors: u32,
  // Entries that share a mean and a deviation.
  plane: u32,
  target_words: u32,
  // Words of one row of the data.
  row_words: u32,
  // Rows in data_head: one binding holds 128 MiB at most.
  head_rows: u32,
}

// Whether the data are bytes (1) or floats (0).
override BYTES: u32 = 0u;

@group(0) @binding(0) var<uniform> gather: Gather;
@group(0) @binding(1) var<storage, read_write> clock: StepClock;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> data_head: array<u32>;
@group(0) @binding(4) var<storage, read> data_tail: array<u32>;
@group(0) @binding(5) var<storage, read> normalization: array<vec2f>;
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

// (value - mean) / deviation, and 0 beyond the last entry.
fn normalized(entry: u32, value: f32) -> f32 {
  let last = gather.entries - 1u;
  let scaling = normalization[min(entry, last) / gather.plane];
  return select((value - scaling.x) / scaling.y, 0.0, entry > last);
}

@compute @workgroup_size(64)
fn gather_batch(@builtin(global_invocation_id) id: vec3u) {
  let step = clock.upcoming;
  if (id.x == 0u && id.y == 0u) {
    clock.step = step;
  }
  let place = clock.chunk_sample + (step - clock.chunk_start) * gather.batch + id.y;
  // An evaluation's last batch repeats its last sample to be full.
  let row = order[min(place, clock.chunk_end - 1u)];
  if (id.x < gather.vectors) {
    let value = data_vector(row, id.x);
    let entry = 4u * id.x;
    batch_input[id.y * gather.vectors + id.x] = vec4f(
      normalized(entry, value.x),
      normalized(entry + 1u, value.y),
      normalized(entry + 2u, value.z),
      normalized(entry + 3u, value.w),
    );
  } else if (id.x < gather.vectors + gather.target_words) {
    let word = id.x - gather.vectors;
    batch_targets[id.y * gather.target_words + word] = targets[row * gather.target_words + word];
  }
}
