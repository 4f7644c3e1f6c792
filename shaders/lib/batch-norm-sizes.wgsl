// Sizes of batch normalisation and the order of its sums: the batch is cut into parts, every part is summed by one
// invocation, sample by sample, and the parts are put together in order.

struct BatchNorm {
  channels: u32,
  // Entries of one channel of a sample: 1 for features.
  positions: u32,
  batch: u32,
  parts: u32,
  samples_per_part: u32,
  // Where the batch lies in several buffers: the part that this one begins with.
  first_part: u32,
  // Floats from sample to sample and from replica to replica.
  input_sample: u32,
  input_replica: u32,
  output_sample: u32,
  output_replica: u32,
  // Floats of the parameter block.
  scale: u32,
  shift: u32,
  parameter_replica: u32,
  // Floats of the block of running statistics.
  running_mean: u32,
  running_variance: u32,
  statistics_replica: u32,
  // Share of this batch in the running statistics.
  momentum: f32,
  epsilon: f32,
}

// Place of a part's pair in [replica][part][channel]; behind the parts (part = parts) comes what they add up to.
fn pair_of(norm: BatchNorm, replica: u32, part: u32, channel: u32) -> u32 {
  return (replica * (norm.parts + 1u) + part) * norm.channels + channel;
}

// The samples of a part: first and one past the last.
fn samples_of(norm: BatchNorm, part: u32) -> vec2u {
  let first = part * norm.samples_per_part;
  return vec2u(first, min(first + norm.samples_per_part, norm.batch));
}
