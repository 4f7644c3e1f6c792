/** Public names of the homotopy layer. */
export { solve } from './solve/solve.js';
export type {
  FamilyOptions as SolveFamilyOptions,
  MemberOptions,
  Precision,
  SolvedMember,
  StartSolutions,
  SolveOptions,
} from './solve/solve-options.js';
export type { ComparisonStatus, ExactComparison } from './solve/exact-comparison.js';
export { SolveError } from './solve/errors.js';
export { WorkerError } from './track/errors.js';
export {
  SCHEMA_VERSION,
  type FailedPath,
  type PathCounts,
  type Solution,
  type SolveProgress,
  type SolveResult,
  type SolveTiming,
} from './solve/solution.js';
export * from './start/index.js';
