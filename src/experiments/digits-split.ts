/** The digits, which have no test samples of their own, split for experiments. */
import { digitsDataset, trainValidationTestSplit } from '../data/index.js';
import type { ExperimentData } from './experiment.js';

/** @param test share of the samples */
export async function splitDigits(test: number, seed: number): Promise<ExperimentData> {
  const parts = trainValidationTestSplit(await digitsDataset(), { validation: 0, test, seed });
  return { train: parts.train, test: parts.test! };
}
