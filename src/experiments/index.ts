/** The experiments' public names. */
export { EXPERIMENTS, findExperiment } from './catalogue.js';
export {
  DIGITS_SETTINGS,
  digitsChart,
  runDigits,
  summarizeDigits,
  type DigitsOptions,
  type DigitsResult,
  type DigitsRun,
  type DigitsSummary,
} from './digits.js';
export {
  definitionText,
  ExperimentError,
  selectCells,
  type Batch,
  type BatchContext,
  type Cell,
  type CellResult,
  type Experiment,
  type ExperimentData,
  type ExperimentReport,
} from './experiment.js';
export {
  formatHeader,
  formatResults,
  parseResults,
  type RejectedLine,
  type ResultsHeader,
  type StoredResults,
} from './results-file.js';
export {
  runExperiment,
  type ExperimentProgress,
  type ExperimentRun,
  type RunExperimentOptions,
} from './run-experiment.js';
export { deadShare, spreadOf, type Spread } from './statistics.js';
