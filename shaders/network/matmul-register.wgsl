// forward: Y = act(X W^T + b), input_gradient: dX = (dY W) act'(input), weight_gradient: dW = dY^T X
// and db = the sum of dY's rows; X [batch][in], W [out][in], Y [batch][out], per replica (grid z).
// One invocation computes 8 x 8 results in registers: 16 loads of a vec4f for 256 multiply-adds, and
// no workgroup memory, which software adapters emulate slowly.
// Buffers and their layout: lib/matmul.wgsl. A workgroup is WORKGROUP_SIZE tiles, 2^column_shift side by side.
// Needs 6 storage and 1 uniform buffer.
// include: lib/matmul.wgsl
// include: lib/register-tile.wgsl

// Sides of the tile, in blocks and in entries.
const BLOCKS = 2u;
const TILE = 8u;
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
  let right_rows_0 = right_rows(column, replica);
  let right_rows_1 = right_rows(column + QUAD, replica);
  var sum_00 = mat4x4f();
  var sum_01 = mat4x4f();
  var sum_10 = mat4x4f();
  var sum_11 = mat4x4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_along(left_rows_0, depth);
    let left_1 = left_along(left_rows_1, depth);
    let right_0 = right_along(right_rows_0, depth);
    let right_1 = right_along(right_rows_1, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
    sum_01 = add_product(sum_01, left_0, right_1);
    sum_10 = add_product(sum_10, left_1, right_0);
    sum_11 = add_product(sum_11, left_1, right_1);
  }
  // An array for the loop alone: written out, the activation would be compiled 64 times.
  var sums = array<mat4x4f, 4>(
    sum_00, sum_01,
    sum_10, sum_11,
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
  let right_quad_0 = right_quad(column, replica);
  let right_quad_1 = right_quad(column + QUAD, replica);
  var sum_00 = mat4x4f();
  var sum_01 = mat4x4f();
  var sum_10 = mat4x4f();
  var sum_11 = mat4x4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_along(left_rows_0, depth);
    let left_1 = left_along(left_rows_1, depth);
    let right_0 = right_across(right_quad_0, depth);
    let right_1 = right_across(right_quad_1, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
    sum_01 = add_product(sum_01, left_0, right_1);
    sum_10 = add_product(sum_10, left_1, right_0);
    sum_11 = add_product(sum_11, left_1, right_1);
  }
  var sums = array<mat4x4f, 4>(
    sum_00, sum_01,
    sum_10, sum_11,
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
  let right_quad_0 = right_quad(column, replica);
  let right_quad_1 = right_quad(column + QUAD, replica);
  var sum_00 = mat4x4f();
  var sum_01 = mat4x4f();
  var sum_10 = mat4x4f();
  var sum_11 = mat4x4f();
  var bias_0 = vec4f();
  var bias_1 = vec4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_across(left_quad_0, depth);
    let left_1 = left_across(left_quad_1, depth);
    let right_0 = right_across(right_quad_0, depth);
    let right_1 = right_across(right_quad_1, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
    sum_01 = add_product(sum_01, left_0, right_1);
    sum_10 = add_product(sum_10, left_1, right_0);
    sum_11 = add_product(sum_11, left_1, right_1);
    if (BIAS) {
      bias_0 += sum_rows(left_0);
      bias_1 += sum_rows(left_1);
    }
  }
  var sums = array<mat4x4f, 4>(
    sum_00, sum_01,
    sum_10, sum_11,
  );
  for (var i = 0u; i < TILE; i++) {
    for (var j = 0u; j < BLOCKS; j++) {
      store_weight_gradient(sums[i / QUAD * BLOCKS + j][i % QUAD], row + i, column + j * QUAD, replica);
    }
  }
  store_bias_gradient(bias_0, row, column, replica);
  store_bias_gradient(bias_1, row + QUAD, column, replica);
}
