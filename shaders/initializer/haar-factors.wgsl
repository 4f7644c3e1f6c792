// Large Q = (I - V T V^T) D of haar.wgsl by matrix products, V = (v_1, ..., v_n): the inverse of T is unit upper
// triangular with the products v_k . v_i above its diagonal (Schreiber, Van Loan 1989), so column j of Q is
// D_j (e_j - V y) with T^-1 y = (v_1[j], ..., v_j[j], 0, ...).
// solve_factors: one invocation makes four columns of `factors`, -D_j y, by back substitution.
// add_axes: one invocation adds D_j e_j to vector j, which a product of factors and reflectors has made.
// reflectors: as in haar.wgsl; products: [replica][matrix][k][i] = v_k . v_i for i > k; factors: [replica][matrix][k][j],
//   both with rows of `short side` rounded up to 4; vectors: [replica][matrix][j][stride], the stride that of the
//   reflectors, or the weights' where the vectors are a layer's directions as they are.
// The grid is one row of workgroups, any length. Needs 4 storage buffers.
// include: lib/lps-layer.wgsl

override ARE_DIRECTIONS = false;

@group(0) @binding(0) var<uniform> layer: LpsLayer;
@group(0) @binding(1) var<storage, read> reflectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> products: array<f32>;
@group(0) @binding(3) var<storage, read_write> factors: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> vectors: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn solve_factors(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let quads = (layer.short_side + 3u) / 4u;
  let vector_quads = layer.vector_stride / 4u;
  let last = layer.short_side - 1u;
  for (var item = id.x; item < layer.replica_count * layer.matrices * quads; item += grid.x * WORKGROUP) {
    let row = item / quads * layer.short_side;
    let quad = item % quads;
    let highest = min(4u * quad + 3u, last);
    for (var k = highest + 1u; k < layer.short_side; k++) {
      factors[(row + k) * quads + quad] = vec4f();
    }
    let sign = (row + min(4u * quad + vec4u(1u, 2u, 3u, 4u), vec4u(layer.short_side))) * vector_quads - 1u;
    let diagonal = vec4f(reflectors[sign.x].x, reflectors[sign.y].x, reflectors[sign.z].x, reflectors[sign.w].x);
    for (var step = 0u; step <= highest; step++) {
      let k = highest - step;
      // Entries of v_k before number k are 0, and so are then those of y behind number j.
      var factor = -diagonal * reflectors[(row + k) * vector_quads + quad];
      for (var i = k + 1u; i <= highest; i++) {
        factor -= products[4u * (row + k) * quads + i] * factors[(row + i) * quads + quad];
      }
      factors[(row + k) * quads + quad] = factor;
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn add_axes(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let count = layer.replica_count * layer.matrices * layer.short_side;
  let stride = select(layer.vector_stride, layer.weight_stride, ARE_DIRECTIONS);
  for (var item = id.x; item < count; item += grid.x * WORKGROUP) {
    vectors[item * stride + item % layer.short_side] += reflectors[(item + 1u) * layer.vector_stride / 4u - 1u].x;
  }
}
