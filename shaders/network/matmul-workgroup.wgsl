// forward: Y = act(X W^T + b), input_gradient: dX = (dY W) act'(input), weight_gradient: dW = dY^T X
// and db = the sum of dY's rows; X [batch][in], W [out][in], Y [batch][out], per replica (grid z).
// A workgroup computes 64 x 64 results. In turns of 16 summands its invocations bring one 4 x 4 block
// of each operand into workgroup memory, then each adds to its four blocks of 4 x 4 results, which lie
// 32 apart so that neighbours read neighbouring vec4f. For GPUs with real workgroup memory only.
// Buffers and their layout: lib/matmul.wgsl. Sums run in ascending order.
// Needs 6 storage buffers, 1 uniform buffer and 8 KiB of workgroup memory.
// include: lib/matmul.wgsl

const WORKGROUP_SIZE = 64u;
// Side of a workgroup's tile, in entries and in quads.
const TILE = 64u;
const TILE_QUADS = 16u;
// Summands of one turn, and that many quads of them.
const TURN = 16u;
const TURN_QUADS = 4u;
// Invocations side by side; the second half of a tile's quads begins there.
const SIDE = 8u;
// Rows and columns between an invocation's blocks.
const HALF = 32u;

// [summand of the turn][quad of rows, or of columns]
var<workgroup> left_tile: array<vec4f, TURN * TILE_QUADS>;
var<workgroup> right_tile: array<vec4f, TURN * TILE_QUADS>;

// What an invocation computes: its four blocks.
struct Blocks {
  sum_00: mat4x4f,
  sum_01: mat4x4f,
  sum_10: mat4x4f,
  sum_11: mat4x4f,
  bias_0: vec4f,
  bias_1: vec4f,
}

fn put_left(local: u32, rows: mat4x4f) {
  let slices = transpose(rows);
  let place = local / TILE_QUADS * QUAD * TILE_QUADS + local % TILE_QUADS;
  left_tile[place] = slices[0];
  left_tile[place + TILE_QUADS] = slices[1];
  left_tile[place + 2u * TILE_QUADS] = slices[2];
  left_tile[place + 3u * TILE_QUADS] = slices[3];
}

fn put_right(local: u32, slices: mat4x4f) {
  let place = local / TILE_QUADS * QUAD * TILE_QUADS + local % TILE_QUADS;
  right_tile[place] = slices[0];
  right_tile[place + TILE_QUADS] = slices[1];
  right_tile[place + 2u * TILE_QUADS] = slices[2];
  right_tile[place + 3u * TILE_QUADS] = slices[3];
}

// Four summands from `place` on, one row of the tile after the other.
fn take_left(place: u32) -> mat4x4f {
  return transpose(mat4x4f(
    left_tile[place],
    left_tile[place + TILE_QUADS],
    left_tile[place + 2u * TILE_QUADS],
    left_tile[place + 3u * TILE_QUADS],
  ));
}

fn take_right(place: u32) -> mat4x4f {
  return mat4x4f(
    right_tile[place],
    right_tile[place + TILE_QUADS],
    right_tile[place + 2u * TILE_QUADS],
    right_tile[place + 3u * TILE_QUADS],
  );
}

