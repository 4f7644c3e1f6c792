/**
 * Writes the change to a fresh chart: the same projective points, better scaled coordinates.
 *
 * Per group the base point is divided by its largest coordinate and the hyperplane's signs become
 * the signs of its real parts, so that sum_j p_j x_j >= 1: the hyperplane stays far from the point.
 * (A local chart x_k = 1 would need a select in every Jacobian entry to drop column k, and a fixed
 * random hyperplane comes close to some point of some path.) The previous point, both tangents and the
 * current point are carried over, so the predictor keeps its order. Done once per
 * ITERATIONS_PER_CHART iterations for every path, needed or not: a branch would cost the same.
 *
 * For a point x the new representative is f x with f = c / (p . x), c = p . base; the tangent
 * follows by the quotient rule: (f x)' = f x' - f x (p . x') / (p . x).
 */
import { emitDisplacement, type BasisColumn } from './emit-solve.js';
import { StraightLine, type ComplexValue } from './straight-line.js';

/** The variables of a path's state; displacement and the rest in the basis of the hyperplane. */
export interface StateVariables {
  readonly base: readonly ComplexValue[];
  readonly displacement: readonly ComplexValue[];
  readonly tangent: readonly ComplexValue[];
  readonly previousTangent: readonly ComplexValue[];
  readonly previousStep: readonly ComplexValue[];
}

type ByCoordinate = ReadonlyMap<number, ComplexValue>;

/** @returns statements that compute the new state, then assign it (and `chart`, the sign bits). */
export function emitChart(
  groups: readonly (readonly number[])[],
  columns: readonly BasisColumn[],
  signs: readonly string[],
  state: StateVariables,
): string[] {
  const code = new StraightLine('c');
  const full = (y: readonly ComplexValue[]): ComplexValue[] =>
    emitDisplacement(code, state.base.length, columns, signs, y);
  const tangent = full(state.tangent);
  const previousTangent = full(state.previousTangent);
  const previousStep = full(state.previousStep);
  const displacement = full(state.displacement);
  const previous = state.base.map((value, j) =>
    code.sum([{ value }, { value: previousStep[j]!, negative: true }])!,
  );
  const current = state.base.map((value, j) => code.sum([{ value }, { value: displacement[j]! }])!);

  const assignments: string[] = [];
  const newSigns: string[] = [];
  for (const group of groups) {
    const each = (make: (j: number) => ComplexValue): ByCoordinate =>
      new Map(group.map((j) => [j, make(j)]));
    const inverse = code.reciprocal(largestCoordinate(code, group, state.base));
    const base = each((j) => code.mul(state.base[j]!, inverse));
    const side = each((j) => ({
      re: code.bind(`select(-1.0f, 1.0f, ${base.get(j)!.re} >= 0.0f)`, 1),
      im: null,
    }));
    const height = (x: (j: number) => ComplexValue): ComplexValue =>
      code.dot(group.map((j) => ({ left: x(j), right: side.get(j)! })))!;
    const constant = height((j) => base.get(j)!);

    const scaledTangent = each((j) => code.mul(tangent[j]!, inverse));
    const tangentRatio = code.mul(
      height((j) => scaledTangent.get(j)!),
      code.reciprocal(constant),
    );
    const newTangent = each((j) => code.mulSub(scaledTangent.get(j)!, tangentRatio, base.get(j)!));

    const previousInverse = code.reciprocal(height((j) => previous[j]!));
    const previousScale = code.mul(constant, previousInverse);
    const newPrevious = each((j) => code.mul(previous[j]!, previousScale));
    const previousRatio = code.mul(
      height((j) => previousTangent[j]!),
      previousInverse,
    );
    const newPreviousTangent = each((j) =>
      code.mulSub(code.mul(previousTangent[j]!, previousScale), previousRatio, newPrevious.get(j)!),
    );

    const currentScale = code.mul(constant, code.reciprocal(height((j) => current[j]!)));
    const difference = (a: ComplexValue, b: ComplexValue): ComplexValue =>
      code.sum([{ value: a }, { value: b, negative: true }])!;
    const newStep = each((j) => difference(base.get(j)!, newPrevious.get(j)!));
    const newDisplacement = each((j) =>
      difference(code.mul(current[j]!, currentScale), base.get(j)!),
    );

    for (const j of group) assignments.push(assign(state.base[j]!, base.get(j)!));
    const first = newSigns.length;
    for (let t = 0; t + 1 < group.length; t++) {
      const sign = code.bind(`${side.get(group[t]!)!.re} * ${side.get(group[t + 1]!)!.re}`, 1);
      assignments.push(`${signs[newSigns.length]!} = ${sign};`);
      newSigns.push(sign);
    }
    for (const [variables, vector] of [
      [state.displacement, newDisplacement],
      [state.tangent, newTangent],
      [state.previousTangent, newPreviousTangent],
      [state.previousStep, newStep],
    ] as const) {
      // Back from coordinates to the basis: y_t = x_t + sigma_(t-1) y_(t-1).
      let y: ComplexValue | null = null;
      for (let t = 0; t + 1 < group.length; t++) {
        const here: ComplexValue = vector.get(group[t]!)!;
        y = y
          ? code.dot([{ left: y, right: { re: newSigns[first + t - 1]!, im: null } }], here)!
          : here;
        assignments.push(assign(variables[first + t]!, y));
      }
    }
  }
  const bits = newSigns.map((sign, t) => `select(0u, ${2 ** t}u, ${sign} < 0.0f)`);
  return [...code.statements(), ...assignments, `chart = ${bits.join(' | ')};`];
}

function assign(variable: ComplexValue, value: ComplexValue): string {
  return `${variable.re} = ${value.re}; ${variable.im} = ${value.im ?? '0.0f'};`;
}

/** Largest by max(|re|, |im|): within a factor sqrt 2 of the modulus, and cheaper. */
function largestCoordinate(
  code: StraightLine,
  group: readonly number[],
  coordinates: readonly ComplexValue[],
): ComplexValue {
  const sizeOf = (x: ComplexValue): string => code.bind(`max(abs(${x.re}), abs(${x.im}))`, 3);
  let largest = coordinates[group[0]!]!;
  let size = sizeOf(largest);
  for (const j of group.slice(1)) {
    const other = coordinates[j]!;
    const otherSize = sizeOf(other);
    const better = code.bind(`${otherSize} > ${size}`, 1);
    largest = {
      re: code.bind(`select(${largest.re}, ${other.re}, ${better})`, 1),
      im: code.bind(`select(${largest.im}, ${other.im}, ${better})`, 1),
    };
    size = code.bind(`max(${size}, ${otherSize})`, 1);
  }
  return largest;
}
