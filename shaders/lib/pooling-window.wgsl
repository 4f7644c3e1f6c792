// Windows of pooling: window (i, j) covers rows i stride - before to i stride - before + size - 1, columns likewise;
// only its cells inside the image count.

struct Pooling {
  height: u32,
  width: u32,
  output_height: u32,
  output_width: u32,
  size_y: u32,
  size_x: u32,
  stride_y: u32,
  stride_x: u32,
  // Cells of padding in front of the first row and column.
  before_y: u32,
  before_x: u32,
  // Invocations of one sample.
  count: u32,
  // Floats from sample to sample and from replica to replica.
  input_sample: u32,
  input_replica: u32,
  output_sample: u32,
  output_replica: u32,
}

// 1 averages, 0 takes the largest.
override AVERAGE: u32 = 0u;
// 1 for windows of 2 by 2 cells side by side that fill the image: they need no loops, which on software adapters cost
// more than the cells (24x24x24, batch 64, SwiftShader: forward 26 -> 11, backward 88 -> 12 ms of CPU, 2026-11-23).
override FOURS: u32 = 0u;

// The cells of a window along one axis that are inside: first and one past the last.
fn inside(window: u32, stride: u32, before: u32, size: u32, cells: u32) -> vec2u {
  let start = window * stride;
  return vec2u(max(start, before) - before, min(max(start + size, before) - before, cells));
}
