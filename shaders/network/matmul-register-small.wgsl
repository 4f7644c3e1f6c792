// forward: Y = act(X W^T + b), input_gradient: dX = (dY W) act'(input), weight_gradient: dW = dY^T X
// and db = the sum of dY's rows; X [batch][in], W [out][in], Y [batch][out], per replica (grid z).
// One invocation computes 4 x 4 results in registers: for results too small or too narrow for the
// 8 x 8 of matmul-register.wgsl.
// Buffers and their layout: lib/matmul.wgsl. A workgroup is WORKGROUP_SIZE tiles, 2^column_shift side by side.
// Needs 6 storage and 1 uniform buffer.
// include: lib/matmul.wgsl
// include: lib/register-tile.wgsl

// Sides of the tile, in blocks and in entries.
const BLOCKS = 1u;
const TILE = 4u;
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
  let right_rows_0 = right_rows(column, replica);
  var sum_00 = mat4x4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_along(left_rows_0, depth);
    let right_0 = right_along(right_rows_0, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
  }
  var sums = sum_00;
  for (var i = 0u; i < TILE; i++) {
    store_forward(sums[i], row + i, column, replica);
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
  let right_quad_0 = right_quad(column, replica);
  var sum_00 = mat4x4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_along(left_rows_0, depth);
    let right_0 = right_across(right_quad_0, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
  }
  var sums = sum_00;
  for (var i = 0u; i < TILE; i++) {
    store_input_gradient(sums[i], row + i, column, replica);
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
  let right_quad_0 = right_quad(column, replica);
  var sum_00 = mat4x4f();
  var bias_0 = vec4f();
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    let left_0 = left_across(left_quad_0, depth);
    let right_0 = right_across(right_quad_0, depth);
    sum_00 = add_product(sum_00, left_0, right_0);
    if (BIAS) {
      bias_0 += sum_rows(left_0);
    }
  }
  var sums = sum_00;
  for (var i = 0u; i < TILE; i++) {
    store_weight_gradient(sums[i], row + i, column, replica);
  }
  store_bias_gradient(bias_0, row, column, replica);
}
