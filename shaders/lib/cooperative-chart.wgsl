// x <- (c / (p . x)) x: the change of chart of src/homotopy/gpu/emit-chart.ts in loops, for lib/cooperative-tracker.wgsl.
// The four vectors of a path go to as many lanes; each rewrites its own. Variables are declared there.
// Layout: system.words lists the groups' coordinates at groups_at and members_at.
// Limits: none of its own.

// See src/homotopy/gpu/emit-chart.ts; returns the sign bits. `registers` holds the previous point meanwhile.
fn new_chart() -> u32 {
  let coordinates = system.coordinates;
  for (var j = lane; j < coordinates; j += LANES) {
    registers[j] = base[j] - spread(PREVIOUS_STEP, j);
  }
  workgroupBarrier();
  var first_column = 0u;
  for (var group = 0u; group < system.groups; group++) {
    let first = system.words[system.groups_at + group];
    let end = system.words[system.groups_at + group + 1u];
    let largest = largest_coordinate(first, end);
    // p . (new base): the height of the hyperplane.
    var height = vec2f(0.0, 0.0);
    for (var member = first; member < end; member++) {
      let x = complex_div(base[member_at(member)], largest);
      height += side_of(x) * x;
    }
    for (var vector = lane; vector < 4u; vector += LANES) {
      chart_vector(vector, first, end, first_column, largest, height);
    }
    first_column += end - first - 1u;
  }
  workgroupBarrier();
  for (var group = lane; group < system.groups; group += LANES) {
    let first = system.words[system.groups_at + group];
    let end = system.words[system.groups_at + group + 1u];
    let largest = largest_coordinate(first, end);
    // A group has a coordinate more than it has columns.
    var column = first - group;
    var side = 0.0;
    for (var member = first; member < end; member++) {
      let x = complex_div(base[member_at(member)], largest);
      base[member_at(member)] = x;
      if (member > first) {
        signs[column] = side * side_of(x);
        column++;
      }
      side = side_of(x);
    }
  }
  workgroupBarrier();
  var chart = 0u;
  for (var column = 0u; column < system.variables; column++) {
    chart |= select(0u, 1u << column, signs[column] < 0.0);
  }
  return chart;
}

fn member_at(member: u32) -> u32 {
  return system.words[system.members_at + member];
}

fn side_of(x: vec2f) -> f32 {
  return select(-1.0, 1.0, x.x >= 0.0);
}

// Of a group's base point.
fn largest_coordinate(first: u32, end: u32) -> vec2f {
  var largest = vec2f(0.0, 0.0);
  var size = 0.0;
  for (var member = first; member < end; member++) {
    let x = base[member_at(member)];
    let other = max(abs(x.x), abs(x.y));
    largest = select(largest, x, other > size);
    size = max(size, other);
  }
  return largest;
}

// One vector of one group into the new representation. `registers` holds the previous point, `base` the old base point.
fn chart_vector(vector: u32, first: u32, end: u32, first_column: u32, largest: vec2f, height: vec2f) {
  // p . point and p . vector, with the group's part of C y for the old signs.
  var point_height = vec2f(0.0, 0.0);
  var vector_height = vec2f(0.0, 0.0);
  for (var member = first; member < end; member++) {
    let j = member_at(member);
    let full = spread(vector, j);
    let side = side_of(complex_div(base[j], largest));
    point_height += side * chart_point(vector, j, full);
    vector_height += side * full;
  }
  let scale = complex_div(height, point_height);
  let ratio = complex_div(vector_height, point_height);
  var column = first_column;
  // Of the column before: its old value, which the next coordinate needs, its new one, and the side of its coordinate.
  var carried = vec2f(0.0, 0.0);
  var y = vec2f(0.0, 0.0);
  var side_before = 0.0;
  for (var member = first; member + 1u < end; member++) {
    let j = member_at(member);
    let new_base = complex_div(base[j], largest);
    let old = vectors[vector * STRIDE + column];
    let full = old - carried;
    carried = signs[column] * old;
    let point = complex_mul(scale, chart_point(vector, j, full));
    var value = complex_mul(scale, full) - complex_mul(ratio, point);
    if (vector == DISPLACEMENT) {
      value = point - new_base;
    } else if (vector == PREVIOUS_STEP) {
      value = new_base - point;
    }
    // y_t = x_t + sigma_(t-1) y_(t-1), new signs.
    y = value + side_before * side_of(new_base) * y;
    side_before = side_of(new_base);
    vectors[vector * STRIDE + column] = y;
    column++;
  }
}

// The point that the vector belongs to: the current point, the base point, or the previous point.
fn chart_point(vector: u32, j: u32, full: vec2f) -> vec2f {
  if (vector == DISPLACEMENT) {
    return base[j] + full;
  }
  if (vector == TANGENT) {
    return base[j];
  }
  return registers[j];
}
