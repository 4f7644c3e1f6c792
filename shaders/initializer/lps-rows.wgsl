// z_2i = w_i f - lo_i, z_2i+1 = hi_i - w_i f (or z_i = w_i f - lo_i): rows and biases of a layer, and f = activation(z).
// write_rows: one invocation stores one unit. next_features: one invocation makes four features of four anchors, from the
// projections that are there already. generic_features: one invocation makes all features of a replica whose rows are
// generic, which is rare: a branch would cost every invocation.
// replicas: [replica] = (seed low, seed high, number, 0); normal_table: [512]; directions: [replica][direction][weight stride];
// projections: [replica][anchor][projection stride]; cuts: [replica][direction] = (lo, hi, scale, keep second);
// features: [replica][anchor][input stride]; values: parameter blocks [replica][block];
// next: [replica][anchor][output stride]. The grid is one row of workgroups, any length. Needs 8 storage buffers.
// Where the projections do not vary (scale 0) a unit gets a generic row instead, of norm sqrt 2.
// include: lib/normal.wgsl
// include: lib/lps-layer.wgsl
// include: lib/activation.wgsl

@group(0) @binding(0) var<uniform> layer: LpsLayer;
@group(0) @binding(1) var<storage, read> replicas: array<vec4u>;
@group(0) @binding(2) var<storage, read> normal_table: array<vec4u>;
@group(0) @binding(3) var<storage, read> directions: array<f32>;
@group(0) @binding(4) var<storage, read> projections: array<f32>;
@group(0) @binding(5) var<storage, read> cuts: array<vec4f>;
@group(0) @binding(6) var<storage, read> features: array<f32>;
@group(0) @binding(7) var<storage, read_write> values: array<f32>;
@group(0) @binding(8) var<storage, read_write> next: array<vec4f>;

const SQRT_2 = 1.4142135623730951;

struct Unit {
  direction: u32,
  // 1, or -1 for the second of a pair.
  sign: f32,
}

fn unit_of(replica: u32, unit: u32) -> Unit {
  if (layer.mirrored == 0u) {
    return Unit(unit, 1.0);
  }
  let pair = unit / 2u;
  var is_second = unit % 2u == 1u;
  if (unit + 1u == layer.outputs && !is_second) {
    // Of an odd last pair one stands alone.
    is_second = cuts[replica * layer.directions + pair].w == 1.0;
  }
  return Unit(pair, select(1.0, -1.0, is_second));
}

fn weight_place(replica: u32, unit: u32) -> u32 {
  return replica * layer.block_stride + layer.weight_start + unit * layer.weight_stride;
}

fn bias_place(replica: u32, unit: u32) -> u32 {
  return replica * layer.block_stride + layer.bias_start + unit;
}

// w f of a generic row.
fn product(replica: u32, anchor: u32, unit: u32) -> f32 {
  let feature = replica * layer.input_replica_stride + anchor * layer.input_stride;
  let weight = weight_place(replica, unit);
  var sum = 0.0;
  for (var k = 0u; k < layer.inputs; k++) {
    sum += features[feature + k] * values[weight + k];
  }
  return sum;
}

fn generic_word(replica: u32, unit: u32, column: u32) -> u32 {
  let row_blocks = (layer.inputs + layer.has_bias + 3u) / 4u;
  let address = replicas[replica];
  let words = philox4x32(
    vec4u(unit * row_blocks + column / 4u, address.z, STREAM_GENERIC, layer.tensor),
    address.xy,
  );
  return words[column % 4u];
}

fn write_generic(replica: u32, unit: u32) {
  let columns = layer.inputs + layer.has_bias;
  var squares = 0.0;
  for (var column = 0u; column < columns; column++) {
    let number = f32(standard_normal(generic_word(replica, unit, column))) * NORMAL_UNIT;
    squares += number * number;
  }
  let unit_scale = SQRT_2 * NORMAL_UNIT / sqrt(squares);
  for (var column = 0u; column < columns; column++) {
    let number = f32(standard_normal(generic_word(replica, unit, column))) * unit_scale;
    let place = select(bias_place(replica, unit), weight_place(replica, unit) + column, column < layer.inputs);
    values[place] = number;
  }
}

