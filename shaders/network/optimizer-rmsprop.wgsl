// g <- scale g + decay p; v <- smoothing v + (1 - smoothing) g^2; b <- momentum b + g / (sqrt(v) + epsilon);
// p <- p - rate b: RMSProp (Tieleman, Hinton 2012) as PyTorch's torch.optim.RMSprop has it; tfjs differs, it
// takes epsilon inside the root and the rate inside the momentum.
// One invocation updates every so many vec4f of one replica; grid: (any, 1, replicas).
// Buffers: shaders/lib/optimizer.wgsl; moments: [replica][2][vectors], v and b; b untouched when momentum is 0.
// include: lib/optimizer.wgsl

struct Optimizer {
  // vec4f in the block of one replica.
  vectors: u32,
  smoothing: f32,
  // 1 - smoothing, rounded from f64.
  smoothing_rest: f32,
  // Positive, so that an entry without gradient (padding) is 0 / epsilon = 0.
  epsilon: f32,
  momentum: f32,
  weight_decay: f32,
}

@compute @workgroup_size(WORKGROUP)
fn optimizer_rmsprop(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let replica = id.z;
  if (replicas[replica].status != TRAINING) {
    return;
  }
  let rate = replicas[replica].learning_rate * schedule[clock.step - clock.chunk_start].factor;
  let scale = replicas[replica].gradient_scale;
  let first_place = replica * optimizer.vectors;
  for (var k = id.x; k < optimizer.vectors; k += workgroups.x * WORKGROUP) {
    let place = first_place + k;
    let square_place = place + first_place;
    let value = parameters[place];
    let gradient = scale * gradients[place] + optimizer.weight_decay * value;
    let square = optimizer.smoothing * moments[square_place] + optimizer.smoothing_rest * gradient * gradient;
    moments[square_place] = square;
    var direction = gradient / (sqrt(square) + optimizer.epsilon);
    if (optimizer.momentum != 0.0) {
      let buffer_place = square_place + optimizer.vectors;
      direction += optimizer.momentum * moments[buffer_place];
      moments[buffer_place] = direction;
    }
    store_parameters(place, replica, value - rate * direction);
  }
}
