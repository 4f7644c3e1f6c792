/** `lps-webgpu/initializer`: initial weights, how alive they are, and networks as data. */
export * from './device.js';

// Initial weights.
export {
  blockArchitecture,
  InitializationError,
  initialize,
  initializeReplicas,
  INITIALIZER_METHODS,
  type Initialization,
  type InitializationErrorCode,
  type InitializationOptions,
  type InitializationReport,
  type InitializedLayer,
  type InitializerMethod,
  type JacobianSpectrum,
  type LpsAblation,
  type TrackedBlock,
  type TrackedLastLayersReport,
  type TrackedMinimum,
  type TrackedNetworkReport,
  type TrackedOptions,
  type TrackedReport,
  type UnitActivity,
} from '../initialize/index.js';

// How often networks are born dead.
export {
  bornDeadBounds,
  measureLiveness,
  type BornDeadBounds,
  type BoundAssumptions,
  type LivenessCell,
  type LivenessOptions,
  type LivenessProgress,
  type LivenessResult,
  type LivenessSpec,
  type Share,
} from '../liveness/index.js';
