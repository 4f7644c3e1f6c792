// f_l = relu(W_l f_(l-1) + b_l): which units of which layer are active on some probe point.
// One invocation takes every probe point through one network and, for some of them, the gradient of the first output back.
// Up to 8 units a layer's weights stay in registers for four points at once; wider layers go through private arrays.
// parameters: [network][block], rows padded to whole vec4f; layers: [layer]; points: [point][vector]; verdicts: [network].
// Needs 4 storage and 1 uniform buffer; layers of at most 32 units, at most 128 of them.

struct Batch {
  // Networks before this one in `parameters` belong to other dispatches.
  first: u32,
  networks: u32,
  // vec4f from one network's block to the next.
  block_vectors: u32,
  layers: u32,
  points: u32,
  // Every how many points the gradient is taken; 0 for never.
  gradient_stride: u32,
}

struct Layer {
  // vec4f from the start of the block.
  weight: u32,
  bias: u32,
  has_bias: u32,
  outputs: u32,
  input_vectors: u32,
}

struct Verdict {
  // 1-based, 0 when every hidden layer is alive.
  first_dead_layer: u32,
  dead_units: u32,
  // Points whose last hidden features are all zero.
  zero_points: u32,
  gradient_points: u32,
  // Sum over gradient points of log2(|dy/dW_1| / |dy/dW_L|), biases included.
  log_ratio_sum: f32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> layers: array<Layer>;
@group(0) @binding(3) var<storage, read> points: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> verdicts: array<Verdict>;

const WORKGROUP_SIZE = 64u;
const MAX_VECTORS = 8u;
const MAX_LAYERS = 128u;
const LANES = 4u;
const POINTS_AT_ONCE = 4u;
const NO_GRADIENT = -1e30;

var<private> features: array<vec4f, MAX_VECTORS>;
var<private> sums: array<vec4f, MAX_VECTORS>;
// Bit u of entry l: unit u of layer l is active on the present point; on any point so far.
var<private> active_units: array<u32, MAX_LAYERS>;
var<private> ever_active: array<u32, MAX_LAYERS>;

fn row_product(row: u32, vectors: u32) -> f32 {
  var sum = 0.0;
  for (var v = 0u; v < vectors; v++) {
    sum += dot(parameters[row + v], features[v]);
  }
  return sum;
}

// sums <- W f + b; entries beyond the outputs are zero because rows beyond them are not read.
fn affine(own: u32, layer: Layer) {
  let vectors = layer.input_vectors;
  for (var o = 0u; o < layer.outputs; o += LANES) {
    var sum = vec4f(0.0);
    let row = own + layer.weight + o * vectors;
    sum.x = row_product(row, vectors);
    if (o + 1u < layer.outputs) {
      sum.y = row_product(row + vectors, vectors);
    }
    if (o + 2u < layer.outputs) {
      sum.z = row_product(row + 2u * vectors, vectors);
    }
    if (o + 3u < layer.outputs) {
      sum.w = row_product(row + 3u * vectors, vectors);
    }
    if (layer.has_bias != 0u) {
      sum += parameters[own + layer.bias + o / LANES];
    }
    sums[o / LANES] = sum;
  }
}

// features <- relu(sums); returns the active units.
fn rectify(outputs: u32) -> u32 {
  var mask = 0u;
  for (var o = 0u; o < outputs; o += LANES) {
    let sum = sums[o / LANES];
    let positive = vec4u(sum > vec4f(0.0));
    mask = mask | ((positive.x | (positive.y << 1u) | (positive.z << 2u) | (positive.w << 3u)) << o);
    features[o / LANES] = max(sum, vec4f(0.0));
  }
  return mask;
}

fn squared_norm(vectors: u32) -> f32 {
  var sum = 0.0;
  for (var v = 0u; v < vectors; v++) {
    sum += dot(features[v], features[v]);
  }
  return sum;
}

fn mask_of(bits: u32, vector: u32) -> vec4f {
  return vec4f((vec4u(bits >> (LANES * vector)) >> vec4u(0u, 1u, 2u, 3u)) & vec4u(1u));
}

// log2 of |dy/dW_1| / |dy/dW_L| at a point whose last hidden features are `features` and not zero.
fn log_gradient_ratio(own: u32, point_square: f32) -> f32 {
  let last = layers[batch.layers - 1u];
  let last_norm = sqrt(squared_norm(last.input_vectors) + f32(last.has_bias));
  // features is now the gradient; its size is kept near 1 and counted in powers of two.
  var exponent = 0.0;
  for (var v = 0u; v < last.input_vectors; v++) {
    features[v] = parameters[own + last.weight + v] * mask_of(active_units[batch.layers - 2u], v);
  }
  for (var l = batch.layers - 2u; l > 0u; l--) {
    let layer = layers[l];
    for (var v = 0u; v < layer.input_vectors; v++) {
      sums[v] = vec4f(0.0);
    }
    for (var o = 0u; o < layer.outputs; o++) {
      let vector = features[o / LANES];
      let pair = select(vector.xy, vector.zw, (o & 2u) != 0u);
      let gradient = select(pair.x, pair.y, (o & 1u) != 0u);
      let row = own + layer.weight + o * layer.input_vectors;
      for (var v = 0u; v < layer.input_vectors; v++) {
        sums[v] += gradient * parameters[row + v];
      }
    }
    var largest = 0.0;
    for (var v = 0u; v < layer.input_vectors; v++) {
      features[v] = sums[v] * mask_of(active_units[l - 1u], v);
      let size = abs(features[v]);
      largest = max(largest, max(max(size.x, size.y), max(size.z, size.w)));
    }
    if (largest > 0.0) {
      let power = floor(log2(largest));
      exponent += power;
      for (var v = 0u; v < layer.input_vectors; v++) {
        features[v] *= exp2(-power);
      }
    }
  }
  let first = layers[0];
  let vectors = (first.outputs + LANES - 1u) / LANES;
  let square = squared_norm(vectors) * (point_square + f32(first.has_bias));
  // A gradient that is exactly zero has no logarithm: the host leaves out what is below every f32.
  return select(NO_GRADIENT, 0.5 * log2(square) + exponent - log2(last_norm), square > 0.0);
}

// Takes one point through the hidden layers; its last features stay in `features`. Returns |x|^2.
fn follow_point(own: u32, point: u32) -> f32 {
  let point_vectors = layers[0].input_vectors;
  for (var v = 0u; v < point_vectors; v++) {
    features[v] = points[point * point_vectors + v];
  }
  let point_square = squared_norm(point_vectors);
  for (var l = 0u; l < batch.layers - 1u; l++) {
    let layer = layers[l];
    affine(own, layer);
    let mask = rectify(layer.outputs);
    active_units[l] = mask;
    ever_active[l] = ever_active[l] | mask;
  }
  return point_square;
}

fn begin() {
  for (var l = 0u; l < batch.layers - 1u; l++) {
    ever_active[l] = 0u;
  }
}

// Gradients at every gradient_stride-th point, and the verdict from the activity of all points.
fn finish(network: u32, own: u32, zero_points: u32) {
  let hidden = batch.layers - 1u;
  var verdict = Verdict(0u, 0u, zero_points, 0u, 0.0);
  if (batch.gradient_stride != 0u) {
    for (var p = 0u; p < batch.points; p += batch.gradient_stride) {
      let point_square = follow_point(own, p);
      if (active_units[hidden - 1u] != 0u) {
        let ratio = log_gradient_ratio(own, point_square);
        if (ratio > NO_GRADIENT) {
          verdict.gradient_points++;
          verdict.log_ratio_sum += ratio;
        }
      }
    }
  }
  for (var l = hidden; l > 0u; l--) {
    let alive = countOneBits(ever_active[l - 1u]);
    verdict.dead_units += layers[l - 1u].outputs - alive;
    if (alive == 0u) {
      verdict.first_dead_layer = l;
    }
  }
  verdicts[network] = verdict;
}

fn bits_of(sum: vec4f) -> u32 {
  let positive = vec4u(sum > vec4f(0.0));
  return positive.x | (positive.y << 1u) | (positive.z << 2u) | (positive.w << 3u);
}

// Points beyond the last are the last again: that changes no maximum.
fn clamped_point(first: u32, offset: u32) -> u32 {
  return min(first + offset, batch.points - 1u);
}

// Four rows of a layer from `row` on; rows beyond the outputs are zero.
fn load_rows(own: u32, layer: Layer, row: u32, vector: u32) -> mat4x4f {
  let start = own + layer.weight + row * layer.input_vectors + vector;
  let next = layer.input_vectors;
  var rows = mat4x4f();
  if (row < layer.outputs) {
    rows[0] = parameters[start];
  }
  if (row + 1u < layer.outputs) {
    rows[1] = parameters[start + next];
  }
  if (row + 2u < layer.outputs) {
    rows[2] = parameters[start + 2u * next];
  }
  if (row + 3u < layer.outputs) {
    rows[3] = parameters[start + 3u * next];
  }
  return rows;
}

fn load_bias(own: u32, layer: Layer, row: u32) -> vec4f {
  if (layer.has_bias == 0u || row >= layer.outputs) {
    return vec4f(0.0);
  }
  return parameters[own + layer.bias + row / LANES];
}

// W_1 x + b_1 for the rows from `row` on.
fn first_sum(own: u32, row: u32, point: u32) -> vec4f {
  let layer = layers[0];
  var sum = load_bias(own, layer, row);
  for (var v = 0u; v < layer.input_vectors; v++) {
    sum += points[point * layer.input_vectors + v] * load_rows(own, layer, row, v);
  }
  return sum;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn count_narrow(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.networks) {
    return;
  }
  let network = batch.first + id.x;
  let own = network * batch.block_vectors;
  let zero = vec4f(0.0);
  begin();
  var zero_points = 0u;
  for (var p = 0u; p < batch.points; p += POINTS_AT_ONCE) {
    var a = first_sum(own, 0u, p);
    var b = first_sum(own, 0u, clamped_point(p, 1u));
    var c = first_sum(own, 0u, clamped_point(p, 2u));
    var d = first_sum(own, 0u, clamped_point(p, 3u));
    ever_active[0] = ever_active[0] | bits_of(max(max(a, b), max(c, d)));
    for (var l = 1u; l < batch.layers - 1u; l++) {
      let layer = layers[l];
      let rows = load_rows(own, layer, 0u, 0u);
      let bias = load_bias(own, layer, 0u);
      a = max(a, zero) * rows + bias;
      b = max(b, zero) * rows + bias;
      c = max(c, zero) * rows + bias;
      d = max(d, zero) * rows + bias;
      ever_active[l] = ever_active[l] | bits_of(max(max(a, b), max(c, d)));
    }
    zero_points += count_zero(p, bits_of(a), bits_of(b), bits_of(c), bits_of(d));
  }
  finish(network, own, zero_points);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn count_medium(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.networks) {
    return;
  }
  let network = batch.first + id.x;
  let own = network * batch.block_vectors;
  let zero = vec4f(0.0);
  begin();
  var zero_points = 0u;
  for (var p = 0u; p < batch.points; p += POINTS_AT_ONCE) {
    // Units 0..3 and 4..7 of four points.
    var a = first_sum(own, 0u, p);
    var b = first_sum(own, 0u, clamped_point(p, 1u));
    var c = first_sum(own, 0u, clamped_point(p, 2u));
    var d = first_sum(own, 0u, clamped_point(p, 3u));
    var a_high = first_sum(own, LANES, p);
    var b_high = first_sum(own, LANES, clamped_point(p, 1u));
    var c_high = first_sum(own, LANES, clamped_point(p, 2u));
    var d_high = first_sum(own, LANES, clamped_point(p, 3u));
    var low_bits = bits_of(max(max(a, b), max(c, d)));
    var high_bits = bits_of(max(max(a_high, b_high), max(c_high, d_high)));
    ever_active[0] = ever_active[0] | low_bits | (high_bits << LANES);
    for (var l = 1u; l < batch.layers - 1u; l++) {
      let layer = layers[l];
      a = max(a, zero);
      b = max(b, zero);
      c = max(c, zero);
      d = max(d, zero);
      a_high = max(a_high, zero);
      b_high = max(b_high, zero);
      c_high = max(c_high, zero);
      d_high = max(d_high, zero);
      let low_from_low = load_rows(own, layer, 0u, 0u);
      let low_from_high = load_rows(own, layer, 0u, 1u);
      let high_from_low = load_rows(own, layer, LANES, 0u);
      let high_from_high = load_rows(own, layer, LANES, 1u);
      let bias = load_bias(own, layer, 0u);
      let bias_high = load_bias(own, layer, LANES);
      let a_next = a * low_from_low + a_high * low_from_high + bias;
      let b_next = b * low_from_low + b_high * low_from_high + bias;
      let c_next = c * low_from_low + c_high * low_from_high + bias;
      let d_next = d * low_from_low + d_high * low_from_high + bias;
      a_high = a * high_from_low + a_high * high_from_high + bias_high;
      b_high = b * high_from_low + b_high * high_from_high + bias_high;
      c_high = c * high_from_low + c_high * high_from_high + bias_high;
      d_high = d * high_from_low + d_high * high_from_high + bias_high;
      a = a_next;
      b = b_next;
      c = c_next;
      d = d_next;
      low_bits = bits_of(max(max(a, b), max(c, d)));
      high_bits = bits_of(max(max(a_high, b_high), max(c_high, d_high)));
      ever_active[l] = ever_active[l] | low_bits | (high_bits << LANES);
    }
    zero_points += count_zero(
      p,
      bits_of(max(a, a_high)),
      bits_of(max(b, b_high)),
      bits_of(max(c, c_high)),
      bits_of(max(d, d_high)),
    );
  }
  finish(network, own, zero_points);
}

// How many of the four points from `first` on are points and have no bit set.
fn count_zero(first: u32, a: u32, b: u32, c: u32, d: u32) -> u32 {
  let empty = vec4u(vec4u(a, b, c, d) == vec4u(0u));
  let present = vec4u(vec4u(first) + vec4u(0u, 1u, 2u, 3u) < vec4u(batch.points));
  let counted = empty * present;
  return counted.x + counted.y + counted.z + counted.w;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn count_wide(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.networks) {
    return;
  }
  let network = batch.first + id.x;
  let own = network * batch.block_vectors;
  begin();
  var zero_points = 0u;
  for (var p = 0u; p < batch.points; p++) {
    _ = follow_point(own, p);
    zero_points += select(0u, 1u, active_units[batch.layers - 2u] == 0u);
  }
  finish(network, own, zero_points);
}
