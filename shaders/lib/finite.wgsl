// Whether numbers are finite, by their bits: compilers may assume that x != x is never true.
const EXPONENT_BITS = 0x7f800000u;

fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & EXPONENT_BITS) != EXPONENT_BITS;
}

fn are_finite(x: vec4f) -> bool {
  return all((bitcast<vec4u>(x) & vec4u(EXPONENT_BITS)) != vec4u(EXPONENT_BITS));
}
