/** A classification experiment as tables and loss curves. */
import { legendOverflow, LINE_LEGEND, LOG_AXIS, renderSvg } from '../../charts/render-svg.js';
import { lineLook } from '../../charts/line-look.js';
import type { ExperimentReport } from '../experiment.js';
import {
  CLASSIFICATION_SETTINGS,
  isOf,
  type Classification,
  type ClassificationGroup,
  type ClassificationResult,
} from './definition.js';
import { markdownTable, meanText, percent } from '../markdown.js';
import { MOMENTUM } from '../training-cells.js';
import {
  bestRate,
  interval95,
  isClearlyPositive,
  pairedDifferences,
  spreadOf,
  type Spread,
} from '../statistics.js';

/** The runs of one initializer in one group. */
export interface GroupSummary {
  readonly label: string;
  /** With the lowest mean training loss. */
  readonly rate: number;
  /** At that rate. */
  readonly best: readonly ClassificationResult[];
  /** At all rates. */
  readonly all: readonly ClassificationResult[];
}

/** Initializers of a group that have runs. */
export function summarizeGroup(
  group: ClassificationGroup,
  results: readonly ClassificationResult[],
): GroupSummary[] {
  return group.initializers.flatMap(({ label }) => {
    const all = results.filter(({ cell }) => isOf(cell, group.name, label));
    const rate = bestRate(all);
    if (rate === null) return [];
    return { label, rate, best: all.filter((result) => result.rate === rate), all };
  });
}

export async function reportClassification(
  { name, heading, samples, testSamples, ratesFrom, groups }: Classification,
  results: readonly ClassificationResult[],
): Promise<ExperimentReport> {
  const { lastSteps, probe } = CLASSIFICATION_SETTINGS;
  const sections: string[] = [];
  const pictures = new Map<string, string>();
  for (const group of groups) {
    const summaries = summarizeGroup(group, results);
    if (summaries.length === 0) continue;
    const picture = `${name}-${group.name.replaceAll(/[^a-z0-9]+/g, '-')}.svg`;
    pictures.set(picture, await lossCurves(group, summaries));
    sections.push(
      `## ${group.name}`,
      `\`${group.network}\`, ${group.activation}, ${group.optimizer}, ${group.steps} steps of ${group.batchSize} ${samples}${group.halved ? ' of 14 x 14' : ''}${group.rates === null ? `, each initializer at its best rate of ${ratesFrom}` : ''}.`,
      `![Training loss](${picture})`,
      groupTable(summaries),
      ...verdict(summaries),
      ...(group.rates === null ? [] : [ratesTable(group.rates, summaries)]),
    );
  }
  const markdown = `${[
    `# ${heading}`,
    `Networks are named depth x width. Loss and accuracy are those of all ${testSamples.toLocaleString('en')} test ${samples} after the last step, means over the seeds with their 95% intervals; the training loss is the mean of the last ${lastSteps} steps. Losses are those of the runs that did not diverge. The rate is chosen for each initializer by its mean training loss. Dead units (channels) are zero on ${probe} training ${samples}; a network is born dead when a hidden layer has none alive. The differences to \`lps\` are paired by seed: runs of one seed see the same ${samples} in the same order. SGD has momentum ${MOMENTUM}.`,
    ...sections,
  ].join('\n\n')}\n`;
  return { markdown, pictures };
}

/** A run that did not diverge has losses. */
type FinishedResult = ClassificationResult & { readonly loss: number; readonly testLoss: number };

function isFinished(result: ClassificationResult): result is FinishedResult {
  return result.diverged === null;
}

function groupTable(summaries: readonly GroupSummary[]): string {
  return markdownTable(
    [
      'initializer',
      'rate',
      'runs',
      'diverged',
      'training loss',
      'test loss',
      'test loss above lps',
      'test accuracy %',
      'born dead',
      'dead units % before',
      'after',
    ],
    summaries.map(({ label, rate, best }) => {
      const finished = best.filter(isFinished);
      return [
        label,
        String(rate),
        String(best.length),
        String(best.length - finished.length),
        meanText(finished.map(({ loss }) => loss)),
        meanText(finished.map(({ testLoss }) => testLoss)),
        differenceText(label === REFERENCE ? null : differenceToLps(summaries, label)),
        meanText(
          finished.map(({ testAccuracy }) => testAccuracy),
          100,
        ),
        String(best.filter(({ bornDead }) => bornDead).length),
        percent(spreadOf(best.map(({ deadBefore }) => deadBefore))!.mean),
        percent(spreadOf(best.map(({ deadAfter }) => deadAfter))!.mean),
      ];
    }),
  );
}

const REFERENCE = 'lps';

/** Test losses of an initializer minus those of lps with the same seeds, each at its best rate. */
function differenceToLps(summaries: readonly GroupSummary[], label: string): Spread | null {
  const lossesOf = (name: string): ReadonlyMap<number, number> => {
    const found = summaries.find((summary) => summary.label === name);
    return new Map(
      found?.best.filter(isFinished).map(({ cell, testLoss }) => [seedOf(cell), testLoss]),
    );
  };
  return pairedDifferences(lossesOf(label), lossesOf(REFERENCE));
}

/** The number after the last space of a cell's name. */
function seedOf(cell: string): number {
  return Number(cell.slice(cell.lastIndexOf(' ')));
}

function differenceText(difference: Spread | null): string {
  if (difference === null) return '-';
  const text = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
  if (difference.count === 1) return text(difference.mean);
  const [low, high] = interval95(difference);
  return `${text(difference.mean)} (${text(low)} to ${text(high)})`;
}

/** Says which other initializers lps does not clearly beat. */
function verdict(summaries: readonly GroupSummary[]): string[] {
  const others = summaries
    .map(({ label }) => ({ label, difference: differenceToLps(summaries, label) }))
    .filter(({ label, difference }) => label !== REFERENCE && difference !== null);
  if (others.length === 0) return [];
  const equals = others.filter(({ difference }) => !isClearlyPositive(difference!));
  return [
    equals.length === 0
      ? 'All others are worse than `lps` by more than two standard errors of the paired difference.'
      : `\`lps\` is **not** better, by more than two standard errors of the paired difference, than: ${equals.map(({ label }) => label).join(', ')}.`,
  ];
}

