/** The two charts of the part "Train": losses while they fall, and which layers are dead. */
import { lineLook } from '../../charts/line-look.js';
import type { ReplicaRun } from '../../network/index.js';
import { axis, type ChartOption } from '../shell/chart.js';

/** A run on its way. */
export interface RunningCurve {
  readonly method: string;
  readonly seed: number;
  /** [step, mean loss of the latest steps]. */
  readonly losses: (readonly [number, number])[];
}

/** A smaller loss has no place on a logarithmic axis. */
const LEAST_LOSS = 1e-12;
const THIN = 1.25;
const THICK = 2.5;
/** How much thicker a line is than the next one, which is drawn over it: equal curves show beside each other. */
const THICKER = 1.2;
const MOST_RIMS = 3;

export function lossCurves(curves: readonly RunningCurve[]): ChartOption {
  const methods = [...new Set(curves.map(({ method }) => method))];
  const isCrowded = curves.length > methods.length;
  return (colours) => ({
    legend: {
      data: methods,
      top: 0,
      icon: 'roundRect',
      itemHeight: 3,
      itemWidth: 18,
      textStyle: { color: colours.soft },
    },
    grid: { left: 64, right: 20, top: 44, bottom: 48 },
    tooltip: { trigger: 'axis', order: 'valueAsc' },
    xAxis: axis(colours, { name: 'steps', nameGap: 30, max: 'dataMax' }),
    yAxis: axis(colours, { name: 'training loss', nameGap: 46, type: 'log' }),
    series: curves.map(({ method, losses }) => {
      const place = methods.indexOf(method);
      const look = lineLook(place);
      const rims = Math.min(methods.length - 1 - place, MOST_RIMS);
      return {
        name: method,
        type: 'line',
        symbol: 'none',
        data: losses.filter(([, loss]) => loss > LEAST_LOSS),
        itemStyle: { color: look.color },
        lineStyle: { ...look, width: isCrowded ? THIN : THICK + THICKER * rims },
      };
    }),
  });
}

/** A row for each run, a column for each hidden layer, at one epoch. */
export function deadUnits(
  runs: readonly (Pick<ReplicaRun, 'epochs'> & { readonly name: string })[],
  epoch: number,
): ChartOption {
  // A run that diverged ends early: its last state stays.
  const layersOf = ({ epochs }: Pick<ReplicaRun, 'epochs'>) =>
    (epochs.at(Math.min(epoch, epochs.length - 1))?.layers ?? []).slice(0, -1);
  const columns = Math.max(0, ...runs.map((run) => layersOf(run).length));
  return (colours) => ({
    grid: { left: 8, right: 20, top: 8, bottom: 84, containLabel: true },
    tooltip: {
      formatter: ({ value }: { value: [number, number, number] }) =>
        `${runs[value[1]]?.name ?? ''}, hidden layer ${value[0] + 1}: ${value[2]}% dead`,
    },
    xAxis: axis(colours, {
      type: 'category',
      name: 'hidden layer',
      nameGap: 26,
      data: Array.from({ length: columns }, (_, layer) => String(layer + 1)),
    }),
    yAxis: axis(colours, {
      type: 'category',
      inverse: true,
      data: runs.map(({ name }) => name),
    }),
    visualMap: {
      min: 0,
      max: 100,
      orient: 'horizontal',
      left: 'center',
      bottom: 0,
      itemHeight: 140,
      text: ['100% dead', '0%'],
      textStyle: { color: colours.soft },
      inRange: { color: [colours.cold, colours.hot] },
    },
    series: [
      {
        type: 'heatmap',
        itemStyle: { borderColor: colours.paper, borderWidth: 1 },
        data: runs.flatMap((run, row) =>
          layersOf(run).map(({ deadFraction }, column) => [
            column,
            row,
            Math.round(100 * deadFraction),
          ]),
        ),
      },
    ],
  });
}
