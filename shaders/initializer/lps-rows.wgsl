// z_2i = w_i f - lo_i, z_2i+1 = hi_i - w_i f (or z_i = w_i f - lo_i): rows and biases of a layer, and f = activation(z).
// write_rows: one invocation stores one unit. next_features: one invocation makes one anchor's features of a tile
// of directions, from the projections that are there already.
// replicas: [replica] = (seed low, seed high, number, 0); normal_table: [512]; directions: [replica][direction][input];
// projections: [replica][anchor][direction]; cuts: [replica][direction] = (lo, hi, scale, keep second);
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
@group(0) @binding(8) var<storage, read_write> next: array<f32>;

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
      values[weight + k] = which.sign * bends.z * directions[row * layer.inputs + k];
    }
    if (layer.has_bias == 1u) {
      values[bias_place(replica, unit)] = select(bends.y, -bends.x, which.sign > 0.0);
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn next_features(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let tiles = (layer.directions + layer.tile - 1u) / layer.tile;
  let rows = layer.replica_count * layer.anchors;
  let units_each = 1u + layer.mirrored;
  for (var item = id.x; item < rows * tiles; item += grid.x * WORKGROUP) {
    let row = item / tiles;
    let replica = row / layer.anchors;
    let anchor = row - replica * layer.anchors;
    let place = replica * layer.output_replica_stride + anchor * layer.output_stride;
    let start = (item - row * tiles) * layer.tile;
    let end = min(start + layer.tile, layer.directions);
    for (var direction = start; direction < end; direction++) {
      let scale = cuts[replica * layer.directions + direction].z;
      let projection = scale * projections[row * layer.directions + direction];
      let last_unit = min((direction + 1u) * units_each, layer.outputs);
      for (var unit = direction * units_each; unit < last_unit; unit++) {
        var sum = unit_of(replica, unit).sign * projection;
        if (scale == 0.0) {
          sum = product(replica, anchor, unit);
        }
        if (layer.has_bias == 1u) {
          sum += values[bias_place(replica, unit)];
        }
        next[place + unit] = activate(sum);
      }
    }
  }
}
