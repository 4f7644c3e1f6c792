// The endgame of paths (lib/endgame.wgsl) in triple-single arithmetic.
// include: lib/end-triple.wgsl
// include: lib/endgame.wgsl
