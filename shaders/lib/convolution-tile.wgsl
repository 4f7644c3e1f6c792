// tile[row][cell] = sum over segments s and taps t of weight[row][s][t] * source[segment s + cell + t]
// The inner part of convolution and of its input gradient: both are a sliding sum over flattened planes (src/network/gpu/
// operations/convolution-geometry.ts says how strides, padding and dilation come to that). One invocation adds up 8 rows
// (output channels) by 8 consecutive cells; a segment is one kernel row of one plane, whose taps share the loaded cells.
// weight: [row tile][segment][tap][8 rows]; source: planes with rows of whole quads; segments: quads from the tile's first
// cell. Named accumulators, because software adapters spill indexed ones; no workgroup memory, which they emulate.

// Taps of a segment, 1 to 5: what three quads of source cells suffice for.
override TAPS: u32 = 1u;

const TILE_ROWS = 8u;
const TILE_CELLS = 8u;
const QUAD = 4u;
// Quads of weights of one tap.
const TAP_QUADS = 2u;
// A cell of the tile outside the result.
const OUTSIDE = 0xffffffffu;

struct Correlation {
  // Tiles of one sample, and of all samples.
  tiles: u32,
  tile_count: u32,
  // A run is a row of the result, or all rows with the cells between them; cells from one run to the next.
  tiles_per_run: u32,
  run_stride: u32,
  // Quads of the source.
  source_sample: u32,
  source_replica: u32,
  source_group: u32,
  // Segments of one row tile, and where their offsets begin.
  segment_count: u32,
  segment_first: u32,
  // Quads of packed weights.
  weight_first: u32,
  weight_replica: u32,
  // Rows of a group, and tiles they make.
  rows: u32,
  row_tiles: u32,
  // Cell c of a plane is the result's row (first + c) / pitch * scale_y + shift_y, column likewise with % pitch.
  first: u32,
  pitch: u32,
  scale_y: i32,
  shift_y: i32,
  scale_x: i32,
  shift_x: i32,
  height: u32,
  width: u32,
  // Floats of the result.
  result_sample: u32,
  result_replica: u32,
}

struct Tile {
  // repeat: r = 0..8
  row${r}_low: vec4f,
  row${r}_high: vec4f,
  // end
}

@group(0) @binding(0) var<uniform> correlation: Correlation;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> source: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<u32>;

fn add_tap(
  tile: ptr<function, Tile>,
  weight_quad: u32,
  cells_low: vec4f,
  cells_high: vec4f,
) {
  let weight_low = weight[weight_quad];
  let weight_high = weight[weight_quad + 1u];
  // repeat: half = low | high
  // repeat: r entry = 0 low.x | 1 low.y | 2 low.z | 3 low.w | 4 high.x | 5 high.y | 6 high.z | 7 high.w
  (*tile).row${r}_${half} = fma(vec4f(weight_${entry}), cells_${half}, (*tile).row${r}_${half});
  // end
  // end
}

// First cell of a tile of a sample.
fn tile_cell(tile: u32) -> u32 {
  return tile / correlation.tiles_per_run * correlation.run_stride
    + tile % correlation.tiles_per_run * TILE_CELLS;
}

// The tile that starts at a cell of a sample, for row tile y (of all groups).
fn correlate(replica: u32, sample: u32, cell: u32, y: u32) -> Tile {
  let source_quad = replica * correlation.source_replica
    + sample * correlation.source_sample + y / correlation.row_tiles * correlation.source_group
    + cell / QUAD;
  var weight_quad = correlation.weight_first + replica * correlation.weight_replica
    + y * correlation.segment_count * TAPS * TAP_QUADS;
  var tile = Tile();
  for (var s = 0u; s < correlation.segment_count; s++) {
    let quad = source_quad + segments[correlation.segment_first + s];
    let a = source[quad];
    let b = source[quad + 1u];
    add_tap(&tile, weight_quad, a, b);
    if (TAPS > 1u) {
      let c = source[quad + 2u];
      add_tap(&tile, weight_quad + TAP_QUADS, vec4f(a.yzw, b.x), vec4f(b.yzw, c.x));
      if (TAPS > 2u) {
        add_tap(&tile, weight_quad + 2u * TAP_QUADS, vec4f(a.zw, b.xy), vec4f(b.zw, c.xy));
      }
      if (TAPS > 3u) {
        add_tap(&tile, weight_quad + 3u * TAP_QUADS, vec4f(a.w, b.xyz), vec4f(b.w, c.xyz));
      }
      if (TAPS > 4u) {
        add_tap(&tile, weight_quad + 4u * TAP_QUADS, b, c);
      }
    }
    weight_quad += TAPS * TAP_QUADS;
  }
  return tile;
}

// Where a cell goes: floats from the start of a channel, or OUTSIDE.
fn place_of(cell: u32) -> u32 {
  let place = correlation.first + cell;
  let y = i32(place / correlation.pitch) * correlation.scale_y + correlation.shift_y;
  let x = i32(place % correlation.pitch) * correlation.scale_x + correlation.shift_x;
  let inside = y >= 0 && y < i32(correlation.height) && x >= 0 && x < i32(correlation.width);
  return select(OUTSIDE, u32(y) * correlation.width + u32(x), inside);
}

// Channel of the first row of row tile y.
fn first_channel(y: u32) -> u32 {
  return y / correlation.row_tiles * correlation.rows + y % correlation.row_tiles * TILE_ROWS;
}

// Floats from the tile's first row to row r. Rows that fill up a tile are copies of the last one (their weights are, too)
// and go to its place once more, which is cheaper than asking for every row whether it exists.
fn row_offset(y: u32, r: u32) -> u32 {
  let last = correlation.rows - 1u - y % correlation.row_tiles * TILE_ROWS;
  return min(r, last) * correlation.height * correlation.width;
}

struct RowOffsets {
  low: vec4u,
  high: vec4u,
}

fn row_offsets(y: u32) -> RowOffsets {
  return RowOffsets(
    vec4u(0u, row_offset(y, 1u), row_offset(y, 2u), row_offset(y, 3u)),
    vec4u(row_offset(y, 4u), row_offset(y, 5u), row_offset(y, 6u), row_offset(y, 7u)),
  );
}

// The eight rows of one cell. Whoever includes this says what to do with each, in fn store(to: u32, value: f32).
fn store_cell(start: u32, place: u32, offsets: RowOffsets, low: vec4f, high: vec4f) {
  if (place != OUTSIDE) {
    let to = start + place;
    // repeat: entry = low.x | low.y | low.z | low.w | high.x | high.y | high.z | high.w
    store(to + offsets.${entry}, ${entry});
    // end
  }
}
