// What the losses share: the layout of their tensors, and where the results of one sample go.
// One invocation handles one sample of one replica: sample = id.x, replica = id.z.
// outputs: [replica][sample][output]; saved: what the slope of the output's activation needs, same strides;
// output_gradient: of the mean over the batch, with respect to the pre-activation, same strides;
// sample_losses: [replica][batch] of (loss, 1 if the prediction is right).
// Needs lib/activation.wgsl.

struct Loss {
  batch: u32,
  outputs: u32,
  // Floats from one sample to the next in outputs and gradients, and in targets.
  sample_stride: u32,
  target_stride: u32,
  // Floats from one replica to the next in outputs; 0 when they are the shared input itself.
  replica_stride: u32,
}

// Whether the gradient is written; evaluation needs the losses alone.
override WITH_GRADIENT: bool = true;

// Of the activation that made an output. Most outputs have none, and a load that nobody needs is not
// left out by every driver.
fn output_slope(place: u32) -> f32 {
  if (ACTIVATION != IDENTITY) {
    return activation_slope(saved[place]);
  }
  return 1.0;
}