// One turn's share of an invocation's results.
fn add_turn(before: Blocks, local: u32) -> Blocks {
  var blocks = before;
  for (var i = 0u; i < TURN_QUADS; i++) {
    let place = i * QUAD * TILE_QUADS;
    let left_0 = take_left(place + local / SIDE);
    let left_1 = take_left(place + local / SIDE + SIDE);
    let right_0 = take_right(place + local % SIDE);
    let right_1 = take_right(place + local % SIDE + SIDE);
    blocks.sum_00 = add_product(blocks.sum_00, left_0, right_0);
    blocks.sum_01 = add_product(blocks.sum_01, left_0, right_1);
    blocks.sum_10 = add_product(blocks.sum_10, left_1, right_0);
    blocks.sum_11 = add_product(blocks.sum_11, left_1, right_1);
    if (BIAS) {
      blocks.bias_0 += sum_rows(left_0);
      blocks.bias_1 += sum_rows(left_1);
    }
  }
  return blocks;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let replica = group.z;
  let loaded = local % TILE_QUADS * QUAD;
  let left_start = left_rows(group.y * TILE + loaded, replica);
  let right_start = right_rows(group.x * TILE + loaded, replica);
  var blocks = Blocks();
  for (var turn = 0u; turn < shape.depth; turn += TURN) {
    let depth = turn + local / TILE_QUADS * QUAD;
    put_left(local, left_along_or_zero(left_start, depth));
    put_right(local, right_along(right_start, depth));
    workgroupBarrier();
    blocks = add_turn(blocks, local);
    workgroupBarrier();
  }
  let row = group.y * TILE + local / SIDE * QUAD;
  let column = group.x * TILE + local % SIDE * QUAD;
  // An array for the loop alone: written out, the activation would be compiled 64 times.
  var sums = array<mat4x4f, 4>(blocks.sum_00, blocks.sum_01, blocks.sum_10, blocks.sum_11);
  for (var i = 0u; i < 4u * QUAD; i++) {
    let block_index = i / QUAD;
    store_forward(
      sums[block_index][i % QUAD],
      row + block_index / 2u * HALF + i % QUAD,
      column + block_index % 2u * HALF,
      replica,
    );
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn input_gradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let replica = group.z;
  let loaded = local % TILE_QUADS * QUAD;
  let left_start = left_rows(group.y * TILE + loaded, replica);
  let right_start = right_quad(group.x * TILE + loaded, replica);
  var blocks = Blocks();
  for (var turn = 0u; turn < shape.depth; turn += TURN) {
    let depth = turn + local / TILE_QUADS * QUAD;
    put_left(local, left_along_or_zero(left_start, depth));
    put_right(local, right_across(right_start, depth));
    workgroupBarrier();
    blocks = add_turn(blocks, local);
    workgroupBarrier();
  }
  let row = group.y * TILE + local / SIDE * QUAD;
  let column = group.x * TILE + local % SIDE * QUAD;
  var sums = array<mat4x4f, 4>(blocks.sum_00, blocks.sum_01, blocks.sum_10, blocks.sum_11);
  for (var i = 0u; i < 4u * QUAD; i++) {
    let block_index = i / QUAD;
    store_input_gradient(
      sums[block_index][i % QUAD],
      row + block_index / 2u * HALF + i % QUAD,
      column + block_index % 2u * HALF,
      replica,
    );
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn weight_gradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let replica = group.z;
  let loaded = local % TILE_QUADS * QUAD;
  let left_start = left_quad(group.y * TILE + loaded, replica);
  let right_start = right_quad(group.x * TILE + loaded, replica);
  var blocks = Blocks();
  for (var turn = 0u; turn < shape.depth; turn += TURN) {
    let depth = turn + local / TILE_QUADS * QUAD;
    put_left(local, left_across(left_start, depth));
    put_right(local, right_across(right_start, depth));
    workgroupBarrier();
    blocks = add_turn(blocks, local);
    workgroupBarrier();
  }
  let row = group.y * TILE + local / SIDE * QUAD;
  let column = group.x * TILE + local % SIDE * QUAD;
  var sums = array<mat4x4f, 4>(blocks.sum_00, blocks.sum_01, blocks.sum_10, blocks.sum_11);
  for (var i = 0u; i < 4u * QUAD; i++) {
    let block_index = i / QUAD;
    store_weight_gradient(
      sums[block_index][i % QUAD],
      row + block_index / 2u * HALF + i % QUAD,
      column + block_index % 2u * HALF,
      replica,
    );
  }
  store_bias_gradient(blocks.bias_0, row, column, replica);
  store_bias_gradient(blocks.bias_1, row + HALF, column, replica);
}
