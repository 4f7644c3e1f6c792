/** The public interface of lps-webgpu, and nothing else. */
export * from './gpu/index.js';
export * from './polynomial/index.js';
export * from './homotopy/index.js';
export * from './network/index.js';
export * from './data/index.js';
export {
  ACTIVATION_NAMES,
  activationFunction,
  UnknownActivationError,
  type ActivationFunction,
  type ActivationName,
} from './network/activation.js';
export {
  ArchitectureError,
  networkLayout,
  parseLayers,
  stateDictionary,
  type NetworkArchitecture,
  type NetworkLayout,
  type TensorValues,
} from './network/architecture.js';
export {
  ActivationFitError,
  approximateActivation,
  MAXIMUM_DEGREE,
  type ActivationFitOptions,
  type ActivationPolynomial,
} from './minima/activation-polynomial.js';
export {
  realCriticalPoints,
  type ComplexPoint,
  type CriticalPoint,
  type CriticalPointSet,
} from './minima/critical-points.js';
export {
  findMinima,
  minimaOfSolutions,
  stationarityProblem,
  type MinimaOptions,
  type NetworkMinima,
  type SolvedSystem,
  type StationarityProblem,
} from './minima/find-minima.js';
export { genericParameters } from './minima/generic-parameters.js';
export { minimaReport, type MinimaReport } from './minima/minima-report.js';
export {
  exactFamilyPoint,
  familyPoint,
  SampleError,
  type FamilyPoint,
  type Samples,
} from './minima/moments.js';
export {
  countNetworkPaths,
  countTotalDegreePaths,
  layerProductStructure,
  stationarityMultidegrees,
} from './minima/multidegree.js';
export {
  networkFamily,
  NetworkTooLargeError,
  type NetworkFamily,
} from './minima/network-family.js';
export { polishMinimum, type PolishedMinimum } from './minima/polish.js';
export { stationaritySystem } from './minima/stationarity-system.js';
export * from './initialize/index.js';
export * from './liveness/index.js';
export {
  trackedBlocksExperiment,
  type BlockExperiment,
  type BlockExperimentOptions,
  type BlockResult,
} from './experiments/tracked-blocks/index.js';
export * from './experiments/index.js';
export { ChartError, fitChart, type ChartOptions } from './charts/fit-chart.js';
export { livenessCurves, livenessHeatMap } from './charts/liveness-charts.js';
export { trainingChart, type TrainingCurve } from './charts/training-chart.js';
// Both folders have a `residual`: here it is the layer.
export { residual } from './network/index.js';
export { residual as systemResidual } from './polynomial/index.js';
