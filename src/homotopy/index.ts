/** Public names of the homotopy layer. */
export { solve } from './solve.js';
export type {
  FamilyOptions as SolveFamilyOptions,
  MemberOptions,
  Precision,
  SolvedMember,
  StartSolutions,
  SolveOptions,
} from './solve-options.js';
export type { ComparisonStatus, ExactComparison } from './exact-comparison.js';
export { SolveError } from './errors.js';
export {
  SCHEMA_VERSION,
  type FailedPath,
  type PathCounts,
  type Solution,
  type SolveProgress,
  type SolveResult,
  type SolveTiming,
} from './solution.js';
export * from './structure/index.js';
