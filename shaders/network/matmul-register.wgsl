// forward: Y = act(X W^T + b), input_gradient: dX = (dY W) act'(input), weight_gradient: dW = dY^T X
// and db = the sum of dY's rows; X [batch][in], W [out][in], Y [batch][out], per replica (grid z).
// One invocation computes 8 x 8 results in registers: 16 loads of a vec4f for 256 multiply-adds, and
// no workgroup memory, which software adapters emulate slowly.
// Needs 6 storage and 1 uniform buffer.
// include: template/matmul-register.wgsl BLOCKS=2