/** Mean test loss at every rate. */
function ratesTable(rates: readonly number[], summaries: readonly GroupSummary[]): string {
  return markdownTable(
    ['test loss at rate', ...rates.map(String)],
    summaries.map(({ label, all }) => [
      label,
      ...rates.map((rate) => {
        const own = all.filter((result) => result.rate === rate);
        const finished = own.filter(isFinished);
        const text = meanText(finished.map(({ testLoss }) => testLoss));
        if (finished.length === own.length) return text;
        return finished.length === 0
          ? 'all diverged'
          : `${text}, ${own.length - finished.length} diverged`;
      }),
    ]),
  );
}

const SIZE = { width: 900, height: 480 };

/** Mean training loss by step at each initializer's best rate, thin lines for single runs. */
async function lossCurves(
  group: ClassificationGroup,
  summaries: readonly GroupSummary[],
): Promise<string> {
  const names = summaries.map(({ label }) => label);
  const overflow = legendOverflow(names, SIZE);
  const stretch = group.steps / CLASSIFICATION_SETTINGS.curvePoints;
  const points = (curve: readonly number[]): [number, number][] =>
    curve.map((loss, k) => [stretch * (k + 1), loss]);
  return renderSvg(
    {
      title: {
        text: `${group.name}: training loss`,
        subtext: `means of ${stretch} steps; thin lines are single runs`,
        left: 'center',
        top: 8,
      },
      legend: { ...LINE_LEGEND, top: 62, data: names },
      grid: { left: 64, right: 32, top: 118 + overflow, bottom: 52 },
      xAxis: { type: 'value', name: 'steps', nameLocation: 'middle', nameGap: 28, max: 'dataMax' },
      yAxis: { ...LOG_AXIS, name: 'loss' },
      series: summaries.flatMap(({ label, best }, place) => {
        const look = lineLook(place);
        const line = (curve: readonly number[], width: number, opacity: number) => ({
          name: label,
          type: 'line',
          symbol: 'none',
          data: points(curve),
          itemStyle: { color: look.color },
          lineStyle: {
            ...look,
            width,
            opacity,
          },
        });
        return [
          ...best.map(({ curve }) => line(curve, 1, 0.3)),
          line(meanCurve(best.map(({ curve }) => curve)), 3, 1),
        ];
      }),
    },
    { ...SIZE, height: SIZE.height + overflow },
  );
}

/** Of the runs that got so far. */
function meanCurve(curves: readonly (readonly number[])[]): number[] {
  const length = Math.max(...curves.map((curve) => curve.length));
  return Array.from(
    { length },
    (_, k) => spreadOf(curves.flatMap((curve) => curve[k] ?? []))!.mean,
  );
}
