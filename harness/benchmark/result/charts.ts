/** The charts of the HTML report, as SVG text. */
import { LINE_LEGEND, lineLook, LOG_AXIS, renderSvg } from '../../../src/charts/render-svg.js';
import type { ComparisonRow } from '../../generated/result.js';
import type { HistoryEntry } from './history.js';

const WIDTH = 860;
const ROW_HEIGHT = 30;
const AXIS_HEIGHT = 56;
const TREND_HEIGHT = 240;
const LABEL_WIDTH = 170;
/** Colour-blind safe (Okabe and Ito 2008). */
const COLOURS = { ours: '#D55E00', gpu: '#0072B2', cpu: '#999999' };

/** What a custom series of ECharts is given to draw with. */
interface DrawingApi {
  value(dimension: number): number;
  coord(place: readonly [number, number]): readonly [number, number];
}

/**
 * Medians of a comparison on a logarithmic axis, with the range of all rounds. Points and no bars,
 * because such an axis has no zero for a bar to begin at.
 */
export async function timesChart(row: ComparisonRow, clock: 'wallMs' | 'cpuMs'): Promise<string> {
  const measured = row.contenders.flatMap(({ [clock]: time, ...contender }) =>
    time ? [{ ...contender, time }] : [],
  );
  if (measured.length === 0) return '';
  // ECharts counts categories from below.
  const shown = measured.reverse();
  const smallest = Math.min(...shown.map(({ time }) => time.min));
  const largest = Math.max(...shown.map(({ time }) => time.max));
  const option = {
    grid: { left: LABEL_WIDTH, right: 70, top: 8, bottom: 44 },
    xAxis: {
      type: 'log',
      min: 10 ** Math.floor(Math.log10(smallest / 1.5)),
      max: 10 ** Math.ceil(Math.log10(largest * 1.1)),
      name: clock === 'cpuMs' ? 'CPU milliseconds' : 'milliseconds',
      nameLocation: 'middle',
      nameGap: 26,
    },
    yAxis: {
      type: 'category',
      data: shown.map(({ name }) => name),
      axisLabel: { width: LABEL_WIDTH - 16, overflow: 'truncate' },
      splitLine: { show: true },
    },
    series: [
      {
        type: 'scatter',
        symbolSize: 13,
        z: 6,
        data: shown.map(({ name, role, executes, time }) => ({
          value: [time.median, name],
          itemStyle: { color: role === 'ours' ? COLOURS.ours : COLOURS[executes] },
        })),
      },
      {
        type: 'custom',
        data: shown.map(({ time }, k) => [k, time.min, time.max]),
        encode: { x: [1, 2], y: 0 },
        z: 5,
        renderItem: (_: unknown, api: DrawingApi) => {
          const [left, y] = api.coord([api.value(1), api.value(0)]);
          const [right] = api.coord([api.value(2), api.value(0)]);
          const line = (x1: number, y1: number, x2: number, y2: number) => ({
            type: 'line',
            shape: { x1, y1, x2, y2 },
            style: { stroke: '#222222', lineWidth: 1.5 },
          });
          return {
            type: 'group',
            children: [
              line(left, y, right, y),
              line(left, y - 4, left, y + 4),
              line(right, y - 4, right, y + 4),
            ],
          };
        },
      },
    ],
  };
  return renderSvg(option, { width: WIDTH, height: AXIS_HEIGHT + ROW_HEIGHT * shown.length });
}

/** Claimed ratios of one row over the runs of a history, oldest first. '' for fewer than two runs. */
export async function trendChart(id: string, history: readonly HistoryEntry[]): Promise<string> {
  const runs = history.flatMap(({ date, rows }) => {
    const row = rows[id];
    return row && 'ratios' in row ? [{ date, ratios: row.ratios }] : [];
  });
  const peers = [...new Set(runs.flatMap(({ ratios }) => Object.keys(ratios)))];
  if (runs.length < 2 || peers.length === 0) return '';
  const option = {
    grid: { left: 70, right: 24, top: 40, bottom: 44 },
    legend: { ...LINE_LEGEND, top: 4 },
    xAxis: {
      type: 'category',
      data: runs.map(({ date }) => date.slice(0, 16).replace('T', ' ')),
    },
    yAxis: { ...LOG_AXIS, name: 'ratio', nameLocation: 'middle', nameGap: 44 },
    series: peers.map((peer, k) => {
      const { color, type } = lineLook(k);
      return {
        type: 'line',
        name: peer,
        color,
        lineStyle: { type },
        connectNulls: true,
        data: runs.map(({ ratios }) => ratios[peer] ?? null),
      };
    }),
  };
  return renderSvg(option, { width: WIDTH, height: TREND_HEIGHT });
}
