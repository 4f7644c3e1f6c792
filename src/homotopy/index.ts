/** Public names of the homotopy layer. */
export { solve } from './solve/solve.js';
export {
  SolveError,
  type FamilyOptions as SolveFamilyOptions,
  type FamilyState,
  type MemberOptions,
  type MonodromyOptions,
  type MonodromyProgress,
  type MonodromyStart,
  type EndgamePlace,
  type TrackerChoice,
  type Precision,
  type SolvedMember,
  type StartSolutions,
  type SolveOptions,
  type SolveStart,
} from './solve/solve-options.js';
export type { MonodromyResult } from './solve/family-monodromy.js';
export type { RowStorage, Rows } from '../math/rows.js';
export type { PathJournal, PathRecord } from './solve/path-journal.js';
export { shareOf } from './solve/path-ids.js';
export { compareStarts, type ComparedStart } from './solve/find-start.js';
export { squareUp } from './solve/square-up.js';
export type { StartStore } from './solve/kept-starts.js';
export { setStartStore } from './solve/solver-resources.js';
export { createPathKernel, type PathKernel, type PathKernelOptions } from './solve/path-kernel.js';
export type { PathPositions } from './solve/path-positions.js';
export type { ComparisonStatus, ExactComparison } from './solve/exact-comparison.js';
export { SolutionTally } from './solve/tally.js';
export {
  membersOrUnfinished,
  resultOrUnfinished,
  throughStep,
  UnfinishedSolveError,
} from './solve/unfinished.js';
export type { OutcomeReason } from './track/outcome.js';
export { WorkerError } from './track/pool.js';
export {
  SCHEMA_VERSION,
  type CompletenessCheck,
  type FailedPath,
  type PathCounts,
  type Solution,
  type SolveProgress,
  type SolveResult,
  type SolveTiming,
  type WitnessSet,
} from './solve/solution.js';
export { solutionsBuffer } from './solve/solutions-buffer.js';
export { SolutionTable } from './solve/solution-table.js';
export { formatSolutionsCsv, solutionsCsvRows } from './solve/solutions-csv.js';
export * from './start/index.js';
