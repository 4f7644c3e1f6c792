// forward: Y = act(X W^T + b), input_gradient: dX = (dY W) act'(input), weight_gradient: dW = dY^T X
// and db = the sum of dY's rows; X [batch][in], W [out][in], Y [batch][out], per replica (grid z).
// One invocation computes 16 x 16 results: for software adapters, where a lane's load costs as much
// as twenty multiply-adds of its vector and registers lie in memory anyway; half as many loads as
// with 8 x 8 make it 1.5 times as fast (SwiftShader, 512 x 512 x 512, 2026-11-23). A GPU would spill.
// Buffers and their layout: lib/matmul.wgsl. A workgroup is WORKGROUP_SIZE tiles, 2^column_shift side by side.
// Needs 6 storage and 1 uniform buffer.
// include: lib/matmul.wgsl
// include: lib/register-tile.wgsl

// Sides of the tile, in blocks and in entries.
const BLOCKS = 4u;
const TILE = 16u;
const WORKGROUP_SIZE = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = tile_place(group, local);
  let row = place.x;
  let column = place.y;
  let replica = group.z;
  if (!is_inside(row, column)) {
    return;
  }
  let left_rows_0 = left_rows(row, replica);
  let left_rows_1 = left_rows(row + QUAD, replica);
  let left_rows_2 = left_rows(row + 2u * QUAD, replica);
  let left_rows_3 = left_rows(row + 3u * QUAD, replica);
  let right_rows_0 = right_rows(column, replica);
  let right_rows_1 = right_rows(column + QUAD, replica);
  let right_rows_2 = right_rows(column + 2u * QUAD, replica);
  let right_rows_3 = right_rows(column + 3u * QUAD, replica);
  var sum_00 = mat4x4f();
  var sum_01 = mat4x4f();
  var sum_02 = mat4x4f();
  var sum_03 = mat4x4f();
  var sum_10 = mat4x4f();
  var sum_11 = mat4x4f();
  var sum_12 = mat4x4f();
  var sum_13 = mat4x4f();
  var sum_20 = mat4x4f();
  var sum_21 = mat4x4f();
  var sum_22 = mat4x4f();
  var sum_23 = mat4x4f();
  var sum_30 = mat4x4f();
  var sum_31 = mat4x4f();
  var sum_32 = mat4x4f();
  var sum_33 = mat4x4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_along(left_rows_0, depth);
    let left_1 = left_along(left_rows_1, depth);
    let left_2 = left_along(left_rows_2, depth);
    let left_3 = left_along(left_rows_3, depth);
    let right_0 = right_along(right_rows_0, depth);
    let right_1 = right_along(right_rows_1, depth);
    let right_2 = right_along(right_rows_2, depth);
    let right_3 = right_along(right_rows_3, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
    sum_01 = add_product(sum_01, left_0, right_1);
    sum_02 = add_product(sum_02, left_0, right_2);
    sum_03 = add_product(sum_03, left_0, right_3);
    sum_10 = add_product(sum_10, left_1, right_0);
    sum_11 = add_product(sum_11, left_1, right_1);
    sum_12 = add_product(sum_12, left_1, right_2);
    sum_13 = add_product(sum_13, left_1, right_3);
    sum_20 = add_product(sum_20, left_2, right_0);
    sum_21 = add_product(sum_21, left_2, right_1);
    sum_22 = add_product(sum_22, left_2, right_2);
    sum_23 = add_product(sum_23, left_2, right_3);
    sum_30 = add_product(sum_30, left_3, right_0);
    sum_31 = add_product(sum_31, left_3, right_1);
    sum_32 = add_product(sum_32, left_3, right_2);
    sum_33 = add_product(sum_33, left_3, right_3);
  }
  // An array for the loop alone: written out, the activation would be compiled 256 times.
  var sums = array<mat4x4f, 16>(
    sum_00, sum_01, sum_02, sum_03,
    sum_10, sum_11, sum_12, sum_13,
    sum_20, sum_21, sum_22, sum_23,
    sum_30, sum_31, sum_32, sum_33,
  );
  for (var i = 0u; i < TILE; i++) {
    for (var j = 0u; j < BLOCKS; j++) {
      store_forward(sums[i / QUAD * BLOCKS + j][i % QUAD], row + i, column + j * QUAD, replica);
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn input_gradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = tile_place(group, local);
  let row = place.x;
  let column = place.y;
  let replica = group.z;
  if (!is_inside(row, column)) {
    return;
  }
  let left_rows_0 = left_rows(row, replica);
  let left_rows_1 = left_rows(row + QUAD, replica);
  let left_rows_2 = left_rows(row + 2u * QUAD, replica);
  let left_rows_3 = left_rows(row + 3u * QUAD, replica);
  let right_quad_0 = right_quad(column, replica);
  let right_quad_1 = right_quad(column + QUAD, replica);
  let right_quad_2 = right_quad(column + 2u * QUAD, replica);
  let right_quad_3 = right_quad(column + 3u * QUAD, replica);
  var sum_00 = mat4x4f();
  var sum_01 = mat4x4f();
  var sum_02 = mat4x4f();
  var sum_03 = mat4x4f();
  var sum_10 = mat4x4f();
  var sum_11 = mat4x4f();
  var sum_12 = mat4x4f();
  var sum_13 = mat4x4f();
  var sum_20 = mat4x4f();
  var sum_21 = mat4x4f();
  var sum_22 = mat4x4f();
  var sum_23 = mat4x4f();
  var sum_30 = mat4x4f();
  var sum_31 = mat4x4f();
  var sum_32 = mat4x4f();
  var sum_33 = mat4x4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_along(left_rows_0, depth);
    let left_1 = left_along(left_rows_1, depth);
    let left_2 = left_along(left_rows_2, depth);
    let left_3 = left_along(left_rows_3, depth);
    let right_0 = right_across(right_quad_0, depth);
    let right_1 = right_across(right_quad_1, depth);
    let right_2 = right_across(right_quad_2, depth);
    let right_3 = right_across(right_quad_3, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
    sum_01 = add_product(sum_01, left_0, right_1);
    sum_02 = add_product(sum_02, left_0, right_2);
    sum_03 = add_product(sum_03, left_0, right_3);
    sum_10 = add_product(sum_10, left_1, right_0);
    sum_11 = add_product(sum_11, left_1, right_1);
    sum_12 = add_product(sum_12, left_1, right_2);
    sum_13 = add_product(sum_13, left_1, right_3);
    sum_20 = add_product(sum_20, left_2, right_0);
    sum_21 = add_product(sum_21, left_2, right_1);
    sum_22 = add_product(sum_22, left_2, right_2);
    sum_23 = add_product(sum_23, left_2, right_3);
    sum_30 = add_product(sum_30, left_3, right_0);
    sum_31 = add_product(sum_31, left_3, right_1);
    sum_32 = add_product(sum_32, left_3, right_2);
    sum_33 = add_product(sum_33, left_3, right_3);
  }
  var sums = array<mat4x4f, 16>(
    sum_00, sum_01, sum_02, sum_03,
    sum_10, sum_11, sum_12, sum_13,
    sum_20, sum_21, sum_22, sum_23,
    sum_30, sum_31, sum_32, sum_33,
  );
  for (var i = 0u; i < TILE; i++) {
    for (var j = 0u; j < BLOCKS; j++) {
      store_input_gradient(sums[i / QUAD * BLOCKS + j][i % QUAD], row + i, column + j * QUAD, replica);
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn weight_gradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = tile_place(group, local);
  let row = place.x;
  let column = place.y;
  let replica = group.z;
  if (!is_inside(row, column)) {
    return;
  }
  let left_quad_0 = left_quad(row, replica);
  let left_quad_1 = left_quad(row + QUAD, replica);
  let left_quad_2 = left_quad(row + 2u * QUAD, replica);
  let left_quad_3 = left_quad(row + 3u * QUAD, replica);
  let right_quad_0 = right_quad(column, replica);
  let right_quad_1 = right_quad(column + QUAD, replica);
  let right_quad_2 = right_quad(column + 2u * QUAD, replica);
  let right_quad_3 = right_quad(column + 3u * QUAD, replica);
  var sum_00 = mat4x4f();
  var sum_01 = mat4x4f();
  var sum_02 = mat4x4f();
  var sum_03 = mat4x4f();
  var sum_10 = mat4x4f();
  var sum_11 = mat4x4f();
  var sum_12 = mat4x4f();
  var sum_13 = mat4x4f();
  var sum_20 = mat4x4f();
  var sum_21 = mat4x4f();
  var sum_22 = mat4x4f();
  var sum_23 = mat4x4f();
  var sum_30 = mat4x4f();
  var sum_31 = mat4x4f();
  var sum_32 = mat4x4f();
  var sum_33 = mat4x4f();
  var bias_0 = vec4f();
  var bias_1 = vec4f();
  var bias_2 = vec4f();
  var bias_3 = vec4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_across(left_quad_0, depth);
    let left_1 = left_across(left_quad_1, depth);
    let left_2 = left_across(left_quad_2, depth);
    let left_3 = left_across(left_quad_3, depth);
    let right_0 = right_across(right_quad_0, depth);
    let right_1 = right_across(right_quad_1, depth);
    let right_2 = right_across(right_quad_2, depth);
    let right_3 = right_across(right_quad_3, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
    sum_01 = add_product(sum_01, left_0, right_1);
    sum_02 = add_product(sum_02, left_0, right_2);
    sum_03 = add_product(sum_03, left_0, right_3);
    sum_10 = add_product(sum_10, left_1, right_0);
    sum_11 = add_product(sum_11, left_1, right_1);
    sum_12 = add_product(sum_12, left_1, right_2);
    sum_13 = add_product(sum_13, left_1, right_3);
    sum_20 = add_product(sum_20, left_2, right_0);
    sum_21 = add_product(sum_21, left_2, right_1);
    sum_22 = add_product(sum_22, left_2, right_2);
    sum_23 = add_product(sum_23, left_2, right_3);
    sum_30 = add_product(sum_30, left_3, right_0);
    sum_31 = add_product(sum_31, left_3, right_1);
    sum_32 = add_product(sum_32, left_3, right_2);
    sum_33 = add_product(sum_33, left_3, right_3);
    if (BIAS) {
      bias_0 += sum_rows(left_0);
      bias_1 += sum_rows(left_1);
      bias_2 += sum_rows(left_2);
      bias_3 += sum_rows(left_3);
    }
  }
  var sums = array<mat4x4f, 16>(
    sum_00, sum_01, sum_02, sum_03,
    sum_10, sum_11, sum_12, sum_13,
    sum_20, sum_21, sum_22, sum_23,
    sum_30, sum_31, sum_32, sum_33,
  );
  for (var i = 0u; i < TILE; i++) {
    for (var j = 0u; j < BLOCKS; j++) {
      store_weight_gradient(sums[i / QUAD * BLOCKS + j][i % QUAD], row + i, column + j * QUAD, replica);
    }
  }
  store_bias_gradient(bias_0, row, column, replica);
  store_bias_gradient(bias_1, row + QUAD, column, replica);
  store_bias_gradient(bias_2, row + 2u * QUAD, column, replica);
  store_bias_gradient(bias_3, row + 3u * QUAD, column, replica);
}
