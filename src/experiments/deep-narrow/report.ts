/** Deep narrow networks as tables and bars. */
import { wilsonInterval } from '../../liveness/index.js';
import { renderSvg } from '../../charts/render-svg.js';
import {
  DEEP_NARROW_GROUPS,
  DEEP_NARROW_SETTINGS,
  groupName,
  type DeepNarrowGroup,
  type DeepNarrowResult,
} from './definition.js';
import type { ExperimentReport } from '../experiment.js';
import { ABLATIONS } from '../initializer-choice.js';
import { countText, markdownTable, median, percent } from '../markdown.js';
import { spreadOf } from '../statistics.js';

/** Runs of one initializer at one rate. */
export interface DeepNarrowSummary {
  readonly label: string;
  readonly rate: number;
  readonly runs: number;
  readonly constant: number;
  readonly succeeded: number;
  readonly medianError: number;
  readonly deadBefore: number;
  readonly deadAfter: number;
}

/** Joins the runs of each initializer and rate; those without a run are left out. */
export function summarizeDeepNarrow(
  group: DeepNarrowGroup,
  results: readonly DeepNarrowResult[],
): DeepNarrowSummary[] {
  const { mainRate, otherRates, initializers, constantRange, successError } = DEEP_NARROW_SETTINGS;
  return [...initializers, ...ABLATIONS].flatMap(({ label }) =>
    [mainRate, ...otherRates].flatMap((rate) => {
      const prefix = `${groupName(group)}/adam ${rate}/${label}/seed `;
      const own = results.filter(({ cell }) => cell.startsWith(prefix));
      if (own.length === 0) return [];
      return {
        label,
        rate,
        runs: own.length,
        constant: own.filter(({ range }) => range <= constantRange).length,
        succeeded: own.filter(({ nmse }) => nmse < successError).length,
        medianError: median(own.map(({ nmse }) => nmse)),
        deadBefore: spreadOf(own.map(({ deadBefore }) => deadBefore))!.mean,
        deadAfter: spreadOf(own.map(({ deadAfter }) => deadAfter))!.mean,
      };
    }),
  );
}

/** The rate with the largest share of successes; of equal ones the main rate, which comes first. */
function bestOf(summaries: readonly DeepNarrowSummary[]): DeepNarrowSummary {
  const share = ({ succeeded, runs }: DeepNarrowSummary): number => succeeded / runs;
  return summaries.reduce((best, next) => (share(next) > share(best) ? next : best));
}

export async function reportDeepNarrow(
  results: readonly DeepNarrowResult[],
): Promise<ExperimentReport> {
  const { steps, points, mainRate, otherRates, constantRange, successError, sweepSeeds } =
    DEEP_NARROW_SETTINGS;
  const sections: string[] = [];
  const bars: BarGroup[] = [];
  for (const group of DEEP_NARROW_GROUPS) {
    const summaries = summarizeDeepNarrow(group, results);
    const main = summaries.filter(({ rate }) => rate === mainRate);
    if (main.length === 0) continue;
    bars.push({ title: groupName(group), summaries: main });
    sections.push(
      `## ${group.task}, ${group.depth}x${group.width}`,
      markdownTable(
        [
          'initializer',
          'ended constant',
          'learned',
          'median error',
          'dead units % before',
          'after',
          'best rate',
          'learned there',
        ],
        main.map((row) => {
          const best = bestOf(summaries.filter(({ label }) => label === row.label));
          return [
            row.label,
            countText(row.constant, row.runs),
            countText(row.succeeded, row.runs),
            String(row.medianError),
            percent(row.deadBefore),
            percent(row.deadAfter),
            String(best.rate),
            countText(best.succeeded, best.runs),
          ];
        }),
      ),
      ...verdict(main),
    );
  }
  const pictures = new Map<string, string>();
  if (bars.length > 0) pictures.set('deep-narrow.svg', await successBars(bars));
  const markdown = `${[
    '# Deep narrow networks on functions of one variable',
    `Networks of depth x width ReLU units, ${points} points on [-sqrt 3, sqrt 3], ${steps} full-batch steps of Adam at rate ${mainRate}. A run ended **constant** when the range of its outputs is at most ${constantRange} of the targets' range, and **learned** the function when its mean squared error is below ${100 * successError}% of the targets' variance. Counts come with Wilson's 95% intervals; dead units are shares of hidden units that are zero on all points. The rates ${otherRates.join(' and ')} were run on the first ${sweepSeeds} seeds; the last columns are the best of the three rates for each initializer, which is an optimistic choice for all of them.`,
    ...(bars.length > 0 ? ['![Runs by outcome](deep-narrow.svg)'] : []),
    ...sections,
  ].join('\n\n')}\n`;
  return { markdown, pictures };
}

const REFERENCE = 'lps';

/** Says which other initializers lps does not clearly beat. */
function verdict(main: readonly DeepNarrowSummary[]): string[] {
  const reference = main.find(({ label }) => label === REFERENCE);
  const others = main.filter(({ label }) => label !== REFERENCE);
  if (!reference || others.length === 0) return [];
  const [lowest] = wilsonInterval(reference.succeeded, reference.runs);
  const equals = others.filter(
    ({ succeeded, runs }) => wilsonInterval(succeeded, runs)[1] >= lowest,
  );
  return [
    equals.length === 0
      ? `\`lps\` learns more often than ${others.map(({ label }) => label).join(', ')}: its interval lies above.`
      : `\`lps\` does **not** learn clearly more often (intervals overlap, or lie above its own) than: ${equals.map(({ label }) => label).join(', ')}.`,
  ];
}

