// results = { two_sum, two_product, x + y, x * y, x / y, x * y + x } in double-single arithmetic.
// One invocation does one case: the compiler sees the same code as in a real kernel.
// cases: [count] (x.high, x.low, y.high, y.low); results: [count][6] (high, low).
// Needs 2 storage buffers and the bind group of the arithmetic.
// include: lib/double-single.wgsl

const RESULTS_PER_CASE = 6u;

@group(0) @binding(0) var<storage, read> cases: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> results: array<vec2f>;

@compute @workgroup_size(64)
fn self_test(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&cases)) {
    return;
  }
  let x = cases[id.x].xy;
  let y = cases[id.x].zw;
  let first = id.x * RESULTS_PER_CASE;
  results[first] = two_sum(x.x, y.x);
  results[first + 1u] = two_product(x.x, y.x);
  results[first + 2u] = ds_add(x, y);
  results[first + 3u] = ds_mul(x, y);
  results[first + 4u] = ds_div(x, y);
  results[first + 5u] = ds_add(ds_mul(x, y), x);
}
