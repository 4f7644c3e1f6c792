/** Public names of the homotopy layer. */
export { solve, type SolveOptions } from './solve.js';
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
