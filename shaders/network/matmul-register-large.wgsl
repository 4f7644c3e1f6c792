// forward: Y = act(X W^T + b), input_gradient: dX = (dY W) act'(input), weight_gradient: dW = dY^T X
// and db = the sum of dY's rows; X [batch][in], W [out][in], Y [batch][out], per replica (grid z).
// One invocation computes 16 x 16 results: for software adapters, where a lane's load costs as much
// as twenty multiply-adds of its vector and registers lie in memory anyway; half as many loads as
// with 8 x 8 make it 1.5 times as fast (SwiftShader, 512 x 512 x 512, 2026-11-23). A GPU would spill.
// Needs 6 storage and 1 uniform buffer.
// include: template/matmul-register.wgsl BLOCKS=4
