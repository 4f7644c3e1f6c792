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
export { coefficientHomotopies, startHomotopy } from '../src/homotopy/program/homotopy.js';
export { trackCellsOnGpu } from '../src/homotopy/solve/cells-on-gpu.js';
export { Certifier } from '../src/homotopy/certify/index.js';
export { TargetInverter } from '../src/homotopy/newton/target-inverse.js';
export { normalise } from '../src/homotopy/points/cluster.js';
export { homogenise } from '../src/homotopy/solve/finish.js';
export { findStart } from '../src/homotopy/solve/find-start.js';
export { skeleton } from '../src/homotopy/solve/solve.js';
export {
  chooseStart,
  createStartTable,
  gammaOf,
  polyhedralPlan,
  startCoefficients,
  startSolution,
} from '../src/homotopy/start/index.js';
export { CellStarts, generalCoefficients } from '../src/homotopy/start/polyhedral/cell-start.js';
export { createActivityCounter } from '../src/liveness/count-active.js';
export { mergeSamples } from '../src/minima/relu/merge-samples.js';
export { ScreenedSearch } from '../src/minima/relu/screened-search.js';
export { ShareSearch } from '../src/minima/relu/share-search.js';
export { unitStates } from '../src/minima/relu/unit-states.js';
export { entriesOf, LOSS_NAMES, packWeights } from '../src/network/index.js';
export { createMatmul } from '../src/network/gpu/matmul.js';
export { createParameters } from '../src/network/gpu/parameter-buffers.js';
export { createPlan, encodeDispatches } from '../src/network/gpu/plan.js';
export { gradients } from '../src/network/run-network.js';
export { evaluate, member, toNumeric, type NumericSystem } from '../src/polynomial/index.js';
export { randomStream } from '../src/math/random.js';
export { atOnce } from '../src/math/stepwise.js';
