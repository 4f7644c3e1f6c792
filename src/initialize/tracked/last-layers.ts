/**
 * The last hidden layer and the output layer of a network on fixed features, as a state that is
 * improved one hidden unit at a time.
 *
 * Objective: J = 1/(2S) sum |y - t|^2 + (lambda/2) (sum_j E[z_j^2] + |V|^2 + |c|^2), with z_j the
 * pre-activation of unit j, V and c the output layer. E[z_j^2] in the place of |w_j|^2 does not
 * depend on the basis or scale of the features, so every block, in whatever coordinates it is
 * solved, lowers one and the same J; it is |(a, b)|^2 for z = a . u + b in whitened u.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** Sizes and data of the two layers. */
export interface LastLayersProblem {
  /** S */
  readonly samples: number;
  /** Inputs of the hidden layer, and their values [sample][input]. */
  readonly inputs: number;
  readonly features: Float64Array;
  /** C, and their values [sample][output]. */
  readonly outputs: number;
  readonly targets: Float64Array;
  readonly activation: (z: number) => number;
  /** lambda > 0 */
  readonly regularization: number;
}

/** What the two layers hold. */
export interface LastLayersWeights {
  /** [unit][input] */
  readonly hidden: Float64Array;
  /** [unit]; null without biases. */
  readonly hiddenBias: Float64Array | null;
  /** [output][unit] */
  readonly output: Float64Array;
  /** [output] */
  readonly outputBias: Float64Array;
}

/** One hidden unit. */
export interface HiddenUnit {
  /** [input] */
  readonly weight: Float64Array;
  readonly bias: number;
}

/** The two layers, their outputs on the samples, and J. */
export class LastLayers {
  readonly units: number;
  /** Units' activations, [unit][sample]. */
  readonly #active: Float64Array[];
  /** E[z_j^2] */
  readonly #squares: Float64Array;
  /** y - t, [sample][output]. */
  readonly #error: Float64Array;

