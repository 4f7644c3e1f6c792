// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
// p <- p - rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon):
// Adam (Kingma, Ba 2015) as PyTorch's torch.optim.Adam and tfjs have it, g with L2 decay; AdamW (Loshchilov,
// Hutter 2019) instead begins with p <- (1 - rate decay) p, as torch.optim.AdamW does.
// One invocation updates four parameters of one replica; grid: (vectors / 256, 1, replicas).
// Buffers: shaders/lib/optimizer.wgsl; moments: [replica][2][vectors], m and v.
// include: lib/optimizer.wgsl

struct Optimizer {
  // vec4f in the block of one replica.
  vectors: u32,
  beta1: f32,
  beta2: f32,
  // 1 - beta1 and 1 - beta2, rounded from f64.
  beta1_rest: f32,
  beta2_rest: f32,
  // Positive, so that an entry without gradient (padding) is 0 / epsilon = 0.
  epsilon: f32,
  weight_decay: f32,
  // Whether the decay is decoupled (AdamW), 0 or 1.
  decoupled: u32,
}

@compute @workgroup_size(256)
fn optimizer_adam(@builtin(global_invocation_id) id: vec3u) {
  let replica = id.z;
  if (id.x >= optimizer.vectors || replicas[replica].status != TRAINING) {
    return;
  }
  let place = replica * optimizer.vectors + id.x;
  let first_place = place + replica * optimizer.vectors;
  let second_place = first_place + optimizer.vectors;
  let row = schedule[clock.step - clock.chunk_start];
  let rate = replicas[replica].learning_rate * row.factor;
  let decoupled = optimizer.decoupled != 0u;
  var value = parameters[place];
  let penalty = select(optimizer.weight_decay, 0.0, decoupled);
  let gradient = replicas[replica].gradient_scale * gradients[place] + penalty * value;
  let first = optimizer.beta1 * moments[first_place] + optimizer.beta1_rest * gradient;
  let second = optimizer.beta2 * moments[second_place] + optimizer.beta2_rest * gradient * gradient;
  moments[first_place] = first;
  moments[second_place] = second;
  value -= select(0.0, rate * optimizer.weight_decay, decoupled) * value;
  let deviation = sqrt(second) / row.second_correction_root + optimizer.epsilon;
  store_parameters(place, replica, value - rate / row.first_correction * (first / deviation));
}
