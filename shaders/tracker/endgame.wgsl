// The endgame of paths (lib/endgame.wgsl) in double-single arithmetic.
// include: lib/end-double.wgsl
// include: lib/endgame.wgsl
