// g <- scale g + decay p; v <- momentum v + g; p <- p - rate (g + momentum v) (Nesterov) or p - rate v:
// stochastic gradient descent as PyTorch's torch.optim.SGD has it (dampening 0), which tfjs's agree with.
// One invocation updates every so many vec4f of one replica; grid: (any, 1, replicas).
// Buffers: shaders/lib/optimizer.wgsl; moments: [replica][vectors], the velocity; untouched when momentum is 0.
// include: lib/optimizer.wgsl

struct Optimizer {
  // vec4f in the block of one replica.
  vectors: u32,
  momentum: f32,
  // Whether to look ahead (Nesterov), 0 or 1.
  nesterov: u32,
  weight_decay: f32,
}

@compute @workgroup_size(WORKGROUP)
fn optimizer_sgd(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let replica = id.z;
  if (replicas[replica].status != TRAINING) {
    return;
  }
  let rate = replicas[replica].learning_rate * schedule[clock.step - clock.chunk_start].factor;
  let scale = replicas[replica].gradient_scale;
  let first_place = replica * optimizer.vectors;
  for (var k = id.x; k < optimizer.vectors; k += workgroups.x * WORKGROUP) {
    let place = first_place + k;
    let value = parameters[place];
    var direction = scale * gradients[place] + optimizer.weight_decay * value;
    if (optimizer.momentum != 0.0) {
      let velocity = optimizer.momentum * moments[place] + direction;
      moments[place] = velocity;
      direction = select(velocity, direction + optimizer.momentum * velocity, optimizer.nesterov != 0u);
    }
    store_parameters(place, replica, value - rate * direction);
  }
}
