/**
 * Writes the evaluation of a homotopy and its Jacobian at one point: value, Jacobian, dH/ds.
 *
 * For start systems the whole row system is divided by 1 - s: with sigma = s / (1 - s) Newton's
 * equation (dF + sigma dG) dx = -(F + sigma G) has the same solution, entries where G has no
 * derivative need no blending at all, and nothing is lost at s = 1, where 1 / (1 - s) is cut at
 * 1e9: f32 keeps its relative accuracy there.
 */
import { MINUS_ONE, ONE, PLUS_ONE, type EvaluationPlan, type Sum } from '../program/evaluation.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import {
  literal,
  type ComplexValue,
  type MaybeZero,
  type StraightLine,
  type Summand,
} from './straight-line.js';

/** How generated code reads its coefficients. */
export interface CoefficientSource {
  /** Derived coefficient of F. */
  readonly target: (index: number) => ComplexValue;
  /** Start coefficient (of gamma G, or the derived coefficient of the other family member). */
  readonly start: (index: number) => ComplexValue;
}

export interface HomotopyValues {
  /** H scaled as described above. */
  readonly value: readonly ComplexValue[];
  /** n x N; null is a structural zero. */
  readonly jacobian: readonly (readonly MaybeZero[])[];
  /** -dH/ds in the same scaling: the right side of the tangent. */
  readonly minusDerivative: readonly ComplexValue[];
}

const ZERO: ComplexValue = { re: '0.0f', im: '0.0f' };

/**
 * @param coordinates the N projective coordinates.
 * @param homotopyParameter names of s, and for start systems sigma = s / (1 - s), scale = 1 / (1 - s).
 */
export function emitHomotopy(
  code: StraightLine,
  structure: HomotopyStructure,
  coordinates: readonly ComplexValue[],
  source: CoefficientSource,
  homotopyParameter: { readonly s: string; readonly sigma: string; readonly scale: string },
): HomotopyValues {
  if (structure.start.kind === 'parameters') {
    return emitParameterHomotopy(code, structure.target, coordinates, source, homotopyParameter.s);
  }
  const registers = emitProducts(code, structure.target, coordinates);
  const jacobianF = emitJacobian(code, structure.target, registers, source.target);
  const valuesF = emitValues(code, structure, registers, jacobianF, source.target);
  const { value: valuesG, jacobian: jacobianG } = emitStart(code, structure, coordinates, source);
  const sigma: ComplexValue = { re: homotopyParameter.sigma, im: null };
  const scale: ComplexValue = { re: homotopyParameter.scale, im: null };
  const blend = (f: MaybeZero, g: MaybeZero): MaybeZero =>
    g ? code.dot([{ left: g, right: sigma }], f) : f;
  return {
    value: valuesF.map((f, i) => blend(f, valuesG[i]!) ?? ZERO),
    jacobian: jacobianF.map((row, i) => row.map((f, j) => blend(f, jacobianG[i]![j]!))),
    minusDerivative: valuesF.map((f, i) => {
      const terms: Summand[] = [{ value: valuesG[i]!, negative: true }];
      if (f) terms.unshift({ value: f });
      return code.mul(code.sum(terms)!, scale);
    }),
  };
}

function emitParameterHomotopy(
  code: StraightLine,
  plan: EvaluationPlan,
  coordinates: readonly ComplexValue[],
  source: CoefficientSource,
  s: string,
): HomotopyValues {
  const differences = new Map<number, ComplexValue>();
  const difference = (index: number): ComplexValue => {
    let value = differences.get(index);
    if (value === undefined) {
      value = code.sum([
        { value: source.start(index) },
        { value: source.target(index), negative: true },
      ])!;
      differences.set(index, value);
    }
    return value;
  };
  const blended = new Map<number, ComplexValue>();
  const coefficient = (index: number): ComplexValue => {
    let value = blended.get(index);
    if (value === undefined) {
      value = code.dot(
        [{ left: difference(index), right: { re: s, im: null } }],
        source.target(index),
      )!;
      blended.set(index, value);
    }
    return value;
  };
  const registers = emitProducts(code, plan, coordinates);
  const jacobian = emitJacobian(code, plan, registers, coefficient);
  const value = plan.direct!.map((sum) => emitSum(code, sum, registers, coefficient) ?? ZERO);
  const derivative = plan.direct!.map((sum) => emitSum(code, sum, registers, difference) ?? ZERO);
  return {
    value,
    jacobian,
    minusDerivative: derivative.map((d) => code.sum([{ value: d, negative: true }])!),
  };
}

function emitProducts(
  code: StraightLine,
  plan: EvaluationPlan,
  coordinates: readonly ComplexValue[],
): ComplexValue[] {
  const registers = [...coordinates];
  for (const { left, right } of plan.products)
    registers.push(code.mul(registers[left]!, registers[right]!));
  return registers;
}

