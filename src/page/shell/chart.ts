/**
 * An ECharts chart as an element: sized by its surroundings, in the page's colours, redrawn when these change.
 * Imported by the parts that draw charts, so that the others never load the library.
 */
import { HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { init, use, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { colour, onThemeChange } from './theme.js';

use([
  LineChart,
  ScatterChart,
  HeatmapChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
  AriaComponent,
  CanvasRenderer,
]);

/** The page's colours, as they are now. */
export interface ChartColours {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly paper: string;
  readonly accent: string;
  /** The ends of a scale. */
  readonly cold: string;
  readonly hot: string;
}

/** An ECharts option in those colours. */
export type ChartOption = (colours: ChartColours) => Record<string, unknown>;

export class ChartElement extends HTMLElement {
  #chart: ECharts | null = null;
  #option: ChartOption | null = null;

  connectedCallback(): void {
    if (this.#chart) return;
    this.role = 'img';
    this.#chart = init(this);
    new ResizeObserver(() => {
      // Of a hidden part there is no size.
      if (this.clientWidth > 0) this.#chart!.resize();
    }).observe(this);
    onThemeChange(() => this.#draw());
    this.#draw();
  }

  /** The chart for coordinates and for the mouse. */
  get chart(): ECharts {
    if (!this.#chart) throw new TypeError('the chart is not in the page yet');
    return this.#chart;
  }

  /** Draws; `label` says to a screen reader what is shown. */
  show(label: string, option: ChartOption): void {
    this.ariaLabel = label;
    this.#option = option;
    this.#draw();
  }

  #draw(): void {
    if (!this.#option || !this.#chart) return;
    const colours: ChartColours = {
      ink: colour('ink'),
      soft: colour('soft'),
      line: colour('line'),
      paper: colour('paper'),
      accent: colour('accent'),
      cold: colour('cold'),
      hot: colour('hot'),
    };
    this.#chart.setOption(
      {
        animation: false,
        textStyle: { color: colours.soft, fontFamily: getComputedStyle(this).fontFamily },
        ...this.#option(colours),
      },
      { notMerge: true },
    );
  }
}

customElements.define('lps-chart', ChartElement);

/** An axis in the page's colours. */
export function axis(
  { soft, line }: ChartColours,
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    type: 'value',
    nameLocation: 'middle',
    nameTextStyle: { color: soft },
    axisLabel: { color: soft, hideOverlap: true },
    axisLine: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
    ...options,
  };
}
