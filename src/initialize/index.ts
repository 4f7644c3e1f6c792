/** The initializers' public names. */
export { ANCHOR_SAMPLES } from './anchors.js';
export { initialize, initializeReplicas, type Initialization } from './initialize.js';
export { InitializationError, type InitializationErrorCode } from './errors.js';
export type { InitializerAlias, InitializerOption, LayerDone } from './initializer.js';
export {
  findInitializer,
  INITIALIZER_METHODS,
  INITIALIZERS,
  readMethod,
  type InitializationOptions,
  type InitializerMethod,
  type InitializerName,
} from './initializers.js';
export type { LpsAblation } from './lps/layer-plan.js';
export type { JacobianSpectrum } from './jacobian.js';
export type { ReplicaAddress } from './random-address.js';
export {
  createReplicaInitializer,
  type ReplicaInitializer,
  type ReplicaInitializerOptions,
} from './replica-initializer.js';
export type { PolynomialFit } from './tracked/activation.js';
export { blockArchitecture, type TrackedOptions } from './tracked/options.js';
export type {
  EnumeratedBlock,
  EnumeratedNetworkReport,
  TrackedBlock,
  TrackedLastLayersReport,
  TrackedMinimum,
  TrackedNetworkReport,
  TrackedReport,
} from './tracked/index.js';
export { revive, type Revival, type ReviveOptions } from './revive.js';
export {
  tfjsInitializers,
  type TensorFlow,
  type TfjsInitializer,
  type TfjsLayerInitializers,
} from './tfjs-initializers.js';
export type { MeasuredOutput, UnitActivity } from './measured-output.js';
export type { InitializationReport, InitializedLayer } from './report.js';
