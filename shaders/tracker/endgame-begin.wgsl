// x and s of a path that arrived or is handed over -> the endgame's first Newton iteration; the others are left alone.
// `again`: only those that an endgame before this one left undecided (1), or that were returned from their arrival (2).
// One invocation makes one path ready and puts it into the queue of the next round.
// records: as shaders/tracker/collect.wgsl writes them; end_table: [end_system.group_of_at..] group of each coordinate; end_vectors, ends: see lib/end-state.wgsl;
// control, queue, counters: see lib/path-state.wgsl.
// Needs 7 storage buffers.
// include: lib/path-state.wgsl
// include: lib/end-state.wgsl

const HEADER = 5u;
const MOST_GROUPS = 32u;

@group(0) @binding(0) var<uniform> end_round: EndRound;
@group(0) @binding(8) var<uniform> end_system: EndSystem;
@group(0) @binding(1) var<storage, read> records: array<u32>;
@group(0) @binding(2) var<storage, read> control: array<PathControl>;
@group(0) @binding(3) var<storage, read_write> ends: array<EndPath>;
@group(0) @binding(4) var<storage, read_write> end_vectors: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> queue: array<u32>;
@group(0) @binding(6) var<storage, read_write> counters: Counters;
@group(0) @binding(7) var<storage, read> end_table: array<u32>;

@compute @workgroup_size(64)
fn endgame_begin(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= end_round.paths) {
    return;
  }
  let record = path * (HEADER + 2u * end_system.coordinates);
  let status = records[record];
  let is_undecided = ends[path].outcome == UNDECIDED && (end_round.again == 1u || ends[path].phase == CONFIRMING);
  let goes_on = (status == ARRIVED || status == HAND_OVER) && (end_round.again == 0u || is_undecided);
  if (end_round.again > 0u && !goes_on) {
    return;
  }
  var fresh: EndPath;
  fresh.outcome = select(UNDECIDED, RUNS, goes_on);
  fresh.phase = select(STARTING, CONFIRMING, status == ARRIVED);
  fresh.family_member = control[path].family_member;
  let s = bitcast<f32>(records[record + 1u]);
  fresh.s = s;
  fresh.v = log(max(s, 1e-30));
  fresh.v_next = fresh.v;
  var chosen: array<u32, MOST_GROUPS>;
  for (var j = 0u; j < end_system.coordinates; j++) {
    let re = bitcast<f32>(records[record + HEADER + 2u * j]);
    let im = bitcast<f32>(records[record + HEADER + 2u * j + 1u]);
    let at = (end_system.coordinates + j) * end_round.parts * end_round.capacity + path;
    end_vectors[at] = vec2f(re, im);
    for (var part = 1u; part < end_round.parts; part++) {
      end_vectors[at + part * end_round.capacity] = vec2f(0.0, 0.0);
    }
    let group = end_table[end_system.group_of_at + j];
    if (re == 1.0 && im == 0.0 && chosen[group] == 0u) {
      chosen[group] = 1u;
      if (j < 32u) {
        fresh.fixed_low |= 1u << j;
      } else {
        fresh.fixed_high |= 1u << (j - 32u);
      }
    }
  }
  ends[path] = fresh;
  if (goes_on) {
    queue[(1u - counters.parity) * end_round.capacity + atomicAdd(&counters.survivors, 1u)] = path;
  }
}
