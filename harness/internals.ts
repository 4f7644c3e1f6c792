/**
 * The public interface and, beside it, what only tests and measurements use: bundled into
 * dist/internals/, which is not published.
 */
export * from '../src/index.js';
export {
  trackedBlocksExperiment,
  type BlockExperiment,
  type BlockResult,
} from '../src/experiments/tracked-blocks/index.js';
export { shaders } from '../src/generated/all-shaders.js';
export { GpuError } from '../src/gpu/index.js';
export { GpuTracker, TrackStatus } from '../src/homotopy/gpu/index.js';
export { startHomotopy } from '../src/homotopy/program/homotopy.js';
export {
  createStartTable,
  gammaOf,
  startCoefficients,
  startSolution,
} from '../src/homotopy/start/index.js';
export { createReplicaInitializer } from '../src/initialize/index.js';
export { createActivityCounter } from '../src/liveness/index.js';
export {
  createMatmul,
  createParameters,
  createPlan,
  createTrainer,
  encodeDispatches,
  entriesOf,
  gradients,
  LOSS_NAMES,
  packWeights,
} from '../src/network/index.js';
export { evaluate, toNumeric } from '../src/polynomial/index.js';
