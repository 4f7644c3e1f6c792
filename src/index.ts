/**
 * The public interface of lps-webgpu, and nothing else: what a program needs to solve systems, find
 * minima, and make, initialize and train networks. The names are pinned by test/unit/public-names.test.ts;
 * what tests and measurements need besides is in harness/internals.ts. Parts of it are entry points of
 * their own (src/entries); kernels and charts are only there.
 */
export * from './entries/solver.js';
export * from './entries/network.js';
export * from './entries/initializer.js';

// Critical points and minima of small networks.
export {
  approximateActivation,
  type ActivationFitOptions,
  type ActivationPolynomial,
} from './minima/activation-polynomial.js';
export type { ComplexPoint, CriticalPoint, CriticalPointSet } from './minima/critical-points.js';
export {
  findMinima,
  minimaOfSolutions,
  stationarityProblem,
  type MinimaOptions,
  type NetworkMinima,
  type SolvedSystem,
  type StationarityProblem,
} from './minima/find-minima.js';
export type { OrthogonalFamily } from './math/orthogonal-polynomial.js';
export { genericParameters } from './minima/generic-parameters.js';
export { familyPoint, type FamilyPoint } from './minima/moments.js';
export type { LossEvaluation, LossFunction } from './minima/loss-function.js';
export {
  networkFamily,
  type FamilyParameter,
  type LossTerm,
  type MomentParameter,
  type NetworkFamily,
  type ParameterMultiple,
} from './minima/network-family.js';
export type { PolishedMinimum } from './minima/polish.js';
export { enumerateReluMinima } from './minima/relu/index.js';
export type {
  ReluCheckpoint,
  ReluMinima,
  ReluMinimaOptions,
  ReluProgress,
  Screening,
  UndecidedCombination,
} from './minima/relu/relu-minima.js';
export type { Candidate, SearchCounts } from './minima/relu/combination-search.js';
export type { DecidedShare } from './minima/relu/share-search.js';
export type { UnitState } from './minima/relu/unit-states.js';
export { TooManyCombinationsError } from './minima/relu/errors.js';
export type { ReluMinimum } from './minima/relu/relu-minimum.js';
export type { NetworkArchitecture } from './network/architecture.js';
export { solveStrata, streamMinima } from './minima/strata/index.js';
export type {
  SolveStrataOptions,
  StrataResult,
  StrataState,
  Stratum,
} from './minima/strata/solve-strata.js';
export type { LagrangeFamily } from './minima/strata/lagrange-family.js';
export { baseSetsFrom, type FindBaseSet } from './minima/strata/stored-base-set.js';
export type { StreamedMinima, StreamOptions } from './minima/stream-minima.js';

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
  type LivenessState,
  type LivenessSums,
  type Share,
} from './liveness/index.js';

// Data sets.
export {
  centreParts,
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
  type IdxArray,
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
