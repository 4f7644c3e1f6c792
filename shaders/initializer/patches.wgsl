// rows_pk = x[channel(k)][top(p) + row(k) dilation][left(p) + column(k) dilation]: patches of images as rows (im2col).
// One invocation copies one entry of one patch; padding of the image, and of the rows, is zero.
// positions: [replica][patch] = image * positions per image + position; images: [replica][sample][channel, row, column];
// rows: [replica][patch][row stride]. Of images in several buffers one dispatch copies the patches that lie in its own; a
// row of features is an image of one cell. The grid is one row of workgroups, any length. Needs 3 storage buffers.

struct Patches {
  replica_count: u32,
  patches: u32,
  columns: u32,
  row_stride: u32,
  first_channel: u32,
  height: u32,
  width: u32,
  kernel_columns: u32,
  kernel_cells: u32,
  positions_across: u32,
  positions_per_image: u32,
  // Those that this buffer holds.
  first_image: u32,
  image_count: u32,
  stride: vec2u,
  // Cells of padding above and to the left.
  padding: vec2u,
  dilation: vec2u,
  sample_stride: u32,
  replica_stride: u32,
}

@group(0) @binding(0) var<uniform> layer: Patches;
@group(0) @binding(1) var<storage, read> positions: array<u32>;
@group(0) @binding(2) var<storage, read> images: array<f32>;
@group(0) @binding(3) var<storage, read_write> rows: array<f32>;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn copy_patches(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let count = layer.replica_count * layer.patches * layer.row_stride;
  for (var item = id.x; item < count; item += grid.x * WORKGROUP) {
    let patch_row = item / layer.row_stride;
    let column = item % layer.row_stride;
    let place = positions[patch_row];
    // Below the first image the difference wraps around and is no image of these either.
    let image = place / layer.positions_per_image - layer.first_image;
    if (image >= layer.image_count) {
      continue;
    }
    let position = place % layer.positions_per_image;
    let channel = layer.first_channel + column / layer.kernel_cells;
    let cell = column % layer.kernel_cells;
    let corner = vec2u(position / layer.positions_across, position % layer.positions_across) * layer.stride;
    let offset = vec2u(cell / layer.kernel_columns, cell % layer.kernel_columns) * layer.dilation;
    // Below the padding the difference wraps around and is no cell either.
    let source = corner + offset - layer.padding;
    var value = 0.0;
    if (column < layer.columns && source.x < layer.height && source.y < layer.width) {
      let start = (patch_row / layer.patches) * layer.replica_stride + image * layer.sample_stride;
      value = images[start + (channel * layer.height + source.x) * layer.width + source.y];
    }
    rows[item] = value;
  }
}
