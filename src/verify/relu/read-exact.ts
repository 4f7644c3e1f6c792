/** An exact result from JSON, as far as its form goes; whether it is right is for the checks. */
import { DocumentError, listAt, matrixAt, numberAt, objectAt, vectorAt } from '../read-fields.js';

/** One hidden unit, v phi(w . x + b). */
export interface Unit {
  /** w, then b. */
  readonly inner: readonly number[];
  readonly outer: number;
}

export interface ClaimedMinimum {
  readonly loss: number;
  readonly lossBounds: readonly [number, number];
  readonly distinctUnits: number;
  readonly kinks: number;
  readonly margin: number;
  readonly dualNorm: readonly [number, number];
  readonly global: boolean;
  readonly lowerBound: number;
  readonly units: readonly Unit[];
  readonly bias: number;
}

export interface ClaimedResult {
  /** S rows of D inputs, and the targets. */
  readonly inputs: readonly (readonly number[])[];
  readonly targets: readonly number[];
  readonly units: number;
  readonly negativeSlope: number;
  readonly regularization: number;
  readonly partial: boolean;
  readonly combinations: number;
  readonly byUnits: readonly Readonly<Record<string, number>>[];
  readonly undecided: number;
  readonly lowerBound: number;
  readonly minima: readonly ClaimedMinimum[];
}

/** @throws DocumentError that names the field */
export function readExactResult(document: unknown): ClaimedResult {
  const root = objectAt(document, 'the document');
  if (root.exact === undefined || root.exact === null) {
    throw new DocumentError(
      'the document has no "exact" part to verify; make one by lps minima --exact --out FILE',
    );
  }
  const exact = objectAt(root.exact, 'exact');
  const samples = objectAt(root.samples, 'samples');
  const inputs = matrixAt(samples.inputs, 'samples.inputs');
  const targets = matrixAt(samples.targets, 'samples.targets').map((row) => row[0]!);
  if (inputs.length === 0 || inputs.length !== targets.length) {
    throw new DocumentError('samples.inputs and samples.targets must have as many rows');
  }
  const units = numberAt(exact.units, 'exact.units');
  return {
    inputs,
    targets,
    units,
    negativeSlope: numberAt(exact.negativeSlope, 'exact.negativeSlope'),
    regularization: numberAt(exact.regularization, 'exact.regularization'),
    partial: exact.partial === true,
    combinations: numberAt(exact.combinations, 'exact.combinations'),
    byUnits: listAt(exact.byUnits, 'exact.byUnits').map((entry, k) => {
      const counts = objectAt(entry, `exact.byUnits[${k}]`);
      return Object.fromEntries(
        Object.entries(counts).map(([key, value]) => [
          key,
          numberAt(value, `exact.byUnits[${k}].${key}`),
        ]),
      );
    }),
    undecided: numberAt(exact.undecided, 'exact.undecided'),
    lowerBound: numberAt(exact.lowerBound, 'exact.lowerBound'),
    minima: listAt(exact.minima, 'exact.minima').map((entry, k) =>
      readMinimum(objectAt(entry, `exact.minima[${k}]`), `exact.minima[${k}]`, {
        units,
        inputs: inputs[0]!.length,
      }),
    ),
  };
}

function readMinimum(
  value: Readonly<Record<string, unknown>>,
  name: string,
  { units, inputs }: { readonly units: number; readonly inputs: number },
): ClaimedMinimum {
  const parameters = objectAt(value.parameters, `${name}.parameters`);
  const matrix = (key: string): number[][] => matrixAt(parameters[key], `${name}.${key}`);
  const vector = (key: string): number[] => vectorAt(parameters[key], `${name}.${key}`);
  const [weights, biases] = [matrix('layers.0.weight'), vector('layers.0.bias')];
  const [outer, bias] = [matrix('layers.2.weight'), vector('layers.2.bias')];
  const isNetwork =
    weights.length === units &&
    weights.every((row) => row.length === inputs) &&
    biases.length === units &&
    outer.length === 1 &&
    outer[0]!.length === units &&
    bias.length === 1;
  if (!isNetwork) {
    throw new DocumentError(`${name}.parameters are not those of a ${inputs}-${units}-1 network`);
  }
  const pair = (key: string): [number, number] => {
    const list = listAt(value[key], `${name}.${key}`);
    return [numberAt(list[0], `${name}.${key}[0]`), numberAt(list[1], `${name}.${key}[1]`)];
  };
  const number = (key: string): number => numberAt(value[key], `${name}.${key}`);
  return {
    loss: number('loss'),
    lossBounds: pair('lossBounds'),
    distinctUnits: number('distinctUnits'),
    kinks: number('kinks'),
    margin: number('margin'),
    dualNorm: pair('dualNorm'),
    global: value.global === true,
    lowerBound: number('lowerBound'),
    units: weights.map((row, j) => ({ inner: [...row, biases[j]!], outer: outer[0]![j]! })),
    bias: bias[0]!,
  };
}
