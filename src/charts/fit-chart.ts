/**
 * A picture of a result: the data and the function that every local minimum computes.
 *
 * Copies under the symmetries of the network compute the same function, so there is one curve
 * per orbit.
 */
import { LpsError } from '../math/lps-error.js';
import { activationFunction, polynomial as polynomialLayer } from '../network/activations.js';
import type { NetworkMinima, StationarityProblem } from '../minima/find-minima.js';
import { networkOutputs } from '../minima/data-loss.js';
import { CHART_COLOURS, renderSvg } from './render-svg.js';

export interface ChartOptions {
  /** Pixels. Default 960 x 600. */
  readonly width?: number;
  readonly height?: number;
  /** Minima of the true network: drawn in place of the polynomial's, of which the best stays. */
  readonly trueMinima?: readonly TrueMinimum[] | undefined;
}

/** What the chart needs of a minimum of the true network. */
export interface TrueMinimum {
  readonly unknowns: readonly number[];
  readonly loss: number;
  readonly global: boolean;
}

/** A result that this chart cannot show. */
export class ChartError extends LpsError {
  override readonly name = 'ChartError';
  override readonly kind = 'input';
}

const POLISHED_COLOUR = '#000000';
const DATA_COLOUR = '#9aa5b1';
const LEGEND_WIDTH = 256;
const CURVE_POINTS = 201;
/** Curves may leave the data by this share of its height; beyond it they are cut off. */
const MARGIN = 0.08;

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly emphasised: boolean;
  readonly dashed: boolean;
  readonly points: [number, number][];
}

/**
 * Draws the fits as SVG text.
 *
 * @throws ChartError unless the network has one input and one output
 */
export async function fitChart(minima: NetworkMinima, options: ChartOptions = {}): Promise<string> {
  const { width = 960, height = 600, trueMinima } = options;
  const { data } = minima.problem.options;
  if (data.x.length !== 1 || data.y.length !== 1) {
    throw new ChartError(
      `a fit can be drawn for one input and one target column; this result has ${data.x.length} and ${data.y.length}`,
    );
  }
  return renderSvg(chartOption(minima, trueMinima, width), { width, height });
}

function chartOption(
  minima: NetworkMinima,
  trueMinima: readonly TrueMinimum[] | undefined,
  width: number,
): Record<string, unknown> {
  const { data } = minima.problem.options;
  const [x, y] = [data.x[0]!, data.y[0]!];
  const points = data.inputs.map((row, k) => [
    inUnits(data, x, row[0]!),
    inUnits(data, y, (data.targets[k] as number[])[0]!),
  ]);
  const curves = trueMinima === undefined ? fitCurves(minima) : trueCurves(minima, trueMinima);
  const xs = points.map((point) => point[0]!);
  const ys = points.map((point) => point[1]!);
  const room = MARGIN * (Math.max(...ys) - Math.min(...ys));
  // The axes end at the data, whose ends are no round numbers: ticks only between them.
  const axisLabel = { showMinLabel: false, showMaxLabel: false };
  const axis = {
    type: 'value',
    nameLocation: 'middle',
    nameTextStyle: { fontSize: 14 },
    axisLabel,
  };
  return {
    title: {
      text: `${x} → ${y}: the fit of every local minimum`,
      subtext: describeProblem(minima, trueMinima),
      left: 'center',
      top: 8,
      textStyle: { fontSize: 18 },
      subtextStyle: { fontSize: 13, color: '#444444' },
    },
    legend: {
      // One below the other; the wider default is for names side by side.
      itemGap: 10,
      type: 'plain',
      orient: 'vertical',
      // From the left: the width of text is only estimated without a page.
      left: width - LEGEND_WIDTH,
      top: 70,
      itemWidth: 28,
      textStyle: { fontSize: 13 },
      data: [...new Set(curves.map(({ name }) => name)), 'data'],
    },
    grid: { left: 76, right: LEGEND_WIDTH + 12, top: 76, bottom: 64 },
    xAxis: { ...axis, name: x, nameGap: 34, min: Math.min(...xs), max: Math.max(...xs) },
    yAxis: {
      ...axis,
      name: y,
      nameGap: 50,
      min: Math.min(...ys) - room,
      max: Math.max(...ys) + room,
    },
    series: [
      {
        name: 'data',
        type: 'scatter',
        data: points,
        symbolSize: 5,
        itemStyle: { color: DATA_COLOUR, opacity: 0.7 },
      },
      // The best is the broadest and lies below, so that fits almost equal to it stay visible.
      ...curves.map((curve) => ({
        name: curve.name,
        type: 'line',
        data: curve.points,
        symbol: 'none',
        clip: true,
        itemStyle: { color: curve.colour },
        lineStyle: {
          color: curve.colour,
          width: curve.emphasised ? 7 : 2,
          type: curve.dashed ? 'dashed' : 'solid',
        },
      })),
    ],
  };
}

