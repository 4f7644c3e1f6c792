/** The initializers' public names. */
export { initialize, initializeReplicas, type Initialization } from './initialize.js';
export { InitializationError, type InitializationErrorCode } from './errors.js';
export {
  INITIALIZER_METHODS,
  readMethod,
  type Anchors,
  type InitializerMethod,
  type InitializationOptions,
  type LpsAblation,
} from './methods.js';
export { type JacobianSpectrum } from './jacobian.js';
export {
  createReplicaInitializer,
  type ReplicaInitializer,
  type ReplicaInitializerOptions,
} from './replica-initializer.js';
export { blockArchitecture, type TrackedOptions } from './tracked/options.js';
export type {
  TrackedBlock,
  TrackedLastLayersReport,
  TrackedMinimum,
  TrackedNetworkReport,
  TrackedReport,
} from './tracked/index.js';
export { type InitializationReport, type InitializedLayer, type UnitActivity } from './report.js';
