/** The public names of networks: layers as data, shapes, parameters and weights. */
export {
  elu,
  gelu,
  identity,
  leakyRelu,
  polynomial,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
  type ActivationLayer,
  type DifferentiableFunction,
} from './activations.js';
export type { AffineLayer } from './affine-layers.js';
export type { NetworkLayout } from './architecture.js';
export {
  lenet5,
  perceptron,
  plainConvolution,
  resnetSmall,
  vggSmall,
  type PerceptronTask,
  type PlainConvolutionTask,
  type Task,
} from './architectures.js';
export { NetworkError, type NetworkErrorCode, type NetworkErrorPlace } from './errors.js';
export type { MatmulTile } from './gpu/matmul-tiles.js';
export { createMatmul } from './gpu/matmul.js';
export type { BoundMatmul, Matmul, MatmulLayout, MatmulOptions } from './gpu/prepared-matmul.js';
export type { Dispatch, ParameterBuffers, Tensor } from './gpu/operation.js';
export type { StepChunk } from './gpu/step-clock.js';
export type { StepState } from './gpu/step-state.js';
export type { StepPlan } from './gpu/step-stream.js';
export { localTuningStore, setTuning, type TuningOptions, type TuningStore } from './gpu/tuning.js';
export { centredLayer, foldCentre } from './fold-centre.js';
export type { LayerRecord } from './layer-statistics.js';
export * from './layer.js';
export { LOSS_NAMES, type LossName } from './loss.js';
export { pytorchTensors } from './named-networks.js';
export { matchTensors, renameWeights, weightsLike, type NamedShape } from './match-tensors.js';
export {
  dataDescription,
  describeModel,
  ModelError,
  readModel,
  type Model,
  type ModelInputs,
  type ModelTargets,
} from './model.js';
export {
  network,
  networkFromJson,
  networkToJson,
  type Network,
  type NetworkSpecification,
} from './network.js';
export {
  activationFromNotation,
  networkFromNotation,
  NOTATION_HELP,
  notationOf,
  type NotationOptions,
} from './notation.js';
export {
  adam,
  adamw,
  rmsprop,
  sgd,
  type AdamOptimizer,
  type LearningRate,
  type Optimizer,
  type OptimizerOptions,
  type RmsPropOptimizer,
  type SgdOptimizer,
} from './optimizer.js';
export type { ParameterLayout, ParameterRole, ParameterTensor } from './parameters.js';
export {
  evaluatePrediction,
  predict,
  type Evaluation,
  type Prediction,
  type Samples,
} from './predict.js';
export { createForwardPass, forward } from './forward.js';
export type { ForwardPass, ResidentReplicas } from './forward-pass.js';
export { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.js';
export { scheduleFactor, type Schedule } from './schedule.js';
export { entriesOf, type LayerShape, type Shape } from './shape.js';
export { shuffledOrder } from './shuffle.js';
export { createTrainer, train } from './train.js';
export type { Trainer, TrainerOptions } from './trainer.js';
export type { Intervention, TrainOptions } from './training-session.js';
export { networkInputs } from './training-data.js';
export { TrainingError, type TrainingErrorCode } from './training-error.js';
export type {
  EpochRecord,
  ReplicaRun,
  ReplicaStatus,
  Score,
  TrainingRun,
  TrainProgress,
} from './training-run.js';
export {
  weightsOfState,
  type TrainerState,
  type TrainingCheckpoint,
  type TrainingState,
} from './training-state.js';
export {
  packWeights,
  unpackWeights,
  WeightsError,
  type Replicas,
  type WeightBlocks,
  type Weights,
  type WeightTensor,
} from './weights.js';