interface BarGroup {
  readonly title: string;
  readonly summaries: readonly DeepNarrowSummary[];
}

const OUTCOMES = [
  { name: 'learned', colour: '#009E73' },
  { name: 'neither', colour: '#C8CED6' },
  { name: 'constant', colour: '#D55E00' },
] as const;

const PANEL = { width: 330, left: 130, gap: 24, row: 22, top: 110, columns: 3 };

/** A bar for every initializer: shares of its runs by outcome, with the interval of the learned. */
async function successBars(groups: readonly BarGroup[]): Promise<string> {
  const rows = Math.max(...groups.map(({ summaries }) => summaries.length));
  const columns = Math.min(PANEL.columns, groups.length);
  const height = rows * PANEL.row;
  const place = (index: number): { left: number; top: number } => ({
    left: PANEL.left + (index % columns) * (PANEL.left + PANEL.width),
    top: PANEL.top + Math.floor(index / columns) * (height + 2.5 * PANEL.gap + 24),
  });
  return renderSvg(
    {
      title: [
        {
          text: 'Runs by outcome, %',
          subtext: 'black: 95% interval of the share that learned',
          left: 'center',
          top: 8,
        },
        ...groups.map(({ title, summaries }, index) => ({
          text: `${title}, ${summaries[0]!.runs} runs each`,
          textStyle: { fontSize: 13 },
          left: place(index).left,
          top: place(index).top - 26,
        })),
      ],
      legend: { top: 56, data: OUTCOMES.map(({ name }) => name) },
      grid: groups.map(({ summaries }, index) => ({
        ...place(index),
        width: PANEL.width,
        height: summaries.length * PANEL.row,
      })),
      xAxis: groups.map((_, index) => ({ type: 'value', gridIndex: index, min: 0, max: 100 })),
      yAxis: groups.map(({ summaries }, index) => ({
        type: 'category',
        gridIndex: index,
        inverse: true,
        data: summaries.map(({ label }) => label),
        axisTick: { show: false },
      })),
      series: groups.flatMap(({ summaries }, index) => [
        ...OUTCOMES.map(({ name, colour }) => ({
          name,
          type: 'bar',
          stack: `${index}`,
          xAxisIndex: index,
          yAxisIndex: index,
          itemStyle: { color: colour },
          barWidth: '70%',
          data: summaries.map((row) => (100 * outcomes(row)[name]) / row.runs),
        })),
        ...summaries.map((row, place) => ({
          type: 'line',
          xAxisIndex: index,
          yAxisIndex: index,
          symbol: 'none',
          silent: true,
          lineStyle: { color: '#000000', width: 1.5 },
          data: wilsonInterval(row.succeeded, row.runs).map((end) => [100 * end, place]),
        })),
      ]),
    },
    {
      width: columns * (PANEL.left + PANEL.width) + PANEL.gap,
      height: place(groups.length - 1).top + height + 2 * PANEL.gap,
    },
  );
}

function outcomes({
  runs,
  constant,
  succeeded,
}: DeepNarrowSummary): Record<(typeof OUTCOMES)[number]['name'], number> {
  return { learned: succeeded, constant, neither: runs - succeeded - constant };
}
