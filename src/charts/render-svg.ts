/**
 * Charts as SVG text, without a page.
 *
 * ECharts is loaded when the first chart is asked for, so that programs that only compute never
 * load it, and only with the parts that our charts use.
 */

/** Characters that no XML document may hold: names of columns and samples are somebody else's. */
const NOT_XML =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Pixels. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Names side by side, which ECharts measures in a narrower font than browsers draw them in. */
const THEME = { legend: { itemGap: 28 } };
const LEGEND_LINE = 42;
const CHARACTER = 7;

/** A logarithmic axis that ends where the data end, not at powers of ten. */
export const LOG_AXIS = {
  type: 'log',
  min: 'dataMin',
  max: 'dataMax',
  axisLabel: { formatter: (value: number) => String(Number(value.toPrecision(4))) },
} as const;

/** The legend of a line chart: dashes tell series of one colour apart, and a dot would hide them. */
export const LINE_LEGEND = {
  itemWidth: 36,
  itemStyle: { opacity: 0 },
  lineStyle: { opacity: 1, width: 3 },
} as const;

/**
 * Height of the second and further lines of a line chart's legend, which whatever lies below has to
 * make room for. It is rather too large than too small: ECharts tells nobody where it breaks lines.
 */
export function legendOverflow(names: readonly string[], { width }: ChartSize): number {
  let lines = 1;
  let used = 0;
  for (const name of names) {
    const entry = LINE_LEGEND.itemWidth + CHARACTER * name.length + THEME.legend.itemGap;
    if (used > 0 && used + entry > width) {
      lines++;
      used = 0;
    }
    used += entry;
  }
  return LEGEND_LINE * (lines - 1);
}

/** Draws an ECharts option of bar, line, scatter and heat map series. */
export async function renderSvg(option: Record<string, unknown>, size: ChartSize): Promise<string> {
  const [echarts, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  echarts.use([
    charts.ScatterChart,
    charts.BarChart,
    charts.LineChart,
    charts.HeatmapChart,
    charts.CustomChart,
    components.TitleComponent,
    components.LegendComponent,
    components.GridComponent,
    components.VisualMapComponent,
    renderers.SVGRenderer,
  ]);
  const chart = echarts.init(null, THEME, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({ animation: false, backgroundColor: '#ffffff', ...option });
    return chart.renderToSVGString().replaceAll(NOT_XML, '\ufffd');
  } finally {
    chart.dispose();
  }
}
