/**
 * One hidden unit on fixed features as a network of k inputs, one hidden unit and one output.
 *
 * The unit's input weights stay in the span of k directions (its own, and for k = 2 the one of the
 * Gauss-Newton step), its output weights along one direction q of the outputs. In whitened
 * coordinates u of the span,  s sigma(a . u + b) + c  is to fit r = q . residual: a k-1-1 network.
 */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { DataTable } from '../../data/table.js';
import type { HiddenUnit, LastLayers } from './last-layers.js';

/** A k-1-1 network's task, and how its solutions become the unit again. */
export interface BlockProblem {
  /** Rows (u, r). */
  readonly samples: DataTable;
  /** The unit as it is: (a, b, s, c), without b where there are no biases. */
  readonly current: readonly number[];
  /** The unit of (a, b, ...) in the features' coordinates. */
  toUnit(unknowns: readonly number[]): HiddenUnit;
}

export interface BlockOptions {
  /** k: 1 or 2. */
  readonly directions: number;
  /** Derivative of the activation. */
  readonly slope: (z: number) => number;
}

/** Directions whose projection has less than this share of the largest variance carry nothing. */
const SMALLEST_VARIANCE = 1e-10;
/** Ridge of the Gauss-Newton step, as a share of the features' mean square. */
const STEP_RIDGE = 1e-3;

/**
 * The block of one unit.
 *
 * @returns null when the unit's projections are constant on the samples
 */
export function blockProblem(
  layers: LastLayers,
  unit: number,
  { directions, slope }: BlockOptions,
): BlockProblem | null {
  const { samples, outputs } = layers.problem;
  const hasBias = layers.weights.hiddenBias !== null;
  const own = layers.unit(unit);
  const residual = layers.residualWithout(unit);
  const first = whiten(layers, [own.weight], hasBias);
  if (first === null) return null;
  let chart = first;
  if (directions === 2) {
    const along = project(residual, outputDirection(residual, first.values, outputs), outputs);
    const mean = along.reduce((sum, value) => sum + value, 0) / samples;
    const target = along.map((value) => value - mean);
    const second = gaussNewtonDirection(layers, own, target, slope);
    chart = whiten(layers, [own.weight, second], hasBias) ?? first;
  }
  const q = outputDirection(residual, chart.values, outputs);
  const r = project(residual, q, outputs);
  const alongQ = (values: ArrayLike<number>, at: (k: number) => number): number =>
    q.reduce((sum, entry, k) => sum + entry * values[at(k)]!, 0);
  const { output, outputBias } = layers.weights;
  return {
    samples: {
      inputs: Array.from({ length: samples }, (_, row) => chart.values.map((u) => u[row]!)),
      targets: Array.from(r, (value) => [value]),
    },
    current: [
      ...chart.coordinatesOf(own),
      alongQ(output, (k) => k * layers.units + unit),
      alongQ(outputBias, (k) => k),
    ],
    toUnit: chart.toUnit,
  };
}

/** Whitened coordinates of the span of directions on the samples. */
interface Chart {
  /** [coordinate][sample]: mean 0 (with biases) and covariance 1. */
  readonly values: readonly Float64Array[];
  /** (a, b) of a unit whose weight lies in the span. */
  coordinatesOf(unit: HiddenUnit): number[];
  toUnit(unknowns: readonly number[]): HiddenUnit;
}

/** Gram-Schmidt on the projections; a direction that adds nothing is left out. */
function whiten(
  layers: LastLayers,
  directions: readonly Float64Array[],
  hasBias: boolean,
): Chart | null {
  const { samples, inputs } = layers.problem;
  const axes: { readonly weight: Float64Array; readonly shift: number; values: Float64Array }[] =
    [];
  for (const direction of directions) {
    let weight = direction;
    let values = layers.preActivations({ weight, bias: 0 });
    const size = meanProduct(values, values);
    const center = hasBias ? values.reduce((sum, value) => sum + value, 0) / samples : 0;
    let shift = -center;
    values = values.map((value) => value - center);
    for (const axis of axes) {
      const along = meanProduct(values, axis.values);
      weight = weight.map((entry, k) => entry - along * axis.weight[k]!);
      shift -= along * axis.shift;
      values = values.map((value, row) => value - along * axis.values[row]!);
    }
    const variance = meanProduct(values, values);
    if (!(variance > SMALLEST_VARIANCE * size)) continue;
    const scale = 1 / Math.sqrt(variance);
    axes.push({
      weight: weight.map((entry) => entry * scale),
      shift: shift * scale,
      values: values.map((value) => value * scale),
    });
  }
  if (axes.length < directions.length) return null;
  return {
    values: axes.map(({ values }) => values),
    coordinatesOf: (unit) => {
      const z = layers.preActivations(unit);
      const mean = z.reduce((sum, value) => sum + value, 0) / samples;
      return [...axes.map(({ values }) => meanProduct(z, values)), ...(hasBias ? [mean] : [])];
    },
    toUnit: (unknowns) => {
      const weight = new Float64Array(inputs);
      let bias = hasBias ? unknowns[axes.length]! : 0;
      axes.forEach((axis, k) => {
        axis.weight.forEach((entry, index) => (weight[index]! += unknowns[k]! * entry));
        bias += unknowns[k]! * axis.shift;
      });
      return { weight, bias };
    },
  };
}

