/** The data layer's public names; all of them run in a browser page (files: *-file.ts). */
export { CIFAR10_CLASSES, readCifar, type CifarFile, type CifarKind } from './cifar.js';
export {
  DatasetError,
  makeDataset,
  type ClassTargets,
  type Dataset,
  type Normalization,
  type Targets,
  type ValueTargets,
} from './dataset.js';
export { DIABETES_CSV, DIABETES_INPUTS, DIABETES_TARGET } from './diabetes.js';
export { diabetesDataset, digitsDataset } from './embedded.js';
export {
  REGRESSION_TASKS,
  sampleFunction,
  type RegressionTask,
  type RegressionTaskName,
} from './functions.js';
export { gunzip, isGzip } from './gzip.js';
export {
  readIdx,
  readIdxDataset,
  type IdxArray,
  type IdxData,
  type IdxDatasetOptions,
} from './idx.js';
export {
  selectSamples,
  spreadSamples,
  trainValidationTestSplit,
  type DataParts,
  type LoadedData,
  type SplitOptions,
} from './split.js';
export {
  readCsvDataset,
  readTableDataset,
  type CsvDatasetOptions,
  type TableDatasetOptions,
} from './table-dataset.js';
export { centreParts, standardization, standardizeParts, toUnits } from './standardization.js';
export {
  readTable,
  selectColumns,
  standardize,
  TableError,
  type ColumnScaling,
  type DataTable,
  type NamedTable,
  type TableOptions,
} from './table.js';
