// The endgame of paths (lib/endgame.wgsl) in quad-single arithmetic.
// include: lib/end-quad.wgsl
// include: lib/endgame.wgsl
