// partials[part][f][s][t] = sum over the part's samples b and cells n of dy[b][f][n] * source[b][segment s + n + t]
// and the bias gradient's sum over dy[b][f][n]. One invocation adds up 8 filters by 2 segments by all taps for one part
// of the batch (segments and planes as in lib/convolution-tile.wgsl); convolution-weight-sum.wgsl adds up the parts.
// source: x as planes; gradient: dy with rows of whole quads, zeros behind the last column; segments: quads from a
// sample's first cell; partials: [replica][part][row tile][segment][tap][8 filters], behind them [row tile][8 filters].
// Grid: parts by tiles, 1, replicas. Needs 4 storage buffers.

// Taps of a segment, 1 to 5.
override TAPS: u32 = 1u;

const TILE_ROWS = 8u;
// Segments of a tile.
const TILE_SEGMENTS = 2u;
// Quads of one tap: 8 filters.
const TAP_QUADS = 2u;

struct WeightGradient {
  // Parts times row tiles of all groups times segment tiles.
  count: u32,
  parts: u32,
  samples_per_part: u32,
  batch: u32,
  segment_count: u32,
  segment_tiles: u32,
  // Filters of a group, and tiles they make.
  rows: u32,
  row_tiles: u32,
  groups: u32,
  // Rows of dy, and quads of each.
  height: u32,
  row_quads: u32,
  // Quads of the source.
  source_row: u32,
  source_sample: u32,
  source_replica: u32,
  source_group: u32,
  // Quads of dy.
  gradient_first: u32,
  gradient_row: u32,
  gradient_channel: u32,
  gradient_sample: u32,
  gradient_replica: u32,
  // Quads of a part.
  part: u32,
}

@group(0) @binding(0) var<uniform> shape: WeightGradient;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<u32>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;

// sum[k] + dot(column k of dy, cells) for four filters: dy's columns are cells here.
fn add_products(sum: vec4f, dy: mat4x4f, cells: vec4f) -> vec4f {
  return fma(dy[3], vec4f(cells.w), fma(dy[2], vec4f(cells.z), fma(dy[1], vec4f(cells.y),
      fma(dy[0], vec4f(cells.x), sum))));
}

// Quads from a sample's gradient to those of the tile's filters.
struct Rows {
  low: vec4u,
  high: vec4u,
}

// Filters past the last read the last one's gradients; what they add up is not used.
fn rows_of(tile: u32) -> Rows {
  let first = vec4u(tile % shape.row_tiles * TILE_ROWS);
  let last = vec4u(shape.rows - 1u);
  let filters = vec4u(tile / shape.row_tiles * shape.rows);
  return Rows(
    (filters + min(first + vec4u(0u, 1u, 2u, 3u), last)) * shape.gradient_channel,
    (filters + min(first + vec4u(4u, 5u, 6u, 7u), last)) * shape.gradient_channel,
  );
}

// First quad of row y of a sample's gradient, in the first filter.
fn gradient_quad(replica: u32, sample: u32, y: u32) -> u32 {
  return shape.gradient_first + replica * shape.gradient_replica + sample * shape.gradient_sample
    + y * shape.gradient_row;
}

fn sum_of(values: vec4f) -> f32 {
  return values.x + values.y + values.z + values.w;
}

