/**
 * Charts as SVG text, without a page.
 *
 * ECharts is loaded when the first chart is asked for, so that programs that only compute never
 * load it, and only with the parts that our charts use.
 */

/** Colour-blind safe (Okabe and Ito 2008), strongest first. */
export const CHART_COLOURS = ['#E69F00', '#0072B2', '#009E73', '#CC79A7', '#D55E00', '#56B4E9'];

/** Pixels. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Names side by side, which ECharts measures in a narrower font than browsers draw them in. */
const THEME = { legend: { itemGap: 28 } };

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
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
