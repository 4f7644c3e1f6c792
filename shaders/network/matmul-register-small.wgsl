// forward: Y = act(X W^T + b), input_gradient: dX = (dY W) act'(input), weight_gradient: dW = dY^T X
// and db = the sum of dY's rows; X [batch][in], W [out][in], Y [batch][out], per replica (grid z).
// One invocation computes 4 x 4 results in registers: for results too small or too narrow for the
// 8 x 8 of matmul-register.wgsl.
// Needs 6 storage and 1 uniform buffer.
// include: template/matmul-register.wgsl BLOCKS=1
