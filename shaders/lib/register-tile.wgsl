// Which tile of the result an invocation of the register family computes. The workgroup's shape is
// the host's choice, so that narrow results leave no invocation idle.
// Needs TILE, the side of a tile, and WORKGROUP_SIZE.

// First row and first column.
fn tile_place(group: vec3u, local: u32) -> vec2u {
  let across = 1u << shape.column_shift;
  let down = WORKGROUP_SIZE >> shape.column_shift;
  let tile_row = group.y * down + (local >> shape.column_shift);
  let tile_column = group.x * across + (local & (across - 1u));
  return TILE * vec2u(tile_row, tile_column);
}
