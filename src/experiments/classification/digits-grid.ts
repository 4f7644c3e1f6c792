/**
 * Twenty layers of 16 units on the embedded handwritten digits: the full grid, in minutes. The quick
 * comparison of `digits.ts` has the same network.
 */
import { DIGITS_SETTINGS } from '../digits.js';
import { fullGrid, type Classification } from './definition.js';
import { classificationExperiment } from './run.js';

export const DIGITS_GRID: Classification = {
  name: 'digits-grid',
  title: 'a deep narrow network on the digits: losses, accuracies and dead units after equal steps',
  heading: 'A deep narrow network on the digits',
  samples: 'digits',
  testSamples: 359,
  ratesFrom: null,
  groups: fullGrid(
    '20x16',
    DIGITS_SETTINGS.network,
    { seeds: 5, steps: 500, batchSize: 64, halved: false },
    1.5,
  ),
  data: 'digits',
};

export const digitsGrid = classificationExperiment(DIGITS_GRID);
