// What the kernels of `lps` know of one dense layer: sizes, constants and places, one uniform for all of them.
// Strides are in floats, multiples of 4; what lies between a row's end and the next row is zero. Directions have
// the weights' stride. Steps as in src/initialize/lps/.

struct LpsLayer {
  replica_count: u32,
  anchors: u32,
  // Fan in, and the floats from one anchor's features to the next and from replica to replica (0: shared).
  inputs: u32,
  input_stride: u32,
  input_replica_stride: u32,
  outputs: u32,
  directions: u32,
  // Floats from one anchor's projections to the next.
  projection_stride: u32,
  // The same strides of the features that this layer makes.
  output_stride: u32,
  output_replica_stride: u32,
  // Random semi-orthogonal matrices: how many, their smaller and larger side, floats per vector.
  matrices: u32,
  short_side: u32,
  long_side: u32,
  vector_stride: u32,
  // Weights per entry of a stored matrix, and which of them it is; the others are 0.
  window: u32,
  window_place: u32,
  // Whether vectors are the matrix's columns (more directions than columns).
  tall: u32,
  // 1: rows 2i and 2i + 1 are mirror images.
  mirrored: u32,
  // Channels whose pairs of columns are antisymmetric, 0 for none, and columns of each.
  paired_channels: u32,
  cells: u32,
  has_cuts: u32,
  has_scale: u32,
  // Number of the weight tensor: its substream of random numbers.
  tensor: u32,
  weight_start: u32,
  weight_stride: u32,
  bias_start: u32,
  has_bias: u32,
  block_stride: u32,
  // Number of the layer, for its flags.
  layer: u32,
  // Scale of the semi-orthogonal matrices; shares of difference and sum in paired columns.
  direction_scale: f32,
  difference_share: f32,
  sum_share: f32,
  nonlinearity: f32,
  deviation: f32,
  live_margin: f32,
  // Value of a random integer's last bit in the output layer's rows.
  output_unit: f32,
}

// What random numbers are for: STREAMS in src/initialize/random-address.ts.
const STREAM_WEIGHTS = 0x4c505301u;
const STREAM_REFLECTORS = 0x4c505303u;
const STREAM_CUTS = 0x4c505305u;
const STREAM_GENERIC = 0x4c505308u;

const WORKGROUP = 64u;
