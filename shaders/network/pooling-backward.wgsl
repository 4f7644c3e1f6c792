// dx[c][p][q] = slope(saved[c][p][q]) * sum over the windows (i, j) with (p, q): dy[c][i][j] if it was the largest, or / cells
// One invocation makes one block of stride by stride cells of one channel of one sample of one replica: the cells
// whose last window is the same one, so that windows which do not overlap are read once.
// places: of the largest cells (pooling.wgsl); output_gradient: dy; saved: what the slope of the activation that made x
// needs, unused for the identity; input_gradient: dx. Grid: blocks of a sample, samples, replicas.
// Needs 4 storage buffers.
// include: lib/activation.wgsl
// include: lib/pooling-window.wgsl

// Blocks of a channel: rows and columns.
struct Blocks {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> pooling: Pooling;
@group(0) @binding(1) var<uniform> blocks: Blocks;
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(4) var<storage, read> saved: array<f32>;
@group(0) @binding(5) var<storage, read_write> input_gradient: array<f32>;

// Stands for the mean: every cell of the window has this share of its gradient.
const EVERY_CELL = 0xffffffffu;

// What a window gives to its cells: a share of the gradient, and to which place.
struct Gift {
  share: f32,
  place: u32,
  rows: vec2u,
  columns: vec2u,
}

fn gift_of(plane: u32, i: u32, j: u32) -> Gift {
  var gift = Gift(0.0, EVERY_CELL, vec2u(0u), vec2u(0u));
  if (i < pooling.output_height && j < pooling.output_width) {
    gift.rows = inside(i, pooling.stride_y, pooling.before_y, pooling.size_y, pooling.height);
    gift.columns = inside(j, pooling.stride_x, pooling.before_x, pooling.size_x, pooling.width);
    let at = plane + i * pooling.output_width + j;
    gift.share = output_gradient[at];
    if (AVERAGE == 1u) {
      gift.share /= f32((gift.rows.y - gift.rows.x) * (gift.columns.y - gift.columns.x));
    } else {
      gift.place = places[at];
    }
  }
  return gift;
}

fn received(gift: Gift, y: u32, x: u32) -> f32 {
  let is_inside = y >= gift.rows.x && y < gift.rows.y && x >= gift.columns.x && x < gift.columns.y;
  let is_chosen = gift.place == EVERY_CELL || gift.place == y * pooling.width + x;
  return select(0.0, gift.share, is_inside && is_chosen);
}

fn give(to: u32, share: f32) {
  input_gradient[to] = share * activation_slope(saved[to]);
}

// The four cells of window `at`, whose first one lies at `place` of its plane.
fn give_four(at: u32, plane: u32, place: u32) {
  let gradient = output_gradient[at];
  let below = place + pooling.width;
  if (AVERAGE == 1u) {
    let share = gradient / 4.0;
    give(plane + place, share);
    give(plane + place + 1u, share);
    give(plane + below, share);
    give(plane + below + 1u, share);
  } else {
    let chosen = places[at];
    let share = gradient * activation_slope(saved[plane + chosen]);
    input_gradient[plane + place] = select(0.0, share, chosen == place);
    input_gradient[plane + place + 1u] = select(0.0, share, chosen == place + 1u);
    input_gradient[plane + below] = select(0.0, share, chosen == below);
    input_gradient[plane + below + 1u] = select(0.0, share, chosen == below + 1u);
  }
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= pooling.count) {
    return;
  }
  let line = id.x / blocks.columns;
  let j = id.x - line * blocks.columns;
  let channel = line / blocks.rows;
  let i = line - channel * blocks.rows;
  let output_plane = id.z * pooling.output_replica + id.y * pooling.output_sample
    + channel * pooling.output_height * pooling.output_width;
  let input_plane = id.z * pooling.input_replica + id.y * pooling.input_sample
    + channel * pooling.height * pooling.width;
  if (FOURS == 1u) {
    give_four(output_plane + i * pooling.output_width + j, input_plane, 2u * (i * pooling.width + j));
    return;
  }
  let last = gift_of(output_plane, i, j);
  // Windows that still reach into this block.
  let first_i = i - min(i, (pooling.size_y - 1u) / pooling.stride_y);
  let first_j = j - min(j, (pooling.size_x - 1u) / pooling.stride_x);
  let is_alone = first_i == i && first_j == j;
  let rows = inside(i, pooling.stride_y, pooling.before_y, pooling.stride_y, pooling.height);
  let columns = inside(j, pooling.stride_x, pooling.before_x, pooling.stride_x, pooling.width);
  for (var y = rows.x; y < rows.y; y++) {
    for (var x = columns.x; x < columns.y; x++) {
      var sum = received(last, y, x);
      if (!is_alone) {
        sum = 0.0;
        for (var window_i = first_i; window_i <= i; window_i++) {
          for (var window_j = first_j; window_j <= j; window_j++) {
            sum += received(gift_of(output_plane, window_i, window_j), y, x);
          }
        }
      }
      give(input_plane + y * pooling.width + x, sum);
    }
  }
}
