/** The part "Minima": data in one dimension, a tiny network, and the fit of every local minimum. */
import { fitCurves, type FitCurve } from '../../charts/fit-curves.js';
import { standardize, type DataTable } from '../../data/index.js';
import { Grace } from '../../math/grace.js';
import { inSlices } from '../../math/stepwise.js';
import { countPoints } from '../../minima/critical-points.js';
import {
  minimaOfSolutionsStepwise,
  stationarityProblem,
  type NetworkMinima,
} from '../../minima/find-minima.js';
import { minimaReport } from '../../minima/minima-report.js';
import { followPoints } from '../../minima/stream-minima.js';
import { axis, ChartElement, type ChartColours } from '../shell/chart.js';
import { element, showFacts, showWarnings, tableRow } from '../shell/dom.js';
import { acceptFiles, downloadJson, readTextFile } from '../shell/files.js';
import { readPositiveNumber } from '../shell/numbers.js';
import { JOB_CONTROLS, View } from '../shell/view.js';
import { readData, readPoints, writePoints, type Point } from './data-text.js';
import { NETWORKS, solvedFamily } from './solved-families.js';

const FIRST_DATA: readonly Point[] = [
  [-2, 1.7],
  [-1.5, 0.6],
  [-1, -0.3],
  [-0.5, -0.2],
  [0, 0.5],
  [0.5, 0.4],
  [1, -0.4],
  [1.5, 0.3],
  [2, 1.9],
];
/** Pixels: how near a press takes hold of a point, and how far it may move and still be a click. */
const GRIP = 14;
const CLICK = 4;
/** After the last key. */
const TYPING_MS = 400;
/** Room around the data, of their width and height. */
const MARGIN = 0.12;

export class MinimaView extends View {
  protected override readonly jobName = 'Minima';
  protected override readonly action = 'Find every minimum';
  #chart!: ChartElement;
  #minima: NetworkMinima | null = null;
  /** Whether the data changed since the running solve began. */
  #isStale = false;
  #held: number | null = null;
  #typing: ReturnType<typeof setTimeout> | undefined;

  protected override template(): string {
    const networks = Object.entries(NETWORKS)
      .map(([name, { title }]) => `<option value="${name}">${title}</option>`)
      .join('');
    return `
      <form class="controls" novalidate>
        <h2>Every minimum of a tiny network</h2>
        <p class="lead">All critical points of the loss, hence every local minimum: not only the one that a training run happens to find.</p>
        <label>Network
          <select data-piece="network">${networks}</select>
        </label>
        <label>Regularization λ
          <input data-piece="lambda" inputmode="decimal" value="0.01" />
        </label>
        <label>Data, “x, y” a line
          <textarea data-piece="data" rows="9" spellcheck="false" autocomplete="off" aria-describedby="data-hint"></textarea>
        </label>
        <p class="hint" id="data-hint">Click into the chart to add a point, drag it, double-click to remove it; or type here, or drop a CSV. <label class="link">Open a CSV<input type="file" class="unseen" data-piece="file" accept=".csv,.txt,text/csv,text/plain" /></label></p>
        <label class="check"><input type="checkbox" data-piece="follow" checked /> Minima follow the data</label>
        ${JOB_CONTROLS}
      </form>
      <div class="results">
        <lps-chart class="draw" data-piece="chart"></lps-chart>
        <section data-piece="outcome" aria-label="Minima" hidden>
          <dl class="facts" data-piece="facts"></dl>
          <ul class="warnings" data-piece="warnings"></ul>
          <div class="toolbar"><h3>Fits</h3><button type="button" data-piece="json">Download JSON</button></div>
          <div class="scroll" tabindex="0" role="region" aria-label="Table of fits">
            <table><thead><tr><th scope="col" class="text">fit</th><th scope="col">loss</th><th scope="col">copies</th><th scope="col" class="text">of</th></tr></thead><tbody data-piece="fits"></tbody></table>
          </div>
        </section>
      </div>`;
  }