/** The best true minimum above the others, and the polynomial network's best. */
function trueCurves(minima: NetworkMinima, trueMinima: readonly TrueMinimum[]): Curve[] {
  const { activation } = minima.problem;
  const sampled = (unknowns: readonly number[]): [number, number][] =>
    sampleCurve(minima.problem, (rows) =>
      networkOutputs(minima.problem.family.layout, activation.activation, unknowns, rows),
    );
  const [best, ...others] = trueMinima;
  // The broad one lies below.
  const curves: Curve[] =
    best === undefined
      ? []
      : [
          {
            name: `${best.global ? 'global minimum' : 'best minimum'}: ${best.loss.toPrecision(7)}`,
            colour: CHART_COLOURS[0]!,
            emphasised: true,
            dashed: false,
            points: sampled(best.unknowns),
          },
        ];
  for (const { unknowns } of others) {
    curves.push({
      name: `${others.length} other minima`,
      colour: CHART_COLOURS[1]!,
      emphasised: false,
      dashed: false,
      points: sampled(unknowns),
    });
  }
  const [polynomial] = fitCurves({ ...minima, polished: null });
  if (polynomial !== undefined) {
    const name = `polynomial network: ${polynomial.name}`;
    curves.push({ ...polynomial, name, colour: POLISHED_COLOUR, emphasised: false, dashed: true });
  }
  return curves;
}

/** One curve per orbit of minima by loss, then the polished best. */
function fitCurves(minima: NetworkMinima): Curve[] {
  const { problem, polished } = minima;
  const { activation } = problem;
  const { layout } = problem.family;
  const polynomial = activationFunction(polynomialLayer(activation.coefficients));
  const orbits = [...new Set(minima.minima.map((index) => minima.points[index]!.orbit))];
  const curves = orbits.map((orbit, rank): Curve => {
    const copies = minima.minima.filter((index) => minima.points[index]?.orbit === orbit);
    const point = minima.points[copies[0]!]!;
    const count = copies.length > 1 ? `, ${copies.length} copies` : '';
    return {
      name: `${rank === 0 ? 'best ' : ''}loss ${point.loss.toPrecision(5)}${count}`,
      colour: CHART_COLOURS[rank % CHART_COLOURS.length]!,
      emphasised: rank === 0,
      dashed: rank >= CHART_COLOURS.length,
      points: sampleCurve(problem, (rows) =>
        networkOutputs(layout, polynomial, point.unknowns, rows),
      ),
    };
  });
  if (polished !== null) {
    curves.push({
      name: `true ${activation.name}, polished: ${polished.loss.toPrecision(5)}`,
      colour: POLISHED_COLOUR,
      emphasised: false,
      dashed: true,
      points: sampleCurve(problem, (rows) =>
        networkOutputs(layout, activation.activation, polished.unknowns, rows),
      ),
    });
  }
  return curves;
}

function sampleCurve(
  { options: { data } }: StationarityProblem,
  outputs: (rows: readonly (readonly number[])[]) => Float64Array,
): [number, number][] {
  const inputs = data.inputs.map((row) => row[0]!);
  const [low, high] = [Math.min(...inputs), Math.max(...inputs)];
  const places = Array.from(
    { length: CURVE_POINTS },
    (_, k) => low + ((high - low) * k) / (CURVE_POINTS - 1),
  );
  return Array.from(outputs(places.map((place) => [place])), (output, k) => [
    inUnits(data, data.x[0]!, places[k]!),
    inUnits(data, data.y[0]!, output),
  ]);
}

/** Back from the standardised value to the units of the column. */
function inUnits(
  data: StationarityProblem['options']['data'],
  column: string,
  value: number,
): number {
  const scaling = data.scaling?.[column];
  return scaling === undefined ? value : scaling.mean + scaling.deviation * value;
}

function describeProblem(
  { problem, minima, points, eulerSum }: NetworkMinima,
  trueMinima: readonly TrueMinimum[] | undefined,
): string {
  const { options, activation, family } = problem;
  const network = `${family.layout.architecture.layers.join('-')} network, ${activation.name}`;
  const setting = `λ = ${options.regularization}, ${options.data.inputs.length} rows`;
  return trueMinima === undefined
    ? `${network} as a polynomial of degree ${activation.effectiveDegree}, ${setting}: ` +
        `${points.length} real critical points, ${minima.length} minima, Euler sum ${eulerSum}`
    : `${network}, ${setting}: all ${trueMinima.length} local minima of the network itself, proved`;
}
