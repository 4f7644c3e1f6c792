/**
 * Pictures of a liveness measurement: where in the grid of widths and depths networks are born
 * dead, and how it grows with depth beside what theory allows.
 */
import { CHART_COLOURS } from './line-look.js';
import { renderSvg } from './render-svg.js';
import type { LivenessCell, LivenessResult } from '../liveness/measure-liveness.js';

const PANEL_WIDTH = 300;
const PANEL_GAP = 64;
const ROW_HEIGHT = 34;
const CURVE_HEIGHT = 300;
const TITLE_HEIGHT = 84;
const MARGIN_LEFT = 64;
const PANELS_PER_ROW = 3;
const LEGEND_HEIGHT = 40;
/** White is alive, dark is dead; readable in grey. */
const DEATH_COLOURS = ['#ffffff', '#fde3c1', '#f0a35b', '#c4511d', '#5c1a00'];

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** A panel for every initializer and input dimension: the share of networks born dead, in percent. */
export async function livenessHeatMap({ cells, points }: LivenessResult): Promise<string> {
  const widths = unique(cells.map(({ width }) => width));
  const depths = unique(cells.map(({ depth }) => depth));
  const panels = unique(cells.map((cell) => panelName(cell, cells)));
  const panelHeight = ROW_HEIGHT * widths.length;
  const layout = panelLayout(panels.length, panelHeight);
  return renderSvg(
    {
      title: [
        {
          text: 'Networks born dead, %',
          subtext: `${cells[0]?.networks.toLocaleString('en-US') ?? 0} ReLU networks per cell, ${points} probe inputs`,
          left: 'center',
          top: 8,
        },
        ...panels.map((text, index) => ({
          text,
          textStyle: { fontSize: 14 },
          ...layout.titleOf(index),
        })),
      ],
      grid: panels.map((_, index) => layout.gridOf(index)),
      xAxis: panels.map((_, index) => ({
        type: 'category',
        gridIndex: index,
        data: depths.map(String),
        name: 'hidden layers',
        nameLocation: 'middle',
        nameGap: 24,
      })),
      yAxis: panels.map((_, index) => ({
        type: 'category',
        gridIndex: index,
        data: widths.map(String),
        name: 'width',
        nameLocation: 'middle',
        nameGap: 30,
      })),
      visualMap: { min: 0, max: 100, show: false, inRange: { color: DEATH_COLOURS } },
      series: panels.map((panel, index) => ({
        type: 'heatmap',
        xAxisIndex: index,
        yAxisIndex: index,
        data: cells
          .filter((cell) => panelName(cell, cells) === panel)
          .map(({ width, depth, bornDead: { value } }) => ({
            value: [depths.indexOf(depth), widths.indexOf(width), 100 * value],
            label: {
              show: true,
              formatter: percent(value),
              color: value > 0.6 ? '#ffffff' : '#000000',
              fontSize: 11,
            },
          })),
        itemStyle: { borderColor: '#c8ced6', borderWidth: 1 },
      })),
    },
    layout.size,
  );
}

/**
 * A panel for every width and input dimension: the share born dead by depth, one curve an
 * initializer with its 95% interval, and the upper bound for sign-symmetric ones dashed.
 */
