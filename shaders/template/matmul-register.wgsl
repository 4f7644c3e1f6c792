// The products of the register family. One invocation computes a tile of BLOCKS x BLOCKS blocks of 4 x 4 results, each
// sum a variable of its own, because software adapters spill arrays that a loop indexes.
// Template: BLOCKS, 1 to 4. Buffers and their layout: lib/matmul.wgsl. A workgroup is WORKGROUP_SIZE tiles,
// 2^column_shift side by side.
// include: lib/matmul.wgsl
// include: lib/register-tile.wgsl

// Sides of the tile, in blocks and in entries.
const BLOCKS = ${BLOCKS}u;
const TILE = BLOCKS * QUAD;
const WORKGROUP_SIZE = 64u;
// repeat: KERNEL LEFT LEFT_LOAD RIGHT RIGHT_LOAD = forward rows along rows along | input_gradient rows along quad across | weight_gradient quad across quad across

@compute @workgroup_size(WORKGROUP_SIZE)
fn ${KERNEL}(
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
  // repeat: i = 0..${BLOCKS}
  let left_${LEFT}_${i} = left_${LEFT}(row + ${i}u * QUAD, replica);
  let right_${RIGHT}_${i} = right_${RIGHT}(column + ${i}u * QUAD, replica);
  // repeat: j = 0..${BLOCKS}
  var sum_${i}${j} = mat4x4f();
  // end
  // when: ${KERNEL} = weight_gradient
  var bias_${i} = vec4f();
  // end
  // end
  for (var depth = 0u; depth < shape.depth; depth += QUAD) {
    // repeat: i = 0..${BLOCKS}
    let left_${i} = left_${LEFT_LOAD}(left_${LEFT}_${i}, depth);
    let right_${i} = right_${RIGHT_LOAD}(right_${RIGHT}_${i}, depth);
    // end
    // repeat: i = 0..${BLOCKS}
    // repeat: j = 0..${BLOCKS}
    sum_${i}${j} = add_product(sum_${i}${j}, left_${i}, right_${j});
    // end
    // end
    // when: ${KERNEL} = weight_gradient
    if (BIAS) {
      // repeat: i = 0..${BLOCKS}
      bias_${i} += sum_rows(left_${i});
      // end
    }
    // end
  }
  // An array for the loop alone: written out, the activation would be compiled once for each result.
  var sums = array<mat4x4f, BLOCKS * BLOCKS>(
    // repeat: i = 0..${BLOCKS}
    // repeat: j = 0..${BLOCKS}
    sum_${i}${j},
    // end
    // end
  );
  for (var i = 0u; i < TILE; i++) {
    for (var j = 0u; j < BLOCKS; j++) {
      store_${KERNEL}(sums[i / QUAD * BLOCKS + j][i % QUAD], row + i, column + j * QUAD, replica);
    }
  }
  // when: ${KERNEL} = weight_gradient
  // repeat: i = 0..${BLOCKS}
  store_bias_gradient(bias_${i}, row + ${i}u * QUAD, column, replica);
  // end
  // end
}
// end
