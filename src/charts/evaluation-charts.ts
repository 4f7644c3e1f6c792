/** Pictures of how good a trained network is: which classes are taken for which, and predicted against true values. */
import { renderSvg, type ChartSize } from './render-svg.js';

const CELL = 46;
const MARGIN = 130;
const SMALLEST = 420;
/** Numbers fit into the cells of so many classes. */
const LABELLED = 20;
const LONGEST_NAME = 14;
const SHARE_COLOURS = ['#ffffff', '#cfe0f3', '#6fa3d8', '#1f5a99'];
const PANEL = 380;
/** Panels beside each other. */
const ACROSS = 3;
/** Points of a panel; of more samples evenly spread ones are drawn. */
const MOST_POINTS = 2000;

const short = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;

/**
 * The confusion table as a heat map, coloured by the share of each true class.
 *
 * @param confusion [true class][predicted class], samples
 */
export async function confusionChart(
  confusion: readonly (readonly number[])[],
  { classNames, title }: { readonly classNames: readonly string[]; readonly title: string },
): Promise<string> {
  const side = Math.max(SMALLEST, CELL * classNames.length);
  const size: ChartSize = { width: side + 2 * MARGIN, height: side + 2 * MARGIN };
  const names = classNames.map(short);
  const total = confusion.flat().reduce((sum, count) => sum + count, 0);
  const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  const axis = { type: 'category', data: names, nameLocation: 'middle', axisTick: { show: false } };
  return renderSvg(
    {
      title: {
        text: title,
        subtext: `${right} of ${total} samples right (${((100 * right) / total).toFixed(1)} %); numbers are samples, colours shares of the true class`,
        left: 'center',
        top: 12,
        textStyle: { fontSize: 16 },
      },
      grid: { left: MARGIN, right: MARGIN, top: MARGIN - 40, bottom: MARGIN + 40 },
      xAxis: { ...axis, name: 'predicted', nameGap: 100, axisLabel: { rotate: 45, interval: 0 } },
      yAxis: { ...axis, name: 'true', nameGap: 110, inverse: true, axisLabel: { interval: 0 } },
      visualMap: { min: 0, max: 1, show: false, dimension: 2, inRange: { color: SHARE_COLOURS } },
      series: [
        {
          type: 'heatmap',
          data: confusion.flatMap((row, label) => {
            const count = row.reduce((sum, value) => sum + value, 0);
            return row.map((value, predicted) => {
              const share = count === 0 ? 0 : value / count;
              return {
                value: [predicted, label, share],
                label: {
                  show: names.length <= LABELLED && value > 0,
                  formatter: String(value),
                  color: share > 0.6 ? '#ffffff' : '#000000',
                  fontSize: 12,
                },
              };
            });
          }),
          itemStyle: { borderColor: '#c8ced6', borderWidth: 1 },
        },
      ],
    },
    size,
  );
}

/** One value that a network predicts. */
export interface PredictedValue {
  readonly name: string;
  readonly truth: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** Root of the mean squared error. */
  readonly error: number;
}

/** Predicted against true values, a panel for each, in their own units; on the line they are equal. */
export async function predictionChart(
  values: readonly PredictedValue[],
  { title }: { readonly title: string },
): Promise<string> {
  const across = Math.min(ACROSS, values.length);
  const down = Math.ceil(values.length / across);
  const size: ChartSize = { width: PANEL * across + 60, height: PANEL * down + 60 };
  const left = (index: number): number => 30 + PANEL * (index % across);
  const top = (index: number): number => 50 + PANEL * Math.floor(index / across);
  const panels = values.map((value) => {
    const step = Math.max(1, Math.ceil(value.truth.length / MOST_POINTS));
    const points: [number, number][] = [];
    for (let sample = 0; sample < value.truth.length; sample += step) {
      points.push([value.truth[sample]!, value.predicted[sample]!]);
    }
    const all = points.flat();
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return { ...value, points, ends: [low, high === low ? low + 1 : high] as const };
  });
  const axis = { type: 'value', scale: true, nameLocation: 'middle' } as const;
  return renderSvg(
    {
      title: [
        { text: title, left: 'center', top: 10, textStyle: { fontSize: 16 } },
        ...panels.map(({ name, error }, index) => ({
          text: `${short(name)}: root mean square error ${Number(error.toPrecision(3))}`,
          left: left(index) + 60,
          top: top(index),
          textStyle: { fontSize: 13 },
        })),
      ],
      grid: panels.map((_, index) => ({
        left: left(index) + 60,
        top: top(index) + 30,
        width: PANEL - 100,
        height: PANEL - 110,
      })),
      xAxis: panels.map((_, index) => ({ ...axis, gridIndex: index, name: 'true', nameGap: 28 })),
      yAxis: panels.map((_, index) => ({
        ...axis,
        gridIndex: index,
        name: 'predicted',
        nameGap: 48,
      })),
      series: panels.flatMap(({ points, ends: [low, high] }, index) => [
        {
          type: 'line',
          xAxisIndex: index,
          yAxisIndex: index,
          data: [
            [low, low],
            [high, high],
          ],
          showSymbol: false,
          lineStyle: { color: '#999999', width: 1 },
        },
        {
          type: 'scatter',
          xAxisIndex: index,
          yAxisIndex: index,
          data: points,
          symbolSize: 4,
          itemStyle: { color: '#1f5a99', opacity: 0.6 },
        },
      ]),
    },
    size,
  );
}