@compute @workgroup_size(64)
fn weight_gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.count) {
    return;
  }
  let part_index = id.x % shape.parts;
  let segment_tile = id.x / shape.parts % shape.segment_tiles;
  let tile = id.x / shape.parts / shape.segment_tiles;
  let group = tile / shape.row_tiles;
  let rows = rows_of(tile);
  let segment_a = segment_tile * TILE_SEGMENTS;
  let segment_b = segment_a + 1u;
  let offset_a = segments[segment_a];
  let offset_b = segments[min(segment_b, shape.segment_count - 1u)];

  // repeat: segment = a | b
  // repeat: tap = 0..5
  var ${segment}${tap}_low = vec4f(0.0);
  var ${segment}${tap}_high = vec4f(0.0);
  // end
  // end
  // One loop over the rows of all samples and one over their quads: on software adapters loops inside loops, and branches
  // beside so many sums, cost more than the sums.
  let begin = part_index * shape.samples_per_part;
  let samples = min(shape.samples_per_part, shape.batch - begin);
  for (var row = 0u; row < samples * shape.height; row++) {
    let sample = begin + row / shape.height;
    let y = row % shape.height;
    let at = id.z * shape.source_replica + sample * shape.source_sample + group * shape.source_group
      + y * shape.source_row;
    let dy = gradient_quad(id.z, sample, y);
    var a_now = source[at + offset_a];
    var b_now = source[at + offset_b];
    for (var x = 0u; x < shape.row_quads; x++) {
      // repeat: half = low | high
      let ${half} = transpose(mat4x4f(
        // repeat: lane = x | y | z | w
        gradient[dy + x + rows.${half}.${lane}],
        // end
      ));
      // end
      let a_next = source[at + offset_a + x + 1u];
      let b_next = source[at + offset_b + x + 1u];
      // repeat: segment = a | b
      let ${segment}_tap0 = ${segment}_now;
      let ${segment}_tap1 = vec4f(${segment}_now.yzw, ${segment}_next.x);
      let ${segment}_tap2 = vec4f(${segment}_now.zw, ${segment}_next.xy);
      let ${segment}_tap3 = vec4f(${segment}_now.w, ${segment}_next.xyz);
      let ${segment}_tap4 = ${segment}_next;
      // end
      // repeat: tap = 0..5
      if (TAPS > ${tap}u) {
        // repeat: segment = a | b
        ${segment}${tap}_low = add_products(${segment}${tap}_low, low, ${segment}_tap${tap});
        ${segment}${tap}_high = add_products(${segment}${tap}_high, high, ${segment}_tap${tap});
        // end
      }
      // end
      a_now = a_next;
      b_now = b_next;
    }
  }

  let part = (id.z * shape.parts + part_index) * shape.part;
  // repeat: segment = a | b
  if (segment_${segment} < shape.segment_count) {
    let to = part + (tile * shape.segment_count + segment_${segment}) * TAPS * TAP_QUADS;
    // repeat: tap = 0..5
    if (TAPS > ${tap}u) {
      partials[to + ${tap}u * TAP_QUADS] = ${segment}${tap}_low;
      partials[to + ${tap}u * TAP_QUADS + 1u] = ${segment}${tap}_high;
    }
    // end
  }
  // end
}

// One invocation adds up 8 filters for one part of the batch. Grid: parts by row tiles, 1, replicas.
@compute @workgroup_size(64)
fn bias_gradient(@builtin(global_invocation_id) id: vec3u) {
  let tiles = shape.groups * shape.row_tiles;
  if (id.x >= shape.parts * tiles) {
    return;
  }
  let part_index = id.x % shape.parts;
  let tile = id.x / shape.parts;
  let rows = rows_of(tile);
  // repeat: r = 0..8
  var row${r} = vec4f(0.0);
  // end
  let begin = part_index * shape.samples_per_part;
  let samples = min(shape.samples_per_part, shape.batch - begin);
  for (var row = 0u; row < samples * shape.height; row++) {
    let dy = gradient_quad(id.z, begin + row / shape.height, row % shape.height);
    for (var x = 0u; x < shape.row_quads; x++) {
      // repeat: r entry = 0 low.x | 1 low.y | 2 low.z | 3 low.w | 4 high.x | 5 high.y | 6 high.z | 7 high.w
      row${r} += gradient[dy + x + rows.${entry}];
      // end
    }
  }
  let to = (id.z * shape.parts + part_index) * shape.part
    + (tiles * shape.segment_count * TAPS + tile) * TAP_QUADS;
  partials[to] = vec4f(sum_of(row0), sum_of(row1), sum_of(row2), sum_of(row3));
  partials[to + 1u] = vec4f(sum_of(row4), sum_of(row5), sum_of(row6), sum_of(row7));
}
