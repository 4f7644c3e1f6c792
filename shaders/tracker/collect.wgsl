// x / x_k per projective group, x_k its largest coordinate: what the host reads of every path.
// One invocation writes the record of one path: the end point when it arrived, the saved point at end_s when it
// is handed over, else the last accepted point.
// records: [paths][HEADER + 2 N] words: status, s, iterations, pivot ratio, steps, then N complex coordinates of the point;
// group_order: [N]; state, control: see lib/path-state.wgsl.
// Needs 4 storage buffers.
// include: lib/path-state.wgsl

// Replaced by the host.
const COORDINATES = 2u;
// First vector of the saved point.
const SAVED = 10u;

// Words before the coordinates of a record.
const HEADER = 5u;
const RECORD = HEADER + 2u * COORDINATES;
// group_order lists the coordinates group after group, the homogenising coordinate last in its group and marked so.
const GROUP_END = 0x80000000u;
// An arrival with a homogenising coordinate below this is at or near infinity: f32 cannot tell which.
const NEAR_INFINITY = 1e-3;
// A Newton system as singular as this has an end point f32 cannot vouch for.
const NEAR_SINGULAR = 1e-6;

@group(0) @binding(0) var<uniform> round: Round;
@group(0) @binding(1) var<storage, read> state: array<vec2f>;
@group(0) @binding(2) var<storage, read> control: array<PathControl>;
@group(0) @binding(3) var<storage, read_write> records: array<u32>;
@group(0) @binding(4) var<storage, read> group_order: array<u32>;

fn state_at(vector: u32, path: u32) -> vec2f {
  return state[vector * round.capacity + path];
}

// Writes the point whose first vector is given, or (with displacement) the current point, from word `first` on;
// returns the smallest homogenising coordinate.
fn write_point(path: u32, first: u32, first_vector: u32, with_displacement: bool) -> f32 {
  let chart = control[path].chart;
  var smallest = 1.0;
  var column = 0u;
  var group_begin = 0u;
  var carried = vec2f(0.0, 0.0);
  var largest = vec2f(0.0, 0.0);
  for (var position = 0u; position < COORDINATES; position++) {
    let entry = group_order[position];
    let coordinate = entry & ~GROUP_END;
    let ends = (entry & GROUP_END) != 0u;
    var point = state_at(first_vector + coordinate, path);
    if (with_displacement) {
      point -= carried;
      if (!ends) {
        let y = state_at(COORDINATES + column, path);
        point += y;
        carried = select(y, -y, (chart & (1u << column)) != 0u);
      }
    }
    if (dot(point, point) > dot(largest, largest)) {
      largest = point;
    }
    records[first + 2u * coordinate] = bitcast<u32>(point.x);
    records[first + 2u * coordinate + 1u] = bitcast<u32>(point.y);
    if (!ends) {
      column++;
      continue;
    }
    smallest = min(smallest, length(point) / length(largest));
    let scale = vec2f(largest.x, -largest.y) / dot(largest, largest);
    for (var member = group_begin; member <= position; member++) {
      let place = first + 2u * (group_order[member] & ~GROUP_END);
      let value = vec2f(bitcast<f32>(records[place]), bitcast<f32>(records[place + 1u]));
      let scaled = vec2f(value.x * scale.x - value.y * scale.y, value.x * scale.y + value.y * scale.x);
      let is_largest = all(value == largest);
      records[place] = bitcast<u32>(select(scaled.x, 1.0, is_largest));
      records[place + 1u] = bitcast<u32>(select(scaled.y, 0.0, is_largest));
    }
    group_begin = position + 1u;
    carried = vec2f(0.0, 0.0);
    largest = vec2f(0.0, 0.0);
  }
  return smallest;
}

@compute @workgroup_size(64)
fn collect(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= round.paths) {
    return;
  }
  let now = control[path];
  let record = path * RECORD;
  let point = record + HEADER;
  var status = now.status;
  if (status == ARRIVED) {
    let at_infinity = write_point(path, point, 0u, true) < NEAR_INFINITY;
    if (at_infinity || now.pivot_ratio < NEAR_SINGULAR) {
      status = select(FAILED, HAND_OVER, now.base_s <= round.end_s);
    }
  }
  if (status != ARRIVED) {
    _ = write_point(path, point, select(0u, SAVED, status == HAND_OVER), false);
  }
  records[record] = status;
  let reached = select(now.base_s, round.end_s, status == HAND_OVER);
  records[record + 1u] = bitcast<u32>(select(reached, 0.0, status == ARRIVED));
  records[record + 2u] = now.iterations;
  records[record + 3u] = bitcast<u32>(now.pivot_ratio);
  records[record + 4u] = now.steps;
}
