/** The charts of the HTML report, as SVG text. */
import * as echarts from 'echarts/core';
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, SVGRenderer]);

const WIDTH = 860;
const ROW_HEIGHT = 30;
const AXIS_HEIGHT = 56;
const TREND_HEIGHT = 240;
const LABEL_WIDTH = 170;
/** Colour-blind safe (Okabe and Ito 2008). */
const COLOURS = { ours: '#D55E00', gpu: '#0072B2', cpu: '#999999' };
const TREND_COLOURS = ['#D55E00', '#0072B2', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];

/**
 * Medians of a comparison on a logarithmic axis, with the range of all rounds. Points and no bars,
 * because such an axis has no zero for a bar to begin at.
 */
export function timesChart(row, clock) {
  const measured = row.contenders.filter((contender) => contender[clock]);
  if (measured.length === 0) return '';
  // ECharts counts categories from below.
  const shown = [...measured].reverse();
  const smallest = Math.min(...shown.map((contender) => contender[clock].min));
  const largest = Math.max(...shown.map((contender) => contender[clock].max));
  return render(AXIS_HEIGHT + ROW_HEIGHT * shown.length, {
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
        data: shown.map((contender) => ({
          value: [contender[clock].median, contender.name],
          itemStyle: {
            color: contender.role === 'ours' ? COLOURS.ours : COLOURS[contender.executes],
          },
        })),
      },
      {
        type: 'custom',
        data: shown.map((contender, k) => [k, contender[clock].min, contender[clock].max]),
        encode: { x: [1, 2], y: 0 },
        z: 5,
        renderItem: (_, api) => {
          const [left, y] = api.coord([api.value(1), api.value(0)]);
          const [right] = api.coord([api.value(2), api.value(0)]);
          const line = (x1, y1, x2, y2) => ({
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
  });
}

/** Claimed ratios of one row over the runs of a history, oldest first. '' for fewer than two runs. */
export function trendChart(id, history) {
  const runs = history.filter(({ rows }) => rows[id]?.ratios);
  const peers = [...new Set(runs.flatMap(({ rows }) => Object.keys(rows[id].ratios)))];
  if (runs.length < 2 || peers.length === 0) return '';
  return render(TREND_HEIGHT, {
    grid: { left: 70, right: 24, top: 40, bottom: 44 },
    legend: { top: 4 },
    xAxis: {
      type: 'category',
      data: runs.map(({ date }) => date.slice(0, 16).replace('T', ' ')),
    },
    yAxis: { type: 'log', name: 'ratio', nameLocation: 'middle', nameGap: 44 },
    series: peers.map((peer, k) => ({
      type: 'line',
      name: peer,
      color: TREND_COLOURS[k % TREND_COLOURS.length],
      connectNulls: true,
      data: runs.map(({ rows }) => rows[id].ratios[peer] ?? null),
    })),
  });
}

function render(height, option) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'sans-serif' }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
