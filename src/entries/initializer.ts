/** `lps-webgpu/initializer`: initial weights. */
export * from './device.js';

// Initial weights.
export {
  blockArchitecture,
  InitializationError,
  initialize,
  initializeReplicas,
  INITIALIZER_METHODS,
  revive,
  type Initialization,
  type InitializationErrorCode,
  type InitializationOptions,
  type InitializationReport,
  type InitializedLayer,
  type InitializerMethod,
  type JacobianSpectrum,
  type LayerDone,
  type LpsAblation,
  type ReviveOptions,
  type Revival,
  type TrackedBlock,
  type TrackedLastLayersReport,
  type TrackedMinimum,
  type TrackedNetworkReport,
  type TrackedOptions,
  type TrackedReport,
  type UnitActivity,
} from '../initialize/index.js';
