/** The part of the JSON of `lps minima` that is about minima (the rest is the solver's). */
import { stateDictionary, type TensorValues } from '../network/architecture.js';
import type { NetworkMinima } from './find-minima.js';
import type { PolishedMinimum } from './polish.js';

export interface MinimaReport {
  readonly data: {
    readonly rows: number;
    /** Input columns, then target columns. */
    readonly columns: readonly string[];
    readonly standardized: boolean;
  };
  readonly network: {
    /** Sizes from the inputs to the outputs. */
    readonly layers: readonly number[];
    readonly bias: boolean | 'output';
  };
  readonly activation: {
    readonly name: string;
    readonly degree: number;
    readonly radius: number;
    /** Of the polynomial, lowest power first. */
    readonly coefficients: readonly number[];
    /** max |activation - polynomial| on [-radius, radius]. */
    readonly maxError: number;
  };
  readonly regularization: number;
  readonly criticalPoints: readonly {
    readonly parameters: Readonly<Record<string, TensorValues>>;
    readonly loss: number;
    readonly morseIndex: number;
    readonly orbit: number;
    /** Critical points that it stands for, where only one of each orbit is listed. */
    readonly copies?: number;
  }[];
  /** Indices into criticalPoints, by loss. */
  readonly minima: readonly number[];
  readonly eulerSum: number;
  /** The best minimum under the true activation; its loss before polishing beside it. */
  readonly polished: {
    readonly parameters: Readonly<Record<string, TensorValues>>;
    readonly loss: number;
    readonly lossBefore: number;
  } | null;
}

/** Describes the minima of a network as plain JSON. */
export function minimaReport(result: NetworkMinima): MinimaReport {
  const { problem, polished } = result;
  const { options, activation, family } = problem;
  const parametersOf = (unknowns: readonly number[]): Record<string, TensorValues> =>
    stateDictionary(family.layout, unknowns);
  return {
    data: {
      rows: options.data.inputs.length,
      columns: [...options.data.x, ...options.data.y],
      standardized: options.data.scaling !== undefined,
    },
    network: family.layout.architecture,
    activation: {
      name: activation.name,
      degree: activation.degree,
      radius: activation.radius,
      coefficients: activation.coefficients,
      maxError: activation.maxError,
    },
    regularization: options.regularization,
    criticalPoints: result.points.map(({ unknowns, loss, morseIndex, orbit, copies }) => ({
      parameters: parametersOf(unknowns),
      loss,
      morseIndex,
      orbit,
      ...(result.copies !== null && { copies }),
    })),
    minima: result.minima,
    eulerSum: result.eulerSum,
    polished: polished && {
      parameters: parametersOf(polished.unknowns),
      loss: polished.loss,
      lossBefore: polished.lossBefore,
    },
  };
}

/** Minima of the true network reached from the polynomial one's, by loss. */
export function polishedReport(
  { problem }: NetworkMinima,
  polished: readonly PolishedMinimum[],
): { loss: number; lossBefore: number; parameters: Record<string, TensorValues> }[] {
  return polished.map(({ loss, lossBefore, unknowns }) => ({
    loss,
    lossBefore,
    parameters: stateDictionary(problem.family.layout, unknowns),
  }));
}
