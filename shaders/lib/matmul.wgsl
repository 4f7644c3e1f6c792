// result = left right: what all matrix kernels share, from the operands' layout to the stores with
// bias, activation and slope fused in. The tile that one invocation computes is made of 4 x 4 blocks.
// Matrices are [replica][row][entry], rows padded with zeros to whole vec4f; offsets and strides
// count vec4f. An operand lies `along` the summed index (its rows hold consecutive summands) or
// `across` it (its rows hold one summand each of consecutive results); either way its loads give
// blocks for add_product.
// Loads clamp to the last row or quad, so tails compute copies that no store lets through; summands
// past the depth are zero in the left operand, which takes them out of the sum.
// include: lib/activation.wgsl

struct MatmulShape {
  // result is rows x columns, sums have `depth` terms.
  rows: u32,
  columns: u32,
  depth: u32,
  // A workgroup covers 2^column_shift tiles side by side.
  column_shift: u32,
  left_offset: u32,
  left_stride: u32,
  left_replica: u32,
  right_offset: u32,
  right_stride: u32,
  right_replica: u32,
  result_offset: u32,
  result_stride: u32,
  result_replica: u32,
  // Of bias, which forward reads and weight_gradient writes into `result`.
  bias_offset: u32,
  bias_replica: u32,
  // Of saved, or of pre_activation.
  saved_offset: u32,
  saved_stride: u32,
  saved_replica: u32,
}

@group(0) @binding(0) var<uniform> shape: MatmulShape;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> result: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> pre_activation: array<vec4f>;

// Multiply-adds in one chain, 64 for two blocks, where the hardware has them. As a product and a sum,
// 80 operations, SwiftShader is 8% faster and compiles twice as fast (2026-11-23).
override FUSED: bool = false;
// forward adds a bias; weight_gradient sums one up.
override BIAS: bool = false;
// forward keeps what the activation was applied to.
override STORE_PRE_ACTIVATION: bool = false;

const QUAD = 4u;
const FOUR = vec4u(0u, 1u, 2u, 3u);

fn quads(entries: u32) -> u32 {
  return (entries + QUAD - 1u) / QUAD;
}

// Where four consecutive rows of an operand along the depth start.
fn left_rows(row: u32, replica: u32) -> vec4u {
  let start = shape.left_offset + replica * shape.left_replica;
  return min(vec4u(row) + FOUR, vec4u(shape.rows - 1u)) * shape.left_stride + start;
}

fn right_rows(column: u32, replica: u32) -> vec4u {
  let start = shape.right_offset + replica * shape.right_replica;
  return min(vec4u(column) + FOUR, vec4u(shape.columns - 1u)) * shape.right_stride + start;
}

// Where four consecutive results begin in the first row of an operand across the depth.
fn left_quad(row: u32, replica: u32) -> u32 {
  return shape.left_offset + replica * shape.left_replica
    + min(row / QUAD, quads(shape.rows) - 1u);
}

fn right_quad(column: u32, replica: u32) -> u32 {
  return shape.right_offset + replica * shape.right_replica
    + min(column / QUAD, quads(shape.columns) - 1u);
}

// Four rows of the result, four summands each.
fn left_along(rows: vec4u, depth: u32) -> mat4x4f {
  let quad = min(depth / QUAD, quads(shape.depth) - 1u);
  return mat4x4f(
    left[rows.x + quad], left[rows.y + quad], left[rows.z + quad], left[rows.w + quad],
  );
}

// left_along where all four may lie past the depth.
fn left_along_or_zero(rows: vec4u, depth: u32) -> mat4x4f {
  if (depth >= shape.depth) {
    return mat4x4f();
  }
  return left_along(rows, depth);
}

fn left_across(start: u32, depth: u32) -> mat4x4f {
  let row = min(vec4u(depth) + FOUR, vec4u(shape.depth - 1u)) * shape.left_stride + start;
  let past = vec4u(depth) + FOUR >= vec4u(shape.depth);
  return transpose(mat4x4f(
    select(left[row.x], vec4f(), past.x),
    select(left[row.y], vec4f(), past.y),
    select(left[row.z], vec4f(), past.z),
    select(left[row.w], vec4f(), past.w),
  ));
}

