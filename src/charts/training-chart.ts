/**
 * A picture of training runs: training loss and a validation score by epoch, a thin line for every
 * run and a thick one for the mean of each initializer.
 */
import type { EpochRecord } from '../network/index.js';
import { legendOverflow, LINE_LEGEND, LOG_AXIS, renderSvg, type ChartSize } from './render-svg.js';
import { lineLook } from './line-look.js';

/** One run's way. */
export interface TrainingCurve {
  /** Runs of one name share a colour and a mean: the initializer. */
  readonly name: string;
  readonly epochs: readonly EpochRecord[];
}

const SIZE: ChartSize = { width: 1080, height: 480 };
const THIN_OPACITY = 0.35;

type Point = [epoch: number, value: number];

interface Panel {
  readonly title: string;
  /** Null where nothing was measured. */
  readonly value: (record: EpochRecord) => number | null;
  readonly scale: 'log' | 'value';
}

/** Draws the runs as SVG text. Runs that diverged end where they did, or where they leave the picture. */
export async function trainingChart(
  curves: readonly TrainingCurve[],
  { title, subtitle, size = SIZE }: { title: string; subtitle: string; size?: ChartSize },
): Promise<string> {
  const names = [...new Set(curves.map(({ name }) => name))];
  const panels = choosePanels(curves);
  const width = 100 / panels.length;
  const overflow = legendOverflow(names, size);
  return renderSvg(
    {
      title: [
        {
          text: title,
          subtext: subtitle,
          left: 'center',
          top: 8,
          textStyle: { fontSize: titleSize(title, size.width) },
          subtextStyle: { fontSize: 13, color: '#444444' },
        },
        ...panels.map((panel, index) => ({
          text: panel.scale === 'log' ? `${panel.title} (log scale)` : panel.title,
          left: `${width * (index + 0.5)}%`,
          textAlign: 'center',
          top: 88 + overflow,
          textStyle: { fontSize: 14 },
        })),
      ],
      legend: { ...LINE_LEGEND, top: 62, data: names },
      grid: panels.map((_, index) => ({
        left: `${width * index + 7}%`,
        width: `${width - 11}%`,
        top: 122 + overflow,
        bottom: 56,
      })),
      xAxis: panels.map((_, index) => ({
        type: 'value',
        gridIndex: index,
        name: 'epochs',
        nameLocation: 'middle',
        nameGap: 28,
        minInterval: 1,
        max: 'dataMax',
      })),
      yAxis: panels.map(({ scale }, index) => ({
        ...(scale === 'log' ? LOG_AXIS : { type: scale }),
        gridIndex: index,
        scale: true,
      })),
      series: panels.flatMap((panel, index) =>
        names.flatMap((name, place) => {
          const runs = curves
            .filter((curve) => curve.name === name)
            .map(({ epochs }) => pointsOf(panel, epochs, limitOf(panel, curves)));
          const look = lineLook(place);
          const line = (data: Point[], thick: boolean) => ({
            name,
            type: 'line',
            xAxisIndex: index,
            yAxisIndex: index,
            data,
            symbol: data.length === 1 ? 'circle' : 'none',
            itemStyle: { color: look.color },
            lineStyle: {
              ...look,
              width: thick ? 3 : 1,
              opacity: thick ? 1 : THIN_OPACITY,
            },
          });
          const thin = runs.length > 1 ? runs.map((run) => line(run, false)) : [];
          return [...thin, line(meanOf(runs), true)];
        }),
      ),
    },
    { ...size, height: size.height + overflow },
  );
}

/** The loss on a logarithmic axis, and what was measured on validation samples. */
function choosePanels(curves: readonly TrainingCurve[]): Panel[] {
  const records = curves.flatMap(({ epochs }) => epochs);
  const panels: Panel[] = [
    { title: 'training loss', value: ({ training }) => training?.loss ?? null, scale: 'log' },
  ];
  if (records.some(({ validation }) => (validation?.accuracy ?? null) !== null)) {
    panels.push({
      title: 'validation accuracy, %',
      value: ({ validation }) =>
        validation?.accuracy === null || validation === null ? null : 100 * validation.accuracy,
      scale: 'value',
    });
  } else if (records.some(({ validation }) => validation !== null)) {
    panels.push({
      title: 'validation loss',
      value: ({ validation }) => validation?.loss ?? null,
      scale: 'log',
    });
  }
  return panels;
}

/** Losses of a run that diverges are drawn as far as that many times the smallest first one. */
const MAXIMUM_GROWTH = 100;

function limitOf({ value, scale }: Panel, curves: readonly TrainingCurve[]): number {
  if (scale === 'value') return Infinity;
  const first = curves.flatMap(({ epochs }) => {
    const known = epochs.map(value).find((y) => y !== null && Number.isFinite(y));
    return known === undefined || known === null ? [] : [known];
  });
  return MAXIMUM_GROWTH * Math.min(...first);
}

/** Points of type in which a title fits its picture; long notations get small ones. */
function titleSize(title: string, width: number): number {
  const widthOfLetter = 0.6;
  return Math.max(7, Math.min(18, Math.floor((width - 40) / (widthOfLetter * title.length))));
}

function pointsOf({ value, scale }: Panel, epochs: readonly EpochRecord[], limit: number): Point[] {
  return epochs.flatMap((record): Point[] => {
    const y = value(record);
    // A logarithmic axis has no place for 0.
    return y === null || !Number.isFinite(y) || y > limit || (scale === 'log' && y <= 0)
      ? []
      : [[record.epoch, y]];
  });
}

/** Of the runs that reached each epoch. */
function meanOf(runs: readonly Point[][]): Point[] {
  const byEpoch = new Map<number, number[]>();
  for (const [epoch, value] of runs.flat()) {
    byEpoch.set(epoch, [...(byEpoch.get(epoch) ?? []), value]);
  }
  return [...byEpoch]
    .sort(([a], [b]) => a - b)
    .map(([epoch, values]) => [epoch, values.reduce((sum, y) => sum + y, 0) / values.length]);
}