function emitSum(
  code: StraightLine,
  sum: Sum,
  registers: readonly ComplexValue[],
  coefficient: (index: number) => ComplexValue,
): MaybeZero {
  const one: ComplexValue = { re: '1.0f', im: null };
  const units: Summand[] = [];
  const products: { left: ComplexValue; right: ComplexValue }[] = [];
  sum.coefficients.forEach((index, k) => {
    const register = sum.registers[k]!;
    const monomial = register === ONE ? one : registers[register]!;
    if (index === PLUS_ONE) units.push({ value: monomial });
    else if (index === MINUS_ONE) units.push({ value: monomial, negative: true });
    else if (register === ONE) units.push({ value: coefficient(index) });
    else products.push({ left: coefficient(index), right: monomial });
  });
  const start = code.sum(units);
  return products.length === 0 ? start : code.dot(products, start);
}

function emitJacobian(
  code: StraightLine,
  plan: EvaluationPlan,
  registers: readonly ComplexValue[],
  coefficient: (index: number) => ComplexValue,
): MaybeZero[][] {
  return plan.jacobian.map((row) => {
    const entries = new Array<MaybeZero>(plan.coordinates).fill(null);
    for (const entry of row)
      entries[entry.coordinate] = emitSum(code, entry, registers, coefficient);
    return entries;
  });
}

function emitValues(
  code: StraightLine,
  structure: HomotopyStructure,
  registers: readonly ComplexValue[],
  jacobian: readonly (readonly MaybeZero[])[],
  coefficient: (index: number) => ComplexValue,
): MaybeZero[] {
  return structure.target.values.map((rule, i) => {
    if (rule.kind === 'sum') return emitSum(code, rule.sum, registers, coefficient);
    const terms = structure.groups[rule.group]!.flatMap((coordinate) => {
      const entry = jacobian[i]![coordinate];
      return entry ? [{ left: registers[coordinate]!, right: entry }] : [];
    });
    const total = code.dot(terms);
    return total && rule.degree > 1
      ? code.mul(total, { re: literal(1 / rule.degree), im: null })
      : total;
  });
}

/** G and dG: two powers, or prefix and suffix products of linear forms (never expanded). */
function emitStart(
  code: StraightLine,
  structure: HomotopyStructure,
  coordinates: readonly ComplexValue[],
  source: CoefficientSource,
): { value: ComplexValue[]; jacobian: MaybeZero[][] } {
  const { start, variables: n } = structure;
  const value: ComplexValue[] = [];
  const jacobian: MaybeZero[][] = [];
  for (let i = 0; i < n; i++) {
    const row = new Array<MaybeZero>(structure.coordinates).fill(null);
    if (start.kind === 'univariate') {
      const degree = start.degrees[i]!;
      const homogenising = n + structure.groupOf[i]!;
      const scaled = (k: number, coordinate: number): ComplexValue =>
        code.mul(source.start(k), code.power(coordinates[coordinate]!, degree - 1));
      const x = scaled(2 * i, i);
      const one = scaled(2 * i + 1, homogenising);
      value.push(
        code.dot([
          { left: x, right: coordinates[i]! },
          { left: one, right: coordinates[homogenising]! },
        ])!,
      );
      row[i] = code.mul(x, { re: literal(degree), im: null });
      row[homogenising] = code.mul(one, { re: literal(degree), im: null });
    } else if (start.kind === 'product') {
      const factors = start.factors[i]!;
      const forms = factors.map((factor) =>
        code.dot(
          factor.coordinates.map((coordinate, k) => ({
            left: source.start(factor.offset + k),
            right: coordinates[coordinate]!,
          })),
        )!,
      );
      const cofactors = productsOfOthers(code, forms);
      value.push(cofactors[0] ? code.mul(cofactors[0], forms[0]!) : forms[0]!);
      const columns = new Map<number, { left: ComplexValue; right: ComplexValue }[]>();
      factors.forEach((factor, l) =>
        factor.coordinates.forEach((coordinate, k) => {
          const terms = columns.get(coordinate) ?? [];
          terms.push({
            left: source.start(factor.offset + k),
            right: cofactors[l] ?? { re: '1.0f', im: null },
          });
          columns.set(coordinate, terms);
        }),
      );
      for (const [coordinate, terms] of columns) row[coordinate] = code.dot(terms);
    }
    jacobian.push(row);
  }
  return { value, jacobian };
}

/** For every factor the product of all the others, by prefix and suffix products; null for 1. */
function productsOfOthers(code: StraightLine, forms: readonly ComplexValue[]): MaybeZero[] {
  const times = (a: MaybeZero, b: MaybeZero): MaybeZero => (a && b ? code.mul(a, b) : (a ?? b));
  const suffix = new Array<MaybeZero>(forms.length + 1).fill(null);
  for (let l = forms.length - 1; l > 0; l--) suffix[l] = times(forms[l]!, suffix[l + 1]!);
  let prefix: MaybeZero = null;
  return forms.map((form, l) => {
    const others = times(prefix, suffix[l + 1]!);
    prefix = times(prefix, form);
    return others;
  });
}
