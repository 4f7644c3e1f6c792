/**
 * The public interface of lps-webgpu, and nothing else: what a program needs to solve systems, find
 * minima, and make, initialize and train networks. The names are pinned by test/unit/public-names.test.ts;
 * what tests and measurements need besides is in harness/internals.ts.
 */

// Errors: `kind` says who can mend it; the classes listed here carry data besides the message.
export { LpsError, type ErrorKind } from './math/lps-error.js';

// The GPU.
export {
  DeviceLostError,
  GpuDevice,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
  openGpu,
  type ArithmeticMode,
  type GpuInfo,
  type OpenGpuOptions,
  type PrecisionVerdict,
} from './gpu/index.js';

// Polynomial systems and families of them.
export {
  countSolutions,
  formatSystem,
  parseFamily,
  parseSystem,
  SystemError,
  SystemSyntaxError,
  type CountLimits,
  type CountStatus,
  type ExactComplex,
  type ExactCount,
  type FamilyOptions,
  type FamilyTerm,
  type ParameterValue,
  type ParseOptions,
  type PolynomialSystem,
  type SystemErrorCode,
  type SystemFamily,
  type SystemFormat,
  type Term,
} from './polynomial/index.js';

// All isolated solutions of a system; start systems in their notation.
export {
  chooseStart,
  formatPartition,
  formatSolutionsCsv,
  formatStructure,
  parsePartition,
  parseStructure,
  solve,
  SolveError,
  StructureError,
  TrackingLimitError,
  type ComparisonStatus,
  type ExactComparison,
  type FailedPath,
  type MemberOptions,
  type Partition,
  type PathCounts,
  type Precision,
  type ProductStructure,
  type Solution,
  type SolvedMember,
  type SolveFamilyOptions,
  type SolveOptions,
  type SolveProgress,
  type SolveResult,
  type SolveTiming,
  type StartKind,
  type StartOptions,
  type StartPlan,
  type StartSolutions,
} from './homotopy/index.js';

// Critical points and minima of small networks.
export {
  approximateActivation,
  type ActivationFitOptions,
  type ActivationPolynomial,
} from './minima/activation-polynomial.js';
export {
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
export { type FamilyPoint } from './minima/moments.js';
export { networkFamily, type NetworkFamily } from './minima/network-family.js';
export { type PolishedMinimum } from './minima/polish.js';
export { enumerateReluMinima } from './minima/relu/enumerate-relu-minima.js';
export {
  type ReluCheckpoint,
  type ReluMinima,
  type ReluMinimaOptions,
  type ReluProgress,
} from './minima/relu/relu-minima.js';
export { TooManyCombinationsError } from './minima/relu/errors.js';
export { type ReluMinimum } from './minima/relu/relu-minimum.js';
export { type NetworkArchitecture } from './network/architecture.js';

// Networks as data, their training, and weights in and out.
export {
  adam,
  adamw,
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  elu,
  flatten,
  forward,
  gelu,
  globalAveragePool2d,
  identity,
  leakyRelu,
  localTuningStore,
  maxPool2d,
  network,
  NetworkError,
  networkFromJson,
  networkFromNotation,
  networkToJson,
  polynomial,
  readSafetensors,
  relu,
  residual,
  rmsprop,
  setTuning,
  sgd,
  sigmoid,
  silu,
  softplus,
  tanh,
  train,
  TrainingError,
  writeSafetensors,
  type ActivationLayer,
  type BatchNormLayer,
  type Conv2dLayer,
  type DenseLayer,
  type DropoutLayer,
  type EpochRecord,
  type FlattenLayer,
  type GlobalAveragePool2dLayer,
  type Layer,
  type LayerRecord,
  type LayerType,
  type LearningRate,
  type LossName,
  type Network,
  type NetworkErrorCode,
  type NetworkErrorPlace,
  type NetworkSpecification,
  type NotationOptions,
  type Optimizer,
  type Padding,
  type Pool2dLayer,
  type PoolOptions,
  type ReplicaRun,
  type Replicas,
  type ReplicaStatus,
  type ResidualLayer,
  type Schedule,
  type Score,
  type Shape,
  type Size,
  type Size2,
  type TrainingErrorCode,
  type TrainingRun,
  type TrainOptions,
  type TrainProgress,
  type TuningOptions,
  type TuningStore,
  type Weights,
  type WeightTensor,
} from './network/index.js';

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
} from './initialize/index.js';

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
} from './liveness/index.js';

// Data sets.
export {
  DIABETES_CSV,
  DIABETES_INPUTS,
  DIABETES_TARGET,
  diabetesDataset,
  digitsDataset,
  gunzip,
  readCifar,
  readCsvDataset,
  readIdxDataset,
  readTable,
  standardize,
  standardizeParts,
  TableError,
  trainValidationTestSplit,
  type CifarFile,
  type CifarKind,
  type ClassTargets,
  type ColumnScaling,
  type CsvDatasetOptions,
  type DataParts,
  type Dataset,
  type DataTable,
  type IdxData,
  type IdxDatasetOptions,
  type LoadedData,
  type NamedTable,
  type Normalization,
  type SplitOptions,
  type TableOptions,
  type Targets,
  type ValueTargets,
} from './data/index.js';

// Pictures as SVG text.
export { fitChart, type ChartOptions } from './charts/fit-chart.js';
export { livenessCurves, livenessHeatMap } from './charts/liveness-charts.js';
export { trainingChart, type TrainingCurve } from './charts/training-chart.js';