// Four summands, four columns of the result each.
fn right_along(rows: vec4u, depth: u32) -> mat4x4f {
  let quad = min(depth / QUAD, quads(shape.depth) - 1u);
  return transpose(mat4x4f(
    right[rows.x + quad], right[rows.y + quad], right[rows.z + quad], right[rows.w + quad],
  ));
}

fn right_across(start: u32, depth: u32) -> mat4x4f {
  let row = min(vec4u(depth) + FOUR, vec4u(shape.depth - 1u)) * shape.right_stride + start;
  return mat4x4f(right[row.x], right[row.y], right[row.z], right[row.w]);
}

// sums[row] += sum_k left[row][k] right[k]
fn add_product(sums: mat4x4f, left_block: mat4x4f, right_block: mat4x4f) -> mat4x4f {
  if (FUSED) {
    return mat4x4f(
      add_row(sums[0], left_block[0], right_block),
      add_row(sums[1], left_block[1], right_block),
      add_row(sums[2], left_block[2], right_block),
      add_row(sums[3], left_block[3], right_block),
    );
  }
  // WGSL multiplies by columns, hence the order.
  return sums + right_block * left_block;
}

fn add_row(sum: vec4f, left_row: vec4f, right_block: mat4x4f) -> vec4f {
  let first = fma(vec4f(left_row.x), right_block[0], sum);
  let second = fma(vec4f(left_row.y), right_block[1], first);
  let third = fma(vec4f(left_row.z), right_block[2], second);
  return fma(vec4f(left_row.w), right_block[3], third);
}

// Each row's sum over the four summands.
fn sum_rows(left_block: mat4x4f) -> vec4f {
  return vec4f(1.0) * left_block;
}

// Zeroes what lies past the last entry: padding stays zero.
fn without_padding(value: vec4f, first: u32, entries: u32) -> vec4f {
  return select(value, vec4f(), vec4u(first) + FOUR >= vec4u(entries));
}

fn is_inside(row: u32, column: u32) -> bool {
  return row < shape.rows && column < shape.columns;
}

fn result_place(row: u32, column: u32, replica: u32) -> u32 {
  return shape.result_offset + replica * shape.result_replica + row * shape.result_stride
    + column / QUAD;
}

fn saved_place(row: u32, column: u32, replica: u32) -> u32 {
  return shape.saved_offset + replica * shape.saved_replica + row * shape.saved_stride
    + column / QUAD;
}

fn store_forward(sum: vec4f, row: u32, column: u32, replica: u32) {
  if (!is_inside(row, column)) {
    return;
  }
  var x = sum;
  if (BIAS) {
    x += bias[shape.bias_offset + replica * shape.bias_replica + column / QUAD];
  }
  if (STORE_PRE_ACTIVATION) {
    pre_activation[saved_place(row, column, replica)] = without_padding(x, column, shape.columns);
  }
  let y = vec4f(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
  result[result_place(row, column, replica)] = without_padding(y, column, shape.columns);
}

fn store_input_gradient(sum: vec4f, row: u32, column: u32, replica: u32) {
  if (!is_inside(row, column)) {
    return;
  }
  var gradient = sum;
  if (ACTIVATION != IDENTITY) {
    let x = saved[saved_place(row, column, replica)];
    gradient *= vec4f(
      activation_slope(x.x), activation_slope(x.y), activation_slope(x.z), activation_slope(x.w),
    );
  }
  result[result_place(row, column, replica)] = without_padding(gradient, column, shape.columns);
}

fn store_weight_gradient(sum: vec4f, row: u32, column: u32, replica: u32) {
  if (is_inside(row, column)) {
    result[result_place(row, column, replica)] = without_padding(sum, column, shape.columns);
  }
}

// Whoever has the first columns of these rows of the weight gradient has their bias gradient too.
fn store_bias_gradient(sum: vec4f, row: u32, column: u32, replica: u32) {
  if (BIAS && column == 0u && row < shape.rows) {
    result[shape.bias_offset + replica * shape.bias_replica + row / QUAD]
      = without_padding(sum, row, shape.rows);
  }
}