  protected override ready(): void {
    this.#chart = this.piece('chart', ChartElement);
    const data = this.piece('data', HTMLTextAreaElement);
    data.value = writePoints(FIRST_DATA);
    data.addEventListener('input', () => {
      this.#draw();
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#dataChanged(), TYPING_MS);
    });
    for (const name of ['network', 'lambda'])
      this.piece(name, HTMLElement).addEventListener('change', () => this.#dataChanged());
    acceptFiles(this.piece('file', HTMLInputElement), this, (file) => void this.#load(file));
    this.piece('json', HTMLButtonElement).addEventListener('click', () => {
      if (this.#minima) downloadJson('minima.json', minimaReport(this.#minima));
    });
    this.#listenToPointer();
    this.#draw();
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    try {
      do {
        this.#isStale = false;
        await this.#follow(signal);
      } while (this.#isStale && !signal.aborted);
    } catch (error) {
      // Those of other data are none of these.
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#minima = null;
    this.piece('outcome', HTMLElement).hidden = true;
    this.#draw();
  }

  /** From the general member to the data as they are now. */
  async #follow(signal: AbortSignal): Promise<void> {
    const choice = NETWORKS[this.piece('network', HTMLSelectElement).value]!;
    const regularization = readPositiveNumber('λ', this.piece('lambda', HTMLInputElement).value);
    const data = standardize(readData(this.piece('data', HTMLTextAreaElement).value));
    const { family, follower } = await solvedFamily(await this.session.gpu(), choice);
    const { architecture, activation } = choice;
    const problem = stationarityProblem({ data, architecture, activation, regularization }, family);
    const begin = performance.now();
    // While a point is dragged the line would flicker.
    if (!this.#minima) this.say('Following the paths from the base sets');
    const [found] = await followPoints(follower, family, [problem.point], signal);
    if (!found || signal.aborted) {
      this.say('Stopped.', true);
      return;
    }
    const grace = new Grace(signal, 'minima');
    const minima = await inSlices(
      minimaOfSolutionsStepwise(problem, found.points, found.copies, () => grace.isOver),
    );
    grace.close();
    const lost = found.failed > 0 ? [`${found.failed} paths have no decided end`] : [];
    this.#minima = minima;
    this.complain(null);
    this.#draw();
    this.#describe(minima, [...lost, ...minima.warnings]);
    const { real, best } = countsOf(minima);
    this.say(
      `${best} minima among ${real} real critical points; ${found.paths} paths in ${Math.round(performance.now() - begin)} ms`,
      this.#held === null,
    );
  }

  /** Solves again, or after the running solve, when minima are to follow. */
  #dataChanged(): void {
    if (!this.piece('follow', HTMLInputElement).checked) return;
    if (this.isRunning) this.#isStale = true;
    else this.toggle();
  }

  async #load(file: File): Promise<void> {
    try {
      const text = await readTextFile(file, 'a CSV file with two columns of numbers');
      readData(text);
      this.piece('data', HTMLTextAreaElement).value = text;
      this.#forget();
      this.complain(null);
      this.#dataChanged();
    } catch (error) {
      this.complain(error);
    }
  }

  #setPoints(points: readonly Point[]): void {
    this.piece('data', HTMLTextAreaElement).value = writePoints(points);
    this.#draw();
    this.#dataChanged();
  }

  #listenToPointer(): void {
    const { chart } = this.#chart;
    const canvas = chart.getZr();
    const points = () => readPoints(this.piece('data', HTMLTextAreaElement).value);
    const valueAt = (x: number, y: number): Point =>
      chart.convertFromPixel({ gridIndex: 0 }, [x, y]) as [number, number];
    const near = (x: number, y: number): number | null => {
      const distances = points().map((point) => {
        const [px, py] = chart.convertToPixel({ gridIndex: 0 }, [...point]) as [number, number];
        return Math.hypot(px - x, py - y);
      });
      const best = distances.indexOf(Math.min(...distances));
      return best >= 0 && distances[best]! <= GRIP ? best : null;
    };
    let press: Point | null = null;
    canvas.on('mousedown', ({ offsetX, offsetY }) => {
      press = [offsetX, offsetY];
      this.#held = near(offsetX, offsetY);
    });
    canvas.on('mousemove', ({ offsetX, offsetY }) => {
      if (this.#held === null) {
        canvas.setCursorStyle(near(offsetX, offsetY) === null ? 'crosshair' : 'grab');
        return;
      }
      const moved = points();
      moved[this.#held] = valueAt(offsetX, offsetY);
      this.#setPoints(moved);
    });
    canvas.on('mouseup', ({ offsetX, offsetY }) => {
      const isClick = press !== null && Math.hypot(offsetX - press[0], offsetY - press[1]) <= CLICK;
      if (
        this.#held === null &&
        isClick &&
        chart.containPixel({ gridIndex: 0 }, [offsetX, offsetY])
      )
        this.#setPoints([...points(), valueAt(offsetX, offsetY)]);
      this.#held = null;
      press = null;
    });
    canvas.on('globalout', () => {
      this.#held = null;
      press = null;
    });
    canvas.on('dblclick', ({ offsetX, offsetY }) => {
      const found = near(offsetX, offsetY);
      if (found !== null) this.#setPoints(points().filter((_, index) => index !== found));
    });
  }

  /** Points as they are, curves as far as they were solved. */
  #draw(): void {
    const points = readPoints(this.piece('data', HTMLTextAreaElement).value);
    const minima = this.#minima;
    const curves = minima ? fitCurves(minima) : [];
    const [x, y] = minima ? columnsOf(minima.problem.options.data) : ['x', 'y'];
    const description =
      curves.length > 0
        ? `${points.length} points and the fits of ${curves.length} curves`
        : `${points.length} points, nothing solved yet`;
    this.#chart.show(description, (colours) => ({
      grid: { left: 56, right: 20, top: 20, bottom: 48 },
      xAxis: axis(colours, {
        name: x,
        nameGap: 30,
        axisLabel: label(colours),
        ...this.#range(points, 0),
      }),
      yAxis: axis(colours, {
        name: y,
        nameGap: 38,
        axisLabel: label(colours),
        ...this.#range(points, 1),
      }),
      series: [
        ...curves.map((curve) => lineSeries(curve, colours)),
        {
          type: 'scatter',
          data: points.map((point) => [...point]),
          symbolSize: points.length > 60 ? 6 : 11,
          silent: true,
          itemStyle: { color: colours.ink, borderColor: colours.paper, borderWidth: 1.5 },
          z: 5,
        },
      ],
    }));
  }

  readonly #ranges: [number, number][] = [
    [-2.5, 2.5],
    [-2, 2],
  ];

  /** Room for the data; it stays as it is while a point is held, which would run away otherwise. */
  #range(points: readonly Point[], part: 0 | 1): { min: number; max: number } {
    const kept = this.#ranges[part]!;
    if (this.#held === null && points.length > 0) {
      const values = points.map((point) => point[part]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const room = MARGIN * (high - low) || 1;
      kept[0] = low - room;
      kept[1] = high + room;
    }
    const digits = (value: number) => Number(value.toPrecision(3));
    return { min: digits(kept[0]), max: digits(kept[1]) };
  }

  #describe(minima: NetworkMinima, warnings: readonly string[]): void {
    this.piece('outcome', HTMLElement).hidden = false;
    const { real, best } = countsOf(minima);
    showFacts(this.piece('facts', HTMLElement), [
      ['Local minima', String(best)],
      ['Real critical points', String(real)],
      [
        'Sum of (−1)^index',
        `${minima.eulerSum}${minima.eulerSum === 1 ? ', as it must be' : ': a critical point is missing'}`,
      ],
    ]);
    showWarnings(this.piece('warnings', HTMLElement), warnings);
    this.piece('fits', HTMLElement).replaceChildren(
      ...fitCurves(minima).map((curve, rank) => {
        const name = curve.polished ? 'best, polished' : rank === 0 ? 'best' : `no. ${rank + 1}`;
        const of = curve.polished
          ? `true ${minima.problem.activation.name}`
          : 'the polynomial network';
        const row = tableRow([name, curve.loss.toPrecision(5), String(curve.copies), of], [0, 3]);
        const swatch = element('i');
        swatch.className = 'swatch';
        swatch.style.background = curve.polished ? 'var(--ink)' : curve.colour;
        row.cells[0]!.prepend(swatch);
        return row;
      }),
    );
  }
}

customElements.define('lps-minima', MinimaView);

/** The axes end around the data, at no round numbers: labels only between. */
function label({ soft }: ChartColours): Record<string, unknown> {
  return { color: soft, showMinLabel: false, showMaxLabel: false };
}

/** Copies included. */
function countsOf({ points, minima }: NetworkMinima): { real: number; best: number } {
  return { real: countPoints(points), best: countPoints(minima.map((index) => points[index]!)) };
}

function columnsOf({ x = ['x'], y = ['y'] }: DataTable): [string, string] {
  return [x[0]!, y[0]!];
}

function lineSeries(curve: FitCurve, colours: ChartColours): Record<string, unknown> {
  return {
    type: 'line',
    data: curve.points,
    symbol: 'none',
    silent: true,
    lineStyle: {
      color: curve.polished ? colours.ink : curve.colour,
      width: curve.emphasised ? 5 : 2,
      type: curve.dashed ? 'dashed' : 'solid',
    },
  };
}
