// lo, hi = (1 - nu) t* + nu min, max(t_a, t_b), t* = u t_a + (1 - u) t_b: where a layer's units bend, and its scale
// tau / sqrt(mean variance of the projections).
// measure: one invocation takes the statistics of four directions. cut: one invocation makes one direction's cuts.
// replicas: [replica] = (seed low, seed high, number, 0); projections: [replica][anchor][projection stride];
// statistics: [replica][direction] = (variance, mean square, lowest, highest);
// cuts: [replica][direction] = (lo, hi, scale, 1 to keep the second unit of an odd last pair);
// flags: [layer][replica], 1 where the projections do not vary.
// The grid is one row of workgroups, any length. Needs 5 storage buffers.
// include: lib/philox.wgsl
// include: lib/lps-layer.wgsl

@group(0) @binding(0) var<uniform> layer: LpsLayer;
@group(0) @binding(1) var<storage, read> replicas: array<vec4u>;
@group(0) @binding(2) var<storage, read> projections: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> statistics: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> cuts: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> flags: array<u32>;

// As in src/initialize/lps/cuts.ts.
const SEPARATION = 0.1;
const ATTEMPTS = 20u;
const CUT_BLOCKS = 32u;
const SMALLEST_SPREAD = 1e-6;
const OPEN_UNIFORM_UNIT = 5.9604644775390625e-8;

fn projection(replica: u32, anchor: u32, direction: u32) -> f32 {
  let row = (replica * layer.anchors + anchor) * layer.projection_stride;
  return projections[(row + direction) / 4u][direction % 4u];
}

@compute @workgroup_size(WORKGROUP)
fn measure(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let quads = layer.projection_stride / 4u;
  let count = f32(layer.anchors);
  for (var item = id.x; item < layer.replica_count * quads; item += grid.x * WORKGROUP) {
    let replica = item / quads;
    let quad = item - replica * quads;
    let start = replica * layer.anchors * quads + quad;
    let end = start + layer.anchors * quads;
    var lowest = projections[start];
    var highest = lowest;
    var sum = vec4f(0.0, 0.0, 0.0, 0.0);
    var square_sum = vec4f(0.0, 0.0, 0.0, 0.0);
    for (var place = start; place < end; place += quads) {
      let value = projections[place];
      sum += value;
      square_sum += value * value;
      lowest = min(lowest, value);
      highest = max(highest, value);
    }
    let mean = sum / count;
    var variance = vec4f(0.0, 0.0, 0.0, 0.0);
    for (var place = start; place < end; place += quads) {
      let distance = projections[place] - mean;
      variance += distance * distance;
    }
    for (var lane = 0u; lane < 4u; lane++) {
      let direction = 4u * quad + lane;
      if (direction < layer.directions) {
        statistics[replica * layer.directions + direction] = vec4f(
          variance[lane] / count,
          square_sum[lane] / count,
          lowest[lane],
          highest[lane],
        );
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn cut(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var item = id.x; item < layer.replica_count * layer.directions; item += grid.x * WORKGROUP) {
    let replica = item / layer.directions;
    let direction = item % layer.directions;
    var total = vec2f(0.0, 0.0);
    for (var other = 0u; other < layer.directions; other++) {
      total += statistics[replica * layer.directions + other].xy;
    }
    var scale = 1.0;
    if (layer.has_scale == 1u) {
      let spread = sqrt(total.x / f32(layer.directions));
      let size = sqrt(total.y / f32(layer.directions));
      let varies = spread > SMALLEST_SPREAD * size;
      scale = select(0.0, layer.deviation / spread, varies);
      if (direction == 0u) {
        flags[layer.layer * layer.replica_count + replica] = select(1u, 0u, varies);
      }
    }
    let address = replicas[replica];
    let first_words = philox4x32(
      vec4u(direction * CUT_BLOCKS, address.z, STREAM_CUTS, layer.tensor),
      address.xy,
    );
    var lo = 0.0;
    var hi = 0.0;
    if (layer.has_cuts == 1u) {
      let column = statistics[item];
      let needed = SEPARATION * sqrt(column.x);
      var first = column.z;
      var second = column.w;
      var words = first_words;
      for (var attempt = 0u; attempt < ATTEMPTS; attempt++) {
        if (attempt > 0u) {
          words = philox4x32(
            vec4u(direction * CUT_BLOCKS + attempt, address.z, STREAM_CUTS, layer.tensor),
            address.xy,
          );
        }
        let one = multiply_high(words.x, layer.anchors);
        let other = multiply_high(words.y, layer.anchors - 1u);
        let candidate = projection(replica, one, direction);
        let partner = projection(replica, select(other + 1u, other, other < one), direction);
        if (abs(candidate - partner) > needed) {
          first = candidate;
          second = partner;
          break;
        }
      }
      first *= scale;
      second *= scale;
      let place = f32((first_words.z >> 9u) * 2u + 1u) * OPEN_UNIFORM_UNIT;
      let point = place * first + (1.0 - place) * second;
      lo = (1.0 - layer.nonlinearity) * point + layer.nonlinearity * min(first, second);
      hi = (1.0 - layer.nonlinearity) * point + layer.nonlinearity * max(first, second);
      // No unit's largest pre-activation on the anchors is at rounding level.
      lo = min(lo, scale * column.w - layer.live_margin);
      hi = max(hi, scale * column.z + layer.live_margin);
    }
    cuts[item] = vec4f(lo, hi, scale, f32(first_words.w >> 31u));
  }
}
