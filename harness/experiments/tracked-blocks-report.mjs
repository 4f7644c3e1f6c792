/** The Markdown of the experiment's JSON: per task one table, mean and deviation over seeds. */

/** @param {readonly number[]} values */
function spread(values) {
  if (values.length === 0) return '';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return `${number(mean)} ± ${number(deviation)}`;
}

/** @param {number} value */
function number(value) {
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
  '2 directions: blocks tracked': [
    'lps, output fitted',
    'he, output fitted',
    '2 directions: blocks from where they are',
    '2 directions: blocks from random starts',
  ],
};

/**
 * Seed by seed: the loss after training of each tracked variant over that of its controls.
 *
 * @param {readonly import('../internals.js').BlockResult[]} rows of one task
 */
function comparisons(rows) {
  const find = (/** @type {string} */ name) => rows.find(({ variant }) => variant === name);
  const lines = [
    '| loss after training | over | ratio (geometric mean) | lower in |',
    '|---|---|---|---|',
  ];
  for (const [variant, others] of Object.entries(controls)) {
    const tracked = find(variant);
    for (const other of others) {
      const control = find(other);
      if (!tracked || !control) continue;
      const logarithms = tracked.final.map((loss, k) => Math.log(loss / control.final[k]));
      const mean = logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length;
      const lower = logarithms.filter((value) => value < 0).length;
      lines.push(
        `| ${variant} | ${other} | ${Math.exp(mean).toPrecision(3)} | ${lower} of ${logarithms.length} seeds |`,
      );
    }
  }
  return lines;
}

/** @param {import('../internals.js').BlockExperiment} experiment */
export function markdownOf({ seeds, regularization, sweeps, trainingSteps, adapter, results }) {
  const lines = [
    '# Tracked blocks as a start',
    '',
    `Made by \`node harness/experiments/tracked-blocks.mjs\`; seeds ${seeds.join(', ')}, lambda ${regularization}, ${sweeps} sweep, ${adapter}. Mean ± deviation over seeds. What the variants are, and what follows from the numbers: [lps-tracked](../lps-tracked.md).`,
  ];
  for (const task of new Set(results.map((result) => result.task))) {
    const rows = results.filter((result) => result.task === task);
    const hasTest = rows.some(({ initialTest }) => initialTest.length > 0);
    const steps = rows[0].atSteps.length > 0 ? trainingSteps : [];
    const head = [
      'start',
      'loss at first',
      ...steps.map((step) => `after ${step} steps`),
      'after training',
      ...(hasTest ? ['test accuracy at first', 'after training', 'test loss after training'] : []),
      'blocks replaced',
    ];
    lines.push('', `## ${task} (${rows[0].parameters} parameters)`, '', `| ${head.join(' | ')} |`);
    lines.push(`|${head.map(() => '---|').join('')}`);
    for (const row of rows) {
      const cells = [
        row.variant,
        spread(row.initial),
        ...row.atSteps.map(spread),
        spread(row.final),
        ...(hasTest
          ? [spread(row.initialAccuracy), spread(row.finalAccuracy), spread(row.finalTest)]
          : []),
        row.blocks > 0 ? `${spread(row.accepted)} of ${row.blocks}` : '',
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
    lines.push('', ...comparisons(rows));
    const unbalanced = rows.flatMap(({ variant, unbalancedBlocks: count }) =>
      count ? [`${variant}: ${count} blocks with sum of (-1)^index other than 1.`] : [],
    );
    if (unbalanced.length > 0) lines.push('', ...unbalanced);
  }
  return `${lines.join('\n')}\n`;
}
