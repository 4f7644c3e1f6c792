/** Measures what tracked blocks are worth as a start. */
export {
  trackedBlocksExperiment,
  type BlockExperiment,
  type BlockExperimentOptions,
  type BlockResult,
} from './run.js';
