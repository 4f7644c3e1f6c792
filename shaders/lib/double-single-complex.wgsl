// Complex numbers in double-single arithmetic: (re high, re low, im high, im low).

fn dsc_from_f32(x: vec2f) -> vec4f {
  return vec4f(x.x, 0.0, x.y, 0.0);
}

fn dsc_add(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(ds_add(a.xy, b.xy), ds_add(a.zw, b.zw));
}

fn dsc_mul(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(
    ds_sub(ds_mul(a.xy, b.xy), ds_mul(a.zw, b.zw)),
    ds_add(ds_mul(a.xy, b.zw), ds_mul(a.zw, b.xy)),
  );
}

// 2^-e for 2^e <= x < 2^(e + 1): exact to multiply by, and x 2^-e is in [1, 2). Of 0 the largest power of two.
fn inverse_power_of_two(x: f32) -> f32 {
  return bitcast<f32>(0x7f000000u - (bitcast<u32>(x) & 0x7f800000u));
}

// 1 / a, scaled so that |a|^2 neither overflows nor loses its low part.
fn dsc_reciprocal(a: vec4f) -> vec4f {
  let scale = inverse_power_of_two(max(abs(a.x), abs(a.z)));
  let scaled = a * scale;
  let norm = ds_add(ds_mul(scaled.xy, scaled.xy), ds_mul(scaled.zw, scaled.zw));
  return vec4f(ds_div(scaled.xy, norm), ds_div(-scaled.zw, norm)) * scale;
}
