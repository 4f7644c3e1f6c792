/** The public names of networks as polynomial systems: data in, critical points and minima out. */
export {
  ACTIVATION_NAMES,
  activationFunction,
  UnknownActivationError,
  type ActivationFunction,
  type ActivationName,
} from './activation.js';
export {
  ActivationFitError,
  approximateActivation,
  MAXIMUM_DEGREE,
  type ActivationFitOptions,
  type ActivationPolynomial,
} from './activation-polynomial.js';
export {
  ArchitectureError,
  networkLayout,
  parseLayers,
  stateDictionary,
  type NetworkArchitecture,
  type NetworkLayout,
  type TensorValues,
} from './architecture.js';
export {
  realCriticalPoints,
  type ComplexPoint,
  type CriticalPoint,
  type CriticalPointSet,
} from './critical-points.js';
export {
  findMinima,
  minimaOfSolutions,
  stationarityProblem,
  type MinimaOptions,
  type NetworkMinima,
  type SolvedSystem,
  type StationarityProblem,
} from './find-minima.js';
export { ChartError, fitChart, type ChartOptions } from './fit-chart.js';
export { genericParameters } from './generic-parameters.js';
export { minimaReport, type MinimaReport } from './minima-report.js';
export {
  exactFamilyPoint,
  familyPoint,
  SampleError,
  type FamilyPoint,
  type Samples,
} from './moments.js';
export {
  countNetworkPaths,
  countTotalDegreePaths,
  layerProductStructure,
  stationarityMultidegrees,
} from './multidegree.js';
export { networkFamily, NetworkTooLargeError, type NetworkFamily } from './network-family.js';
export { polishMinimum, type PolishedMinimum } from './polish.js';
export { stationaritySystem } from './stationarity-system.js';
export {
  trackedBlocksExperiment,
  type BlockExperiment,
  type BlockExperimentOptions,
  type BlockResult,
} from './experiments/tracked-blocks/index.js';
export * from './experiments/index.js';
export * from './initialize/index.js';
export * from './liveness/index.js';
export { trainingChart, type TrainingCurve } from './training-chart.js';
