/** The data layer's public names; all of them run in a browser page (files: read-file.ts). */
export { DIABETES_CSV, DIABETES_INPUTS, DIABETES_TARGET } from './diabetes.js';
export {
  readTable,
  standardize,
  TableError,
  type ColumnScaling,
  type DataTable,
  type TableOptions,
} from './table.js';
