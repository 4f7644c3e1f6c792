// plane[c][residue y][residue x][i][j] = x[c][i stride + residue y + shift y][j stride + residue x + shift x], 0 outside
// A copy of images in which every row begins at a whole quad and a strided convolution becomes one of stride 1 over
// planes of every stride-th row and column. One invocation makes one quad of one sample of one replica.
// images: [replica][sample][channel][row][column]; planes: [replica][sample][channel][residue][residue][row][column].
// Grid: quads of a sample, samples, replicas. Needs 2 storage buffers.

struct Planes {
  // Quads of one sample that are written, and of one plane.
  count: u32,
  plane: u32,
  // Floats that every plane begins with and that stay zero; floats from row to row.
  front: u32,
  pitch: u32,
  rows: u32,
  residues_y: u32,
  residues_x: u32,
  stride_y: u32,
  stride_x: u32,
  shift_y: i32,
  shift_x: i32,
  // Of the images.
  height: u32,
  width: u32,
  image_sample: u32,
  image_replica: u32,
  // Quads.
  sample: u32,
  replica: u32,
}

@group(0) @binding(0) var<uniform> shape: Planes;
@group(0) @binding(1) var<storage, read> images: array<f32>;
@group(0) @binding(2) var<storage, read_write> planes: array<vec4f>;

const QUAD = 4u;

fn cell(start: u32, row: i32, column: u32, residue: u32) -> f32 {
  let x = i32(column * shape.stride_x + residue) + shape.shift_x;
  if (row < 0 || row >= i32(shape.height) || x < 0 || x >= i32(shape.width)) {
    return 0.0;
  }
  return images[start + u32(row) * shape.width + u32(x)];
}

@compute @workgroup_size(64)
fn arrange(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.count) {
    return;
  }
  let plane = id.x / shape.plane;
  let place = id.x % shape.plane * QUAD;
  if (place < shape.front || place >= shape.front + shape.rows * shape.pitch) {
    return;
  }
  let row = (place - shape.front) / shape.pitch;
  let column = (place - shape.front) % shape.pitch;
  let residue_x = plane % shape.residues_x;
  let residue_y = plane / shape.residues_x % shape.residues_y;
  let channel = plane / shape.residues_x / shape.residues_y;
  let start = id.z * shape.image_replica + id.y * shape.image_sample
    + channel * shape.height * shape.width;
  let y = i32(row * shape.stride_y + residue_y) + shape.shift_y;
  planes[id.z * shape.replica + id.y * shape.sample + id.x] = vec4f(
    cell(start, y, column, residue_x),
    cell(start, y, column + 1u, residue_x),
    cell(start, y, column + 2u, residue_x),
    cell(start, y, column + 3u, residue_x),
  );
}