@compute @workgroup_size(WORKGROUP)
fn write_rows(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var item = id.x; item < layer.replica_count * layer.outputs; item += grid.x * WORKGROUP) {
    let replica = item / layer.outputs;
    let unit = item % layer.outputs;
    let which = unit_of(replica, unit);
    let row = replica * layer.directions + which.direction;
    let bends = cuts[row];
    if (bends.z == 0.0) {
      write_generic(replica, unit);
      continue;
    }
    let weight = weight_place(replica, unit);
    for (var k = 0u; k < layer.inputs; k++) {
      values[weight + k] = which.sign * bends.z * directions[row * layer.weight_stride + k];
    }
    if (layer.has_bias == 1u) {
      values[bias_place(replica, unit)] = select(bends.y, -bends.x, which.sign > 0.0);
    }
  }
}

// Four pre-activations of one anchor without their biases. places: of their projections.
fn project_units(row: u32, factors: vec4f, places: vec4u) -> vec4f {
  let start = row * layer.projection_stride;
  let first = projections[start + places.x];
  let third = projections[start + places.z];
  if (layer.mirrored == 1u) {
    return factors * vec4f(first, first, third, third);
  }
  return factors * vec4f(first, projections[start + places.y], third, projections[start + places.w]);
}

fn activate4(x: vec4f) -> vec4f {
  return vec4f(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
}

@compute @workgroup_size(WORKGROUP)
fn next_features(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let quads = layer.output_stride / 4u;
  let anchor_quads = (layer.anchors + 3u) / 4u;
  let per_replica = anchor_quads * quads;
  let lanes = vec4u(0u, 1u, 2u, 3u);
  for (var item = id.x; item < layer.replica_count * per_replica; item += grid.x * WORKGROUP) {
    let replica = item / per_replica;
    let inside = item - replica * per_replica;
    let anchor_quad = inside / quads;
    let quad = inside - anchor_quad * quads;
    let units = 4u * quad + lanes;
    var factors = vec4f(cuts[replica * layer.directions].z);
    var places = units;
    if (layer.mirrored == 1u) {
      places = units / 2u;
      factors *= vec4f(1.0, -1.0, 1.0, -1.0);
      let alone = layer.outputs - 1u;
      if (alone % 2u == 0u && alone / 4u == quad) {
        // The unit that stands alone may be the second of its pair.
        factors *= select(vec4f(1.0), vec4f(unit_of(replica, alone).sign), units == vec4u(alone));
      }
    }
    var biases = vec4f(0.0, 0.0, 0.0, 0.0);
    if (layer.has_bias == 1u) {
      let bias = bias_place(replica, units.x);
      biases = vec4f(values[bias], values[bias + 1u], values[bias + 2u], values[bias + 3u]);
    }
    let is_unit = units < vec4u(layer.outputs);
    // Beyond the last anchor it is made again.
    let anchors = min(4u * anchor_quad + lanes, vec4u(layer.anchors - 1u));
    let rows = replica * layer.anchors + anchors;
    let to = (replica * layer.output_replica_stride + anchors * layer.output_stride) / 4u + quad;
    let sums_0 = project_units(rows.x, factors, places) + biases;
    next[to.x] = select(vec4f(0.0), activate4(sums_0), is_unit);
    let sums_1 = project_units(rows.y, factors, places) + biases;
    next[to.y] = select(vec4f(0.0), activate4(sums_1), is_unit);
    let sums_2 = project_units(rows.z, factors, places) + biases;
    next[to.z] = select(vec4f(0.0), activate4(sums_2), is_unit);
    let sums_3 = project_units(rows.w, factors, places) + biases;
    next[to.w] = select(vec4f(0.0), activate4(sums_3), is_unit);
  }
}

@compute @workgroup_size(WORKGROUP)
fn generic_features(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var replica = id.x; replica < layer.replica_count; replica += grid.x * WORKGROUP) {
    if (cuts[replica * layer.directions].z != 0.0) {
      continue;
    }
    for (var anchor = 0u; anchor < layer.anchors; anchor++) {
      let to = replica * layer.output_replica_stride + anchor * layer.output_stride;
      for (var unit = 0u; unit < layer.outputs; unit++) {
        var sum = product(replica, anchor, unit);
        if (layer.has_bias == 1u) {
          sum += values[bias_place(replica, unit)];
        }
        next[(to + unit) / 4u][unit % 4u] = activate(sum);
      }
    }
  }
}
