/**
 * The functions that the local minima of a network compute, as curves for charts.
 *
 * Copies under the symmetries of the network compute the same function, so there is one curve
 * per orbit.
 */
import { evaluatePolynomial } from '../minima/activation-polynomial.js';
import type { NetworkMinima, StationarityProblem } from '../minima/find-minima.js';
import { networkOutputs } from '../minima/forward-pass.js';
import { CHART_COLOURS } from './line-look.js';

/** One input against one output, in the units of the data. */
export interface FitCurve {
  readonly loss: number;
  /** Minima that compute it. */
  readonly copies: number;
  /** Under the true activation, not its polynomial. */
  readonly polished: boolean;
  readonly name: string;
  readonly colour: string;
  readonly emphasised: boolean;
  readonly dashed: boolean;
  readonly points: [number, number][];
}

/** The polished best: apart from all minima of the polynomial network. */
const POLISHED_COLOUR = '#000000';
const CURVE_POINTS = 201;

/** One curve per orbit of minima by loss, then the polished best. */
export function fitCurves(minima: NetworkMinima): FitCurve[] {
  const { problem, polished } = minima;
  const { activation } = problem;
  const polynomial = {
    value: (z: number): number => evaluatePolynomial(activation.coefficients, z),
  };
  const orbits = [...new Set(minima.minima.map((index) => minima.points[index]!.orbit))];
  const curves = orbits.map((orbit, rank): FitCurve => {
    const copies = minima.minima.filter((index) => minima.points[index]?.orbit === orbit);
    const point = minima.points[copies[0]!]!;
    const count = copies.length > 1 ? `, ${copies.length} copies` : '';
    return {
      loss: point.loss,
      copies: copies.length,
      polished: false,
      name: `${rank === 0 ? 'best ' : ''}loss ${point.loss.toPrecision(5)}${count}`,
      colour: CHART_COLOURS[rank % CHART_COLOURS.length]!,
      emphasised: rank === 0,
      dashed: rank >= CHART_COLOURS.length,
      points: sampleCurve(problem, (input) =>
        networkOutputs(problem.family.layout, polynomial, point.unknowns, input),
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
      points: sampleCurve(problem, (input) =>
        networkOutputs(problem.family.layout, activation.activation, polished.unknowns, input),
      ),
    });
  }
  return curves;
}

function sampleCurve(
  { options: { data } }: StationarityProblem,
  outputs: (input: number[]) => number[],
): [number, number][] {
  const inputs = data.inputs.map((row) => row[0]!);
  const [low, high] = [Math.min(...inputs), Math.max(...inputs)];
  return Array.from({ length: CURVE_POINTS }, (_, k) => {
    const input = low + ((high - low) * k) / (CURVE_POINTS - 1);
    return [inUnits(data, data.x[0]!, input), inUnits(data, data.y[0]!, outputs([input])[0]!)];
  });
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
