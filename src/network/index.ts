/** The public names of networks: layers as data, shapes, parameters and weights. */
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
export {
  localTuningStore,
  setTuning,
  type TuningOptions,
  type TuningStore,
} from './gpu/autotune.js';
export { createMatmul } from './gpu/matmul.js';
export { MATMUL_TILES, type MatmulTile } from './gpu/matmul-tiles.js';
export {
  type BoundMatmul,
  type Matmul,
  type MatmulLayout,
  type MatmulOptions,
} from './gpu/prepared-matmul.js';
export * from './layer.js';
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
export { adam, adamw, rmsprop, sgd, type LearningRate, type Optimizer } from './optimizer.js';
export { type ParameterLayout, type ParameterRole, type ParameterTensor } from './parameters.js';
export { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.js';
export { scheduleFactor, type Schedule } from './schedule.js';
export { type LayerShape, type Shape } from './shape.js';
export { shuffledOrder } from './shuffle.js';
export { networkInputs, type TrainingData, type TrainingTargets } from './training-data.js';
export { TrainingError, type TrainingErrorCode } from './training-error.js';
export {
  packWeights,
  unpackWeights,
  WeightsError,
  type WeightBlocks,
  type Weights,
  type WeightTensor,
} from './weights.js';
