/** The public names of networks: layers as data, shapes and parameters. */
export { NetworkError, type NetworkErrorCode, type NetworkErrorPlace } from './errors.js';
export * from './layer.js';
export {
  network,
  networkFromJson,
  networkToJson,
  type Network,
  type NetworkSpecification,
} from './network.js';
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