export async function livenessCurves({ cells }: LivenessResult): Promise<string> {
  const methods = unique(cells.map(({ method }) => method));
  const name = ({ input, width }: LivenessCell): string => `width ${width}, ${inputs(input)}`;
  const panels = unique(cells.map(name));
  const layout = panelLayout(panels.length, CURVE_HEIGHT - PANEL_GAP, LEGEND_HEIGHT);
  const colourOf = (method: string): string =>
    CHART_COLOURS[methods.indexOf(method as LivenessCell['method']) % CHART_COLOURS.length]!;
  const bound = 'upper bound, sign-symmetric';
  return renderSvg(
    {
      title: [
        { text: 'Networks born dead by depth, %', left: 'center', top: 8 },
        ...panels.map((text, index) => ({
          text,
          textStyle: { fontSize: 14 },
          ...layout.titleOf(index),
        })),
      ],
      legend: { top: 40, data: [...methods, bound] },
      grid: panels.map((_, index) => layout.gridOf(index)),
      xAxis: panels.map((_, index) => ({
        type: 'value',
        gridIndex: index,
        name: 'hidden layers',
        nameLocation: 'middle',
        nameGap: 24,
        min: 'dataMin',
        max: 'dataMax',
      })),
      yAxis: panels.map((_, index) => ({ type: 'value', gridIndex: index, min: 0, max: 100 })),
      series: panels.flatMap((panel, index) => {
        const inPanel = cells.filter((cell) => name(cell) === panel);
        const axes = { type: 'line', xAxisIndex: index, yAxisIndex: index, symbolSize: 6 };
        const curves = methods.flatMap((method, order) => {
          const own = byDepth(inPanel.filter((cell) => cell.method === method));
          const colour = colourOf(method);
          const band = { ...axes, stack: `${panel} ${method}`, symbol: 'none', silent: true };
          return [
            {
              ...axes,
              name: method,
              // The first method on top: at zero several lie on one line.
              z: 2 + methods.length - order,
              itemStyle: { color: colour },
              lineStyle: { color: colour, width: 2 },
              data: own.map(({ depth, bornDead }) => [depth, 100 * bornDead.value]),
            },
            {
              ...band,
              lineStyle: { opacity: 0 },
              data: own.map(({ depth, bornDead }) => [depth, 100 * bornDead.interval[0]]),
            },
            {
              ...band,
              lineStyle: { opacity: 0 },
              areaStyle: { color: colour, opacity: 0.25 },
              data: own.map(({ depth, bornDead: { interval } }) => [
                depth,
                100 * (interval[1] - interval[0]),
              ]),
            },
          ];
        });
        const bounded = byDepth(inPanel.filter(({ bounds }) => bounds.upper < 1));
        const upper = new Map(bounded.map(({ depth, bounds }) => [depth, 100 * bounds.upper]));
        return [
          ...curves,
          {
            ...axes,
            name: bound,
            symbol: 'none',
            itemStyle: { color: '#555555' },
            lineStyle: { color: '#555555', type: 'dashed', width: 1.5 },
            data: [...upper],
          },
        ];
      }),
    },
    layout.size,
  );
}

function byDepth(cells: readonly LivenessCell[]): LivenessCell[] {
  return [...cells].sort((a, b) => a.depth - b.depth);
}

function inputs(dimension: number): string {
  return `${dimension} input${dimension === 1 ? '' : 's'}`;
}

function panelName({ method, input }: LivenessCell, cells: readonly LivenessCell[]): string {
  const several = cells.some((cell) => cell.input !== input);
  return several ? `${method}, ${inputs(input)}` : method;
}

/** Two digits are enough; what is above zero must not read 0. */
function percent(value: number): string {
  const share = 100 * value;
  if (share === 0) return '0';
  return share < 0.05 ? '<.1' : share < 10 ? share.toFixed(1) : share.toFixed(0);
}

/** Places panels row by row. */
function panelLayout(
  panels: number,
  panelHeight: number,
  extra = 0,
): {
  readonly size: { readonly width: number; readonly height: number };
  gridOf(index: number): Record<string, number>;
  titleOf(index: number): Record<string, number | string>;
} {
  // Four panels stand better two by two than three and one.
  const columns = panels === 4 ? 2 : Math.min(PANELS_PER_ROW, Math.max(1, panels));
  const step = { x: PANEL_WIDTH + PANEL_GAP, y: panelHeight + 1.6 * PANEL_GAP };
  const place = (index: number): { left: number; top: number } => ({
    left: MARGIN_LEFT + step.x * (index % columns),
    top: TITLE_HEIGHT + extra + step.y * Math.floor(index / columns),
  });
  return {
    size: {
      width: MARGIN_LEFT + step.x * columns,
      height: TITLE_HEIGHT + extra + step.y * Math.ceil(panels / columns) - PANEL_GAP / 2,
    },
    gridOf: (index) => ({ ...place(index), width: PANEL_WIDTH, height: panelHeight }),
    titleOf: (index) => ({
      left: place(index).left + PANEL_WIDTH / 2,
      top: place(index).top - 28,
      textAlign: 'center',
    }),
  };
}
