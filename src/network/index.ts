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
export { type ParameterLayout, type ParameterRole, type ParameterTensor } from './parameters.js';
export { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.js';
export { type LayerShape, type Shape } from './shape.js';
export {
  packWeights,
  unpackWeights,
  WeightsError,
  type WeightBlocks,
  type Weights,
  type WeightTensor,
} from './weights.js';
