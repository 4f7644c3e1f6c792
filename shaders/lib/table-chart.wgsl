// x <- (c / (p . x)) x: the change of chart of src/homotopy/gpu/emit-chart.ts in loops, for lib/table-tracker.wgsl.
// One invocation rewrites the five vectors of its path; all are private arrays declared there.
// Layout: system_table lists the groups' coordinates at GROUPS_AT and MEMBERS_AT.
// Limits: none of its own.

// See src/homotopy/gpu/emit-chart.ts; returns the sign bits. `registers` holds the previous point meanwhile.
fn new_chart() -> u32 {
  var chart = 0u;
  var column = 0u;
  spread(3u);
  for (var j = 0u; j < COORDINATES; j++) {
    registers[j] = base[j] - scratch[j];
  }
  for (var group = 0u; group < GROUPS; group++) {
    let first = system_table[GROUPS_AT + group];
    let end = system_table[GROUPS_AT + group + 1u];
    let first_column = column;
    var largest = vec2f(0.0, 0.0);
    var size = 0.0;
    for (var member = first; member < end; member++) {
      let x = base[system_table[MEMBERS_AT + member]];
      let other = max(abs(x.x), abs(x.y));
      if (other > size) {
        size = other;
        largest = x;
      }
    }
    // p . (new base): the height of the hyperplane.
    var constant = vec2f(0.0, 0.0);
    for (var member = first; member < end; member++) {
      let j = system_table[MEMBERS_AT + member];
      let x = complex_div(base[j], largest);
      constant += select(-1.0, 1.0, x.x >= 0.0) * x;
    }
    chart_vector(1u, first, end, first_column, largest, constant);
    chart_vector(2u, first, end, first_column, largest, constant);
    chart_vector(0u, first, end, first_column, largest, constant);
    chart_vector(3u, first, end, first_column, largest, constant);
    for (var member = first; member < end; member++) {
      let j = system_table[MEMBERS_AT + member];
      base[j] = complex_div(base[j], largest);
    }
    for (var member = first; member + 1u < end; member++) {
      let here = base[system_table[MEMBERS_AT + member]].x >= 0.0;
      let next = base[system_table[MEMBERS_AT + member + 1u]].x >= 0.0;
      signs[column] = select(-1.0, 1.0, here == next);
      chart |= select(1u << column, 0u, here == next);
      column++;
    }
  }
  return chart;
}

// One vector of one group into the new representation. `registers` holds the previous point, `base` the old base point.
fn chart_vector(which: u32, first: u32, end: u32, first_column: u32, largest: vec2f, constant: vec2f) {
  // The group's part of C y with the old signs.
  var column = first_column;
  var carried = vec2f(0.0, 0.0);
  // p . point and p . vector, then the new vector.
  var point_height = vec2f(0.0, 0.0);
  var vector_height = vec2f(0.0, 0.0);
  for (var member = first; member < end; member++) {
    let j = system_table[MEMBERS_AT + member];
    var full = -carried;
    if (member + 1u < end) {
      let y = old_vector(which, column);
      full += y;
      carried = signs[column] * y;
      column++;
    }
    scratch[j] = full;
    let side = select(-1.0, 1.0, complex_div(base[j], largest).x >= 0.0);
    // The point that the vector belongs to: base, previous point, or the current point.
    let point = chart_point(which, j, full);
    point_height += side * point;
    vector_height += side * full;
  }
  let scale = complex_div(constant, point_height);
  column = first_column;
  var y = vec2f(0.0, 0.0);
  for (var member = first; member + 1u < end; member++) {
    let j = system_table[MEMBERS_AT + member];
    let new_base = complex_div(base[j], largest);
    let point = complex_mul(scale, chart_point(which, j, scratch[j]));
    var value = complex_mul(scale, scratch[j]) - complex_mul(complex_div(vector_height, point_height), point);
    if (which == 0u) {
      value = point - new_base;
    } else if (which == 3u) {
      value = new_base - point;
    }
    // y_t = x_t + sigma_(t-1) y_(t-1), new signs.
    if (member > first) {
      let before = complex_div(base[system_table[MEMBERS_AT + member - 1u]], largest).x >= 0.0;
      value += select(-1.0, 1.0, before == (new_base.x >= 0.0)) * y;
    }
    y = value;
    set_vector(which, column, y);
    column++;
  }
}

fn old_vector(which: u32, column: u32) -> vec2f {
  if (which == 0u) {
    return displacement[column];
  }
  if (which == 1u) {
    return tangent[column];
  }
  if (which == 2u) {
    return previous_tangent[column];
  }
  return previous_step[column];
}

fn chart_point(which: u32, j: u32, full: vec2f) -> vec2f {
  if (which == 0u) {
    return base[j] + full;
  }
  if (which == 1u) {
    return base[j];
  }
  return registers[j];
}
