// w_rc = sign * scale * z(word_rc): independent entries of one tensor, for all replicas.
// One invocation makes one vec4f of a row, or strides over several: one Philox block, four words.
// replicas: [replica] = (seed low, seed high, replica's number, 0); normal_table: [512] cubics, see lib/normal.wgsl;
// values: parameter blocks [replica][block], of which the tensor [rows][row stride] is drawn; padding stays 0.
// The grid is one row of workgroups over (replica, vec4f), any length. Needs 3 storage buffers. Bit-equal to src/initialize/draw-tensors.ts:
// integers below 2^24 as f32, one multiplication, nothing to reassociate.
// include: lib/normal.wgsl

struct Draw {
  // In vec4f: of the tensor's rows, of its start, of a replica's block.
  row_vectors: u32,
  start: u32,
  block: u32,
  replica_count: u32,
  rows: u32,
  columns: u32,
  // 0, or: row 2i + 1 is minus row 2i, counted anew after each so many rows.
  mirrored_rows: u32,
  stream: u32,
  substream: u32,
  kind: u32,
  // The value of the number's last bit.
  unit: f32,
}

@group(0) @binding(0) var<uniform> draw: Draw;
@group(0) @binding(1) var<storage, read> replicas: array<vec4u>;
@group(0) @binding(2) var<storage, read> normal_table: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> values: array<vec4f>;

const KIND_CONSTANT = 0u;
const KIND_NORMAL = 1u;
const WORKGROUP = 64u;

// The odd number below 2^24 in size nearest to the word's place in (-1, 1), in units of 2^-24.
fn symmetric_uniform(word: u32) -> i32 {
  return 2 * i32(word >> 8u) + 1 - 16777216;
}

fn number_of(word: u32) -> i32 {
  if (draw.kind == KIND_NORMAL) {
    return standard_normal(word);
  }
  return symmetric_uniform(word);
}

@compute @workgroup_size(WORKGROUP)
fn draw_tensor(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let vectors = draw.rows * draw.row_vectors;
  for (var item = id.x; item < vectors * draw.replica_count; item += grid.x * WORKGROUP) {
    let replica = replicas[item / vectors];
    let vector = item % vectors;
    let row = vector / draw.row_vectors;
    let column = 4u * (vector % draw.row_vectors);
    var source = vector;
    var sign = 1;
    if (draw.mirrored_rows > 0u && (row % draw.mirrored_rows) % 2u == 1u) {
      source -= draw.row_vectors;
      sign = -1;
    }
    var numbers = vec4i(1, 1, 1, 1);
    if (draw.kind != KIND_CONSTANT) {
      let words = philox4x32(vec4u(source, replica.z, draw.stream, draw.substream), replica.xy);
      numbers = sign * vec4i(number_of(words.x), number_of(words.y), number_of(words.z), number_of(words.w));
    }
    let inside = vec4u(column, column + 1u, column + 2u, column + 3u) < vec4u(draw.columns);
    let place = (item / vectors) * draw.block + draw.start + vector;
    values[place] = vec4f(select(vec4i(0), numbers, inside)) * draw.unit;
  }
}
