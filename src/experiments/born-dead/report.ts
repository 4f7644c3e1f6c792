/** Born-dead networks as tables, heat map and curves. */
import { livenessCurves, livenessHeatMap } from '../../charts/liveness-charts.js';
import { wilsonInterval, type LivenessResult, type Share } from '../../liveness/index.js';
import { BORN_DEAD_SETTINGS, type BornDeadResult } from './definition.js';
import type { ExperimentReport } from '../experiment.js';
import { countText, markdownTable, percent } from '../markdown.js';

export async function reportBornDead(
  unordered: readonly BornDeadResult[],
): Promise<ExperimentReport> {
  const results = [...unordered].sort(
    (a, b) => a.input - b.input || a.width - b.width || a.depth - b.depth,
  );
  const { comparison, guarantee, anchors } = BORN_DEAD_SETTINGS;
  const sections: string[] = [];
  const pictures = new Map<string, string>();
  const guaranteed = results.filter(({ part }) => part === 'guarantee');
  if (guaranteed.length > 0) {
    sections.push(
      '## `lps` on its anchors',
      `${thousands(guarantee.networks)} networks per cell, judged on the ${anchors} anchors alone: no dead unit there means none on any inputs that contain the anchors.`,
      guaranteeTable(guaranteed),
    );
  }
  const compared = results.filter(({ part }) => part === 'comparison');
  if (compared.length > 0) {
    const measured = livenessOf(compared);
    pictures.set('born-dead-heatmap.svg', await livenessHeatMap(measured));
    pictures.set(
      'born-dead-curves.svg',
      await livenessCurves(livenessOf(compared.filter(({ method }) => CURVES.includes(method)))),
    );
    sections.push(
      '## All initializers',
      `${thousands(comparison.networks)} networks per cell, judged on ${comparison.points} inputs, ${anchors} of them shown to initializers that look at data. The bound is that of Lu, Shin, Su and Karniadakis for sign-symmetric initializers, 1 - (1 - 2^-width)^depth; intervals are Wilson's at 95%.`,
      boundsText(compared),
      '![Share of networks born dead](born-dead-heatmap.svg)',
      '![Share of networks born dead by depth](born-dead-curves.svg)',
      ...comparison.inputs.flatMap((input) => {
        const own = compared.filter((result) => result.input === input);
        if (own.length === 0) return [];
        return [
          `### Born dead, %, ${input} input${input === 1 ? '' : 's'}`,
          shareTable(own, ({ bornDead, networks }) => [bornDead, networks], true),
          `### Dead units, %, ${input} input${input === 1 ? '' : 's'}`,
          shareTable(
            own,
            ({ deadUnits, networks, width, depth }) => [deadUnits, networks * width * depth],
            false,
          ),
        ];
      }),
    );
  }
  const markdown = `${[
    '# Networks born dead',
    'A ReLU network is born dead when a hidden layer has no unit that is active on any probe input: it is constant there, and no gradient reaches its first layers. Inputs have unit variance.',
    ...sections,
  ].join('\n\n')}\n`;
  return { markdown, pictures };
}

/** As many as there are colours; the others are close to one of these. */
const CURVES: readonly BornDeadResult['method'][] = [
  'lps',
  'lps-generic',
  'he',
  'orthogonal',
  'rai',
  'antithetic',
];

/** Whether the measured shares agree with theory. */
function boundsText(results: readonly BornDeadResult[]): string {
  const bounded = results.filter(({ lowerBound, upperBound }) => lowerBound > 0 || upperBound < 1);
  const outside = bounded.filter(({ bornDead, networks, lowerBound, upperBound }) => {
    const [low, high] = wilsonInterval(bornDead, networks);
    return high < lowerBound || low > upperBound;
  });
  return outside.length === 0
    ? `In all ${bounded.length} cells for which there are bounds the interval meets them.`
    : `Of the ${bounded.length} cells for which there are bounds, these have an interval outside: ${outside.map(({ cell }) => cell).join(', ')}.`;
}

const thousands = (value: number): string => value.toLocaleString('en-US');

function guaranteeTable(results: readonly BornDeadResult[]): string {
  return markdownTable(
    ['depth x width', 'inputs', 'networks', 'born dead', 'dead units', 'of units'],
    results.map(({ depth, width, input, networks, bornDead, deadUnits }) => [
      `${depth}x${width}`,
      `${input}`,
      thousands(networks),
      countText(bornDead, networks),
      thousands(deadUnits),
      thousands(networks * width * depth),
    ]),
  );
}

/** A row per shape, a column per initializer: the share with its interval. */
function shareTable(
  results: readonly BornDeadResult[],
  counts: (result: BornDeadResult) => readonly [count: number, of: number],
  withBound: boolean,
): string {
  const methods = BORN_DEAD_SETTINGS.comparison.methods.filter((method) =>
    results.some((result) => result.method === method),
  );
  const shapes = [...new Set(results.map(({ depth, width }) => `${depth}x${width}`))];
  return markdownTable(
    ['depth x width', ...(withBound ? ['bound'] : []), ...methods],
    shapes.map((shape) => {
      const own = results.filter(({ depth, width }) => `${depth}x${width}` === shape);
      const { depth, width } = own[0]!;
      const bound = percent(1 - (1 - 2 ** -width) ** depth);
      const cells = methods.map((method) => {
        const result = own.find((candidate) => candidate.method === method);
        if (!result) return '-';
        const [count, of] = counts(result);
        if (!withBound) return percent(count / of);
        const [low, high] = wilsonInterval(count, of);
        return `${percent(count / of)} (${percent(low)}-${percent(high)})`;
      });
      return [shape, ...(withBound ? [bound] : []), ...cells];
    }),
  );
}

/** As `measureLiveness` gives it, for its charts. */
function livenessOf(results: readonly BornDeadResult[]): LivenessResult {
  const { seed, anchors, comparison } = BORN_DEAD_SETTINGS;
  const share = (count: number, of: number): Share => ({
    count,
    of,
    value: count / of,
    interval: wilsonInterval(count, of),
  });
  return {
    cells: results.map((result) => {
      const { networks, width, depth, input, points, method, gradientRatio } = result;
      return {
        input,
        width,
        depth,
        method,
        networks,
        gradientRatio,
        bornDead: share(result.bornDead, networks),
        deadUnits: share(result.deadUnits, networks * width * depth),
        zeroInputs: share(result.zeroInputs, networks * points),
        bounds: { lower: result.lowerBound, upper: result.upperBound },
        networksPerSecond: 0,
      };
    }),
    seed,
    anchors,
    points: comparison.points,
    partial: false,
    totalMs: 0,
  };
}
