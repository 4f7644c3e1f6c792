/** The data that networks can be trained on here. */
import {
  diabetesDataset,
  digitsDataset,
  readCsvDataset,
  REGRESSION_TASKS,
  sampleFunction,
  standardizeParts,
  trainValidationTestSplit,
  type DataParts,
  type Dataset,
} from '../../data/index.js';

export interface DataChoice {
  readonly title: string;
  /** A network that fits it. */
  readonly network: string;
  /** As many as it takes to see a difference. */
  readonly epochs: number;
  readonly load: () => Promise<Dataset>;
}

export const DATA_CHOICES: Readonly<Record<string, DataChoice>> = {
  digits: { title: 'Handwritten digits', network: '64-20*16-10', epochs: 10, load: digitsDataset },
  sine: {
    title: 'sin 3x',
    network: '1-10*8-1',
    epochs: 300,
    load: () => Promise.resolve(sampleFunction(REGRESSION_TASKS.sin3x)),
  },
  abs: {
    title: '|x|',
    network: '1-10*2-1',
    epochs: 600,
    load: () => Promise.resolve(sampleFunction(REGRESSION_TASKS.abs)),
  },
  diabetes: {
    title: 'Diabetes progression',
    network: '10-6*16-1',
    epochs: 50,
    load: () => Promise.resolve(diabetesDataset()),
  },
};

/** Samples of a file, its last column the target. @throws TableError */
export function datasetOfCsv(name: string, text: string): Dataset {
  const names = text.split('\n', 1)[0]!.split(/[,;\t]/);
  return readCsvDataset(text, { name, target: names.at(-1)!.trim().replaceAll('"', '') });
}

/** A fifth is kept for validation; all is standardised by what is trained on. */
export function prepare(dataset: Dataset, seed: number): DataParts {
  const parts = trainValidationTestSplit(dataset, { test: 0, validation: 0.2, seed });
  return standardizeParts(parts);
}
