// How every path of a batch ended: what the host reads after the endgame.
// One invocation writes the result of one path: (outcome, Newton iterations, pivot ratio, log s), (eighths of turns, size and
// negative part of its loop, where it is singular), then N coordinates, double-single: the zero of F where it is regular, the mean
// of the loop where it is singular, else the last accepted point; or the vectors that `collected` says.
// end_results: [paths][2 + N]; end_vectors, ends: see lib/end-state.wgsl.
// Needs 3 storage buffers.
// include: lib/end-state.wgsl

@group(0) @binding(0) var<uniform> end_round: EndRound;
@group(0) @binding(8) var<uniform> end_system: EndSystem;
@group(0) @binding(1) var<storage, read> ends: array<EndPath>;
@group(0) @binding(2) var<storage, read> end_vectors: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> end_results: array<vec4u>;

@compute @workgroup_size(64)
fn endgame_collect(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= end_round.paths) {
    return;
  }
  let end = ends[path];
  let first = path * (2u + end_system.coordinates);
  end_results[first] = vec4u(end.outcome, end.iterations, bitcast<u32>(end.pivot_ratio), bitcast<u32>(select(end.v, end.loop_v, end.loop_v < 0.0)));
  let is_zero = end.outcome == REGULAR || end.outcome == REGULAR_AT_INFINITY;
  end_results[first + 1u] = vec4u(end.turned, bitcast<u32>(end.loop_size), bitcast<u32>(end.loop_noise), 0u);
  let vectors = end_system.coordinates * select(select(0u, 1u, is_zero), end_round.collected, end_round.collected > 0u);
  for (var j = 0u; j < end_system.coordinates; j++) {
    let at = (vectors + j) * end_round.parts * end_round.capacity + path;
    let high = end_vectors[at];
    let low = end_vectors[at + end_round.capacity];
    end_results[first + 2u + j] = bitcast<vec4u>(vec4f(high.x, low.x, high.y, low.y));
  }
}
