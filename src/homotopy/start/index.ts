/** Product structures, their counts, and the start system of a solve. */
export {
  assertTrackable,
  StartSolutionError,
  StructureError,
  TrackingLimitError,
  type ProductStructure,
  type StartPlan,
  type SystemExponents,
} from './product-structure.js';
export { assertSupports, findUnsupportedMonomial, supportsSystem } from './support.js';
export { attainsTotalDegree } from './bezout-bound.js';
export { countStartSolutions } from './choice-graph.js';
export {
  findPartition,
  findPartitionStepwise,
  partitionStructure,
  type Partition,
  type PartitionResult,
} from './partition.js';
export {
  findStructure,
  findStructureStepwise,
  totalDegreePlan,
  type SearchOptions,
  type StructureSearch,
} from './search.js';
export {
  chooseStart,
  foundStart,
  searchStart,
  startOrSearch,
  systemExponents,
  type StartKind,
  type StartOptions,
  type StartSearch,
} from './choose-start.js';
export { formatPartition, formatStructure, parsePartition, parseStructure } from './notation.js';
export {
  createStartTable,
  flattenStartTable,
  rank,
  unrank,
  type FlatStartTable,
  type GraphStartTable,
  type RadixStartTable,
  type StartTable,
} from './start-table.js';
export {
  gammaOf,
  redrawEquation,
  startCoefficients,
  type StartCoefficients,
} from './start-coefficients.js';
export {
  checkStartSolution,
  evaluateForm,
  startSolution,
  type StartCheck,
} from './start-solution.js';
export { drawStart, drawStartStepwise } from './draw-start.js';
export { mixedVolume, SupportError, type MixedVolumeOptions } from './polyhedral/mixed-volume.js';
export type { Supports } from './polyhedral/mixed-cells.js';
export {
  polyhedralPlan,
  type CellSearch,
  type PolyhedralPlan,
} from './polyhedral/polyhedral-plan.js';
