// g <- scale g + decay p; v <- momentum v + g; p <- p - rate (g + momentum v) (Nesterov) or p - rate v:
// stochastic gradient descent as PyTorch's torch.optim.SGD has it (dampening 0), which tfjs's agree with.
// One invocation updates four parameters of one replica; grid: (vectors / 256, 1, replicas).
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

@compute @workgroup_size(256)
fn optimizer_sgd(@builtin(global_invocation_id) id: vec3u) {
  let replica = id.z;
  if (id.x >= optimizer.vectors || replicas[replica].status != TRAINING) {
    return;
  }
  let place = replica * optimizer.vectors + id.x;
  let rate = replicas[replica].learning_rate * schedule[clock.step - clock.chunk_start].factor;
  let value = parameters[place];
  var direction = replicas[replica].gradient_scale * gradients[place] + optimizer.weight_decay * value;
  if (optimizer.momentum != 0.0) {
    let velocity = optimizer.momentum * moments[place] + direction;
    moments[place] = velocity;
    direction = select(velocity, direction + optimizer.momentum * velocity, optimizer.nesterov != 0u);
  }
  store_parameters(place, replica, value - rate * direction);
}
