/**
 * The functions that the local minima of a network compute, as curves for charts.
 *
 * Copies under the symmetries of the network compute the same function, so there is one curve
 * per orbit.
 */
import { countPoints } from '../minima/critical-points.js';
import type { NetworkMinima, StationarityProblem } from '../minima/find-minima.js';
import { networkOutputs } from '../minima/data-loss.js';
import { activationFunction, polynomial as polynomialLayer } from '../network/activations.js';
import { CHART_COLOURS } from './line-look.js';

/** What the chart needs of a minimum of the true network. */
export interface TrueMinimum {
  readonly unknowns: readonly number[];
  readonly loss: number;
  readonly global: boolean;
}

/** One input against one output, in the units of the data. */
export interface FitCurve {
  readonly loss: number;
  /** Minima that compute it. */
  readonly copies: number;
  /** The polynomial's best, descended under the true activation. */
  readonly polished: boolean;
  readonly name: string;
  readonly colour: string;
  readonly emphasised: boolean;
  readonly dashed: boolean;
  readonly points: [number, number][];
}

/** Apart from all minima of the network. */
const POLISHED_COLOUR = '#000000';
const CURVE_POINTS = 201;

/** The best true minimum above the others, and the polynomial network's best. */
export function trueCurves(minima: NetworkMinima, trueMinima: readonly TrueMinimum[]): FitCurve[] {
  const { activation } = minima.problem;
  const sampled = (unknowns: readonly number[]): [number, number][] =>
    sampleCurve(minima.problem, (input) =>
      networkOutputs(minima.problem.family.layout, activation.activation, unknowns, input),
    );
  const [best, ...others] = trueMinima;
  // The broad one lies below.
  const curves: FitCurve[] =
    best === undefined
      ? []
      : [
          {
            loss: best.loss,
            copies: 1,
            polished: false,
            name: `${best.global ? 'global minimum' : 'best minimum'}: ${best.loss.toPrecision(7)}`,
            colour: CHART_COLOURS[0]!,
            emphasised: true,
            dashed: false,
            points: sampled(best.unknowns),
          },
        ];
  for (const { unknowns, loss } of others) {
    curves.push({
      loss,
      copies: 1,
      polished: false,
      name: `${others.length} other minima`,
      colour: CHART_COLOURS[1]!,
      emphasised: false,
      dashed: false,
      points: sampled(unknowns),
    });
  }
  const [polynomial] = fitCurves({ ...minima, polished: null });
  if (polynomial !== undefined) {
    const name = `polynomial network: ${polynomial.loss.toPrecision(5)}`;
    curves.push({ ...polynomial, name, colour: POLISHED_COLOUR, emphasised: false, dashed: true });
  }
  return curves;
}

/** One curve per orbit of minima by loss, then the polished best. */
export function fitCurves(minima: NetworkMinima): FitCurve[] {
  const { problem, polished } = minima;
  const { activation } = problem;
  const { layout } = problem.family;
  const polynomial = activationFunction(polynomialLayer(activation.coefficients));
  const orbits = [...new Set(minima.minima.map((index) => minima.points[index]!.orbit))];
  const curves = orbits.map((orbit, rank): FitCurve => {
    const members = minima.minima
      .map((index) => minima.points[index]!)
      .filter((point) => point.orbit === orbit);
    const point = members[0]!;
    const copies = countPoints(members);
    const count = copies > 1 ? `, ${copies} copies` : '';
    return {
      loss: point.loss,
      copies,
      polished: false,
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
      loss: polished.loss,
      copies: 1,
      polished: true,
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
export function inUnits(
  data: StationarityProblem['options']['data'],
  column: string,
  value: number,
): number {
  const scaling = data.scaling?.[column];
  return scaling === undefined ? value : scaling.mean + scaling.deviation * value;
}
