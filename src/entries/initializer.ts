/** `lps-webgpu/initializer`: initial weights. */
export * from './device.js';

// Initial weights.
export {
  blockArchitecture,
  createReplicaInitializer,
  InitializationError,
  initialize,
  initializeReplicas,
  INITIALIZER_METHODS,
  tfjsInitializers,
  type Initialization,
  type InitializationErrorCode,
  type InitializationOptions,
  type InitializationReport,
  type InitializedLayer,
  type InitializerMethod,
  type JacobianSpectrum,
  type LpsAblation,
  type ReplicaInitializer,
  type ReplicaInitializerOptions,
  type TensorFlow,
  type TfjsInitializer,
  type TfjsLayerInitializers,
  type TrackedBlock,
  type TrackedLastLayersReport,
  type TrackedMinimum,
  type TrackedNetworkReport,
  type TrackedOptions,
  type TrackedReport,
  type UnitActivity,
} from '../initialize/index.js';
