// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
// p <- p - rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon):
// Adam (Kingma, Ba 2015) as PyTorch's torch.optim.Adam and tfjs have it, g with L2 decay; AdamW (Loshchilov,
// Hutter 2019) instead begins with p <- (1 - rate decay) p, as torch.optim.AdamW does.
// One invocation updates every so many vec4f of one replica; grid: (any, 1, replicas).
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

@compute @workgroup_size(WORKGROUP)
fn optimizer_adam(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let replica = id.z;
  if (replicas[replica].status != TRAINING) {
    return;
  }
  let row = schedule[clock.step - clock.chunk_start];
  let rate = replicas[replica].learning_rate * row.factor;
  let corrected_rate = rate / row.first_correction;
  let scale = replicas[replica].gradient_scale;
  let decoupled = optimizer.decoupled != 0u;
  let penalty = select(optimizer.weight_decay, 0.0, decoupled);
  let decay = select(0.0, rate * optimizer.weight_decay, decoupled);
  let first_place = replica * optimizer.vectors;
  for (var k = id.x; k < optimizer.vectors; k += workgroups.x * WORKGROUP) {
    let place = first_place + k;
    let mean_place = place + first_place;
    let square_place = mean_place + optimizer.vectors;
    let value = parameters[place];
    let gradient = scale * gradients[place] + penalty * value;
    let mean = optimizer.beta1 * moments[mean_place] + optimizer.beta1_rest * gradient;
    let square = optimizer.beta2 * moments[square_place] + optimizer.beta2_rest * gradient * gradient;
    moments[mean_place] = mean;
    moments[square_place] = square;
    let deviation = sqrt(square) / row.second_correction_root + optimizer.epsilon;
    store_parameters(place, replica, value - decay * value - corrected_rate * (mean / deviation));
  }
}
