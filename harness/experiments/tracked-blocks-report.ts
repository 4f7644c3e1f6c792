/** The Markdown of the experiment's JSON: per task one table, mean and deviation over seeds. */
import { markdownTable } from '../../src/experiments/markdown.js';
import type { BlockExperiment, BlockResult } from '../internals.js';
import { mean, sampleStandardDeviation } from '../statistics.js';

function spread(values: readonly number[]): string {
  if (values.length === 0) return '';
  const list = [...values];
  const deviation = list.length > 1 ? sampleStandardDeviation(list) : 0;
  return `${number(mean(list))} ± ${number(deviation)}`;
}

function number(value: number): string {
  return Math.abs(value) >= 1e-3 || value === 0 ? value.toPrecision(3) : value.toExponential(1);
}

/** Tracked variants, and what each differs from in one thing. */
const controls = {
  'blocks tracked': [
    'lps, output fitted',
    'he, output fitted',
    'blocks from where they are',
    'blocks from random starts',
    'blocks from a knot scan',
  ],
  'blocks enumerated': [
    'lps, output fitted',
    'he, output fitted',
    'blocks from where they are',
    'blocks from a knot scan',
    'blocks tracked',
    '2 directions: blocks tracked',
  ],
  '2 directions: blocks tracked': [
    'lps, output fitted',
    'he, output fitted',
    '2 directions: blocks from where they are',
    '2 directions: blocks from random starts',
  ],
};

/** Seed by seed: the loss after training of each tracked variant over that of its controls, of one task. */
function comparisons(rows: readonly BlockResult[]): string {
  const find = (name: string): BlockResult | undefined =>
    rows.find(({ variant }) => variant === name);
  const cells = Object.entries(controls).flatMap(([variant, others]) =>
    others.flatMap((other) => {
      const tracked = find(variant);
      const control = find(other);
      if (!tracked || !control) return [];
      const logarithms = tracked.final.map((loss, k) => Math.log(loss / control.final[k]!));
      const lower = logarithms.filter((value) => value < 0).length;
      const ratio = Math.exp(mean(logarithms)).toPrecision(3);
      return [[variant, other, ratio, `${lower} of ${logarithms.length} seeds`]];
    }),
  );
  return markdownTable(
    ['loss after training', 'over', 'ratio (geometric mean)', 'lower in'],
    cells,
  );
}

export function markdownOf(experiment: BlockExperiment): string {
  const { seeds, regularization, sweeps, trainingSteps, adapter, results } = experiment;
  const lines = [
    '# Tracked blocks as a start',
    '',
    `Made by \`node harness/run.mjs tracked-blocks\`; seeds ${seeds.join(', ')}, lambda ${regularization}, ${sweeps} sweep, ${adapter}. Mean ± deviation over seeds. What the variants are, and what follows from the numbers: [lps-tracked](../lps-tracked.md).`,
  ];
  for (const task of new Set(results.map((result) => result.task))) {
    const rows = results.filter((result) => result.task === task);
    const [{ atSteps, parameters }] = rows as [BlockResult, ...BlockResult[]];
    const hasTest = rows.some(({ initialTest }) => initialTest.length > 0);
    const steps = atSteps.length > 0 ? trainingSteps : [];
    const head = [
      'start',
      'loss at first',
      ...steps.map((step) => `after ${step} steps`),
      'after training',
      ...(hasTest ? ['test accuracy at first', 'after training', 'test loss after training'] : []),
      'blocks replaced',
    ];
    const cells = rows.map((row) => [
      row.variant,
      spread(row.initial),
      ...row.atSteps.map(spread),
      spread(row.final),
      ...(hasTest
        ? [spread(row.initialAccuracy), spread(row.finalAccuracy), spread(row.finalTest)]
        : []),
      row.blocks > 0 ? `${spread(row.accepted)} of ${row.blocks}` : '',
    ]);
    lines.push('', `## ${task} (${parameters} parameters)`, '', markdownTable(head, cells));
    lines.push('', comparisons(rows));
    const unbalanced = rows.flatMap(({ variant, unbalancedBlocks: count }) =>
      count ? [`${variant}: ${count} blocks with sum of (-1)^index other than 1.`] : [],
    );
    if (unbalanced.length > 0) lines.push('', ...unbalanced);
  }
  return `${lines.join('\n')}\n`;
}