  /** @param weights are changed in place */
  constructor(
    readonly problem: LastLayersProblem,
    readonly weights: LastLayersWeights,
  ) {
    const { samples, outputs, targets } = problem;
    this.units = weights.hidden.length / problem.inputs;
    this.#squares = new Float64Array(this.units);
    this.#active = Array.from({ length: this.units }, (_, unit) => {
      const { active, square } = this.#activate(this.unit(unit));
      this.#squares[unit] = square;
      return active;
    });
    this.#error = new Float64Array(samples * outputs);
    for (let sample = 0; sample < samples; sample++) {
      for (let k = 0; k < outputs; k++) {
        let sum = weights.outputBias[k]! - targets[sample * outputs + k]!;
        for (let unit = 0; unit < this.units; unit++) {
          sum += weights.output[k * this.units + unit]! * this.#active[unit]![sample]!;
        }
        this.#error[sample * outputs + k] = sum;
      }
    }
  }

  /** J */
  objective(): number {
    const { output, outputBias } = this.weights;
    return this.#total(
      sumOfSquares(this.#error),
      this.#squares,
      sumOfSquares(output) + sumOfSquares(outputBias),
    );
  }

  /** 1/(2S) sum |y - t|^2: J without its penalty. */
  dataLoss(): number {
    return sumOfSquares(this.#error) / (2 * this.problem.samples);
  }

  /** y, [sample][output]. */
  outputsOnSamples(): Float64Array {
    const { targets } = this.problem;
    return this.#error.map((error, index) => error + targets[index]!);
  }

  unit(unit: number): HiddenUnit {
    const { inputs } = this.problem;
    const { hidden, hiddenBias } = this.weights;
    return {
      weight: hidden.slice(unit * inputs, (unit + 1) * inputs),
      bias: hiddenBias?.[unit] ?? 0,
    };
  }

  /** w . f + b of a unit, [sample]. */
  preActivations({ weight, bias }: HiddenUnit): Float64Array {
    const { samples, inputs, features } = this.problem;
    const values = new Float64Array(samples).fill(bias);
    for (let sample = 0; sample < samples; sample++) {
      for (let k = 0; k < inputs; k++) {
        values[sample]! += weight[k]! * features[sample * inputs + k]!;
      }
    }
    return values;
  }

  /** t - y without the unit and without the output bias, [sample][output]. */
  residualWithout(unit: number): Float64Array {
    const { outputs } = this.problem;
    const { output, outputBias } = this.weights;
    const active = this.#active[unit]!;
    return this.#error.map((error, index) => {
      const k = index % outputs;
      const own = output[k * this.units + unit]! * active[Math.floor(index / outputs)]!;
      return own + outputBias[k]! - error;
    });
  }

  /**
   * Puts another unit in the place of one, with the best output weights and bias for it, if that
   * lowers J; else does nothing.
   */
  tryUnit(unit: number, candidate: HiddenUnit): boolean {
    const { samples, outputs, regularization } = this.problem;
    const { hidden, hiddenBias, output, outputBias } = this.weights;
    const { active, square } = this.#activate(candidate);
    if (!Number.isFinite(square)) return false;
    const residual = this.residualWithout(unit);
    // (v, c) of each output: a ridge regression on (active, 1).
    const mean = active.reduce((sum, value) => sum + value, 0) / samples;
    const second = sumOfSquares(active) / samples + regularization;
    const determinant = second * (1 + regularization) - mean * mean;
    const slopes = new Float64Array(outputs);
    const shifts = new Float64Array(outputs);
    for (let k = 0; k < outputs; k++) {
      let moment = 0;
      let average = 0;
      for (let sample = 0; sample < samples; sample++) {
        moment += (active[sample]! * residual[sample * outputs + k]!) / samples;
        average += residual[sample * outputs + k]! / samples;
      }
      slopes[k] = ((1 + regularization) * moment - mean * average) / determinant;
      shifts[k] = (second * average - mean * moment) / determinant;
    }
    const error = residual.map((value, index) => {
      const k = index % outputs;
      return slopes[k]! * active[Math.floor(index / outputs)]! + shifts[k]! - value;
    });
    const squares = this.#squares.slice();
    squares[unit] = square;
    const outgoing = output.slice();
    slopes.forEach((slope, k) => (outgoing[k * this.units + unit] = slope));
    const objective = this.#total(
      sumOfSquares(error),
      squares,
      sumOfSquares(outgoing) + sumOfSquares(shifts),
    );
    if (!(objective < this.objective())) return false;
    hidden.set(candidate.weight, unit * candidate.weight.length);
    if (hiddenBias) hiddenBias[unit] = candidate.bias;
    output.set(outgoing);
    outputBias.set(shifts);
    this.#active[unit] = active;
    this.#squares.set(squares);
    this.#error.set(error);
    return true;
  }

  /** The best output layer for the hidden one: a ridge regression, the minimum of J in (V, c). */
  fitOutput(): void {
    const { samples, outputs, regularization, targets } = this.problem;
    const { output, outputBias } = this.weights;
    const size = this.units + 1;
    const columns = [...this.#active, new Float64Array(samples).fill(1)];
    const normal = Matrix.zeros(size, size);
    const right = Matrix.zeros(size, outputs);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) {
        const value = dot(columns[row]!, columns[column]!) / samples;
        normal.set(row, column, value + (row === column ? regularization : 0));
        normal.set(column, row, normal.get(row, column));
      }
      for (let k = 0; k < outputs; k++) {
        let moment = 0;
        for (let sample = 0; sample < samples; sample++) {
          moment += columns[row]![sample]! * targets[sample * outputs + k]!;
        }
        right.set(row, k, moment / samples);
      }
    }
    const solution = new CholeskyDecomposition(normal).solve(right);
    for (let k = 0; k < outputs; k++) {
      for (let unit = 0; unit < this.units; unit++) {
        output[k * this.units + unit] = solution.get(unit, k);
      }
      outputBias[k] = solution.get(this.units, k);
    }
    for (let sample = 0; sample < samples; sample++) {
      for (let k = 0; k < outputs; k++) {
        let sum = outputBias[k]! - targets[sample * outputs + k]!;
        for (let unit = 0; unit < this.units; unit++) {
          sum += output[k * this.units + unit]! * this.#active[unit]![sample]!;
        }
        this.#error[sample * outputs + k] = sum;
      }
    }
  }

  #activate(unit: HiddenUnit): { readonly active: Float64Array; readonly square: number } {
    const values = this.preActivations(unit);
    return {
      active: values.map(this.problem.activation),
      square: sumOfSquares(values) / this.problem.samples,
    };
  }

  #total(errors: number, squares: Float64Array, outgoing: number): number {
    const { samples, regularization } = this.problem;
    const incoming = squares.reduce((sum, value) => sum + value, 0);
    return errors / (2 * samples) + (regularization / 2) * (incoming + outgoing);
  }
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}
