/** The digits experiment as text, for `lps experiment digits` and `npm start`. */
import type { DigitsResult, Spread } from '../experiments/index.js';
import { count, duration, plural, significant } from './numbers.js';
import { textTable } from './text-table.js';

/** What was compared, the table, and how long it took. */
export function describeDigits(result: DigitsResult): string[] {
  const { settings, summary } = result;
  return [
    `network    ${settings.network}, ${count(result.parameters)} parameters; ReLU, Adam ${settings.learningRate}, batch ${settings.batchSize}, ${plural(result.steps, 'step')}`,
    `data       digits: ${count(result.trainingSamples)} training, ${count(result.testSamples)} test samples`,
    '',
    ...textTable(
      [
        { title: 'init', align: 'left' },
        { title: 'runs' },
        { title: 'training loss' },
        { title: 'test loss' },
        { title: 'test accuracy %' },
        { title: 'dead units % before' },
        { title: 'after' },
      ],
      summary.map((row) => [
        row.method,
        `${row.runs}`,
        formatSpread(row.trainingLoss),
        formatSpread(row.testLoss),
        formatSpread(row.testAccuracy, 100),
        formatSpread(row.deadBefore, 100),
        formatSpread(row.deadAfter, 100),
      ]),
    ),
    `mean ± deviation; dead units: zero on all of ${settings.probe} training samples`,
    `${plural(result.runs.length, 'run')} side by side in ${duration(result.totalMs)}${result.partial ? ' (stopped)' : ''}`,
  ];
}

/** "0.48 ± 0.01"; in percent when scale is 100. */
function formatSpread(spread: Spread | null, scale = 1): string {
  if (!spread) return '-';
  const text = (value: number): string =>
    scale === 1 ? significant(value, 3) : (scale * value).toFixed(1);
  return `${text(spread.mean)} ± ${text(spread.deviation)}`;
}