/**
 * The direction of the outputs in which polynomials of degree 2 in the coordinates explain most of
 * the residual: the first right singular vector of the residual's projection on them.
 */
function outputDirection(
  residual: Float64Array,
  coordinates: readonly Float64Array[],
  outputs: number,
): Float64Array {
  if (outputs === 1) return Float64Array.of(1);
  const gram = Matrix.zeros(outputs, outputs);
  for (const basis of monomials(coordinates)) {
    const moments = new Float64Array(outputs);
    residual.forEach((value, index) => {
      moments[index % outputs]! += value * basis[Math.floor(index / outputs)]!;
    });
    for (let i = 0; i < outputs; i++) {
      for (let j = 0; j < outputs; j++) {
        gram.set(i, j, gram.get(i, j) + moments[i]! * moments[j]!);
      }
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, {
    assumeSymmetric: true,
  });
  const largest = realEigenvalues.indexOf(Math.max(...realEigenvalues));
  return Float64Array.from(eigenvectorMatrix.getColumn(largest));
}

/** An orthonormal basis of the monomials of degree 1 and 2, constants taken out. */
function monomials(coordinates: readonly Float64Array[]): Float64Array[] {
  const raw = [
    ...coordinates,
    ...coordinates.flatMap((u, i) =>
      coordinates.slice(i).map((v) => u.map((value, row) => value * v[row]!)),
    ),
  ];
  const basis: Float64Array[] = [];
  for (const column of raw) {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    let values = column.map((value) => value - mean);
    for (const axis of basis) {
      const along = meanProduct(values, axis);
      values = values.map((value, row) => value - along * axis[row]!);
    }
    const variance = meanProduct(values, values);
    if (variance > SMALLEST_VARIANCE * meanProduct(column, column)) {
      basis.push(values.map((value) => value / Math.sqrt(variance)));
    }
  }
  return basis;
}

function project(residual: Float64Array, q: Float64Array, outputs: number): Float64Array {
  const r = new Float64Array(residual.length / outputs);
  residual.forEach(
    (value, index) => (r[Math.floor(index / outputs)]! += q[index % outputs]! * value),
  );
  return r;
}

/** argmin over d of E[(target - sigma'(z) d . f)^2] + ridge |d|^2. */
function gaussNewtonDirection(
  layers: LastLayers,
  unit: HiddenUnit,
  target: Float64Array,
  slope: (z: number) => number,
): Float64Array {
  const { samples, inputs, features } = layers.problem;
  const slopes = layers.preActivations(unit).map(slope);
  const normal = Matrix.zeros(inputs, inputs);
  const right = Matrix.zeros(inputs, 1);
  for (let row = 0; row < samples; row++) {
    const weight = slopes[row]!;
    if (weight === 0) continue;
    for (let i = 0; i < inputs; i++) {
      const scaled = weight * features[row * inputs + i]!;
      right.set(i, 0, right.get(i, 0) + scaled * target[row]!);
      for (let j = 0; j <= i; j++) {
        normal.set(i, j, normal.get(i, j) + scaled * weight * features[row * inputs + j]!);
      }
    }
  }
  let trace = 0;
  for (let i = 0; i < inputs; i++) trace += normal.get(i, i) / inputs;
  if (!(trace > 0)) return new Float64Array(inputs);
  for (let i = 0; i < inputs; i++) {
    normal.set(i, i, normal.get(i, i) + STEP_RIDGE * trace);
    for (let j = 0; j < i; j++) normal.set(j, i, normal.get(i, j));
  }
  return Float64Array.from(new CholeskyDecomposition(normal).solve(right).to1DArray());
}

function meanProduct(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, row) => sum + value * b[row]!, 0) / a.length;
}
