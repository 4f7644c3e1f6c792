/**
 * Translates a program to straight-line WGSL: H, its Jacobian and -dH/ds at one point.
 */
import type { CoefficientRule, Program } from '../program/program.js';
import {
  literal,
  type ComplexValue,
  type MaybeZero,
  type StraightLine,
  type Summand,
} from './straight-line.js';

/** How generated code reads its coefficients. */
export interface CoefficientSource {
  /** Data of F. */
  readonly target: (index: number) => ComplexValue;
  /** Coefficient of gamma G, or gamma. */
  readonly start: (index: number) => ComplexValue;
}

export interface HomotopyValues {
  readonly value: readonly ComplexValue[];
  /** n x N; null is a structural zero. */
  readonly jacobian: readonly (readonly MaybeZero[])[];
  /** -dH/ds: the right side of the tangent. */
  readonly minusDerivative: readonly ComplexValue[];
}

const ONE: ComplexValue = { re: '1.0f', im: null };
const MINUS_ONE: ComplexValue = { re: '-1.0f', im: null };
const ZERO: ComplexValue = { re: '0.0f', im: null };
/** Operations of a product and an exponential, as the cost model counts them. */
const EXPONENTIAL = 16;

/**
 * @param coordinates the N projective coordinates.
 * @param names of s, sigma = s / (1 - s) and 1 / (1 - s).
 */
export function emitProgram(
  code: StraightLine,
  program: Program,
  coordinates: readonly ComplexValue[],
  source: CoefficientSource,
  names: { readonly s: string; readonly sigma: string; readonly scale: string },
): HomotopyValues {
  const step = emitStep(code, program, source, names);
  const moving = new Map<number, { value: ComplexValue; slope: ComplexValue }>();
  const move = (index: number) => {
    let numbers = moving.get(index);
    if (!numbers) {
      const rule = program.rules[index]!;
      numbers =
        program.stepKind === 'powers'
          ? emitPower(code, rule, source, names.s)
          : emitMoving(code, rule, source, step[0]!, step[2]!);
      moving.set(index, numbers);
    }
    return numbers;
  };
  const temporaries: ComplexValue[] = [];
  const read = (register: number): ComplexValue => {
    if (register >= program.temporaries) return temporaries[register - program.temporaries]!;
    if (register >= program.starts) return source.start(register - program.starts);
    if (register >= program.slopes) return move(program.moving[register - program.slopes]!).slope;
    if (register >= program.coefficients) {
      const index = register - program.coefficients;
      const { first, degree } = program.rules[index]!;
      return degree > 0 ? move(index).value : source.target(first);
    }
    if (register >= program.step) return step[register - program.step]!;
    if (register === program.one) return ONE;
    return register === program.zero ? ZERO : coordinates[register]!;
  };
  for (const { terms, times, over } of program.instructions) {
    const units: Summand[] = [];
    const products: { left: ComplexValue; right: ComplexValue; negative: boolean }[] = [];
    for (const { left, right, negative } of terms) {
      if (right === program.one) units.push({ value: read(left), negative });
      else products.push({ left: read(right), right: read(left), negative });
    }
    const [only] = products;
    const sum =
      terms.length === 1 && only && !only.negative
        ? code.mul(only.left, only.right)
        : code.dot(products, code.sum(units))!;
    temporaries.push(times === over ? sum : code.mul(sum, { re: literal(times / over), im: null }));
  }
  return {
    value: program.values.map(read),
    jacobian: program.jacobian.map((row) => {
      const entries = new Array<MaybeZero>(program.coordinates).fill(null);
      for (const { coordinate, register } of row) entries[coordinate] = read(register);
      return entries;
    }),
    minusDerivative: program.derivatives.map(read),
  };
}

/** The numbers that depend on s alone (see program.ts). */
function emitStep(
  code: StraightLine,
  program: Program,
  source: CoefficientSource,
  names: { readonly s: string; readonly sigma: string; readonly scale: string },
): readonly ComplexValue[] {
  if (program.stepKind === 'start') {
    return [
      { re: names.sigma, im: null },
      { re: names.scale, im: null },
    ];
  }
  if (program.stepKind === 'powers') return [ZERO, MINUS_ONE];
  const s: ComplexValue = { re: names.s, im: null };
  const gamma = source.start(0);
  const weight = code.sum([
    { value: ONE },
    { value: code.mul(gamma, s) },
    { value: s, negative: true },
  ])!;
  const inverse = code.reciprocal(weight);
  const quotient = code.mul(gamma, inverse);
  const rate = code.mul(quotient, inverse);
  const rest = code.sum([{ value: ONE }, { value: s, negative: true }])!;
  return [
    code.mul(quotient, s),
    code.sum([{ value: rate, negative: true }])!,
    code.mul(rest, inverse),
  ];
}

/** De Casteljau's algorithm. */
function emitMoving(
  code: StraightLine,
  { first, degree }: { readonly first: number; readonly degree: number },
  source: CoefficientSource,
  tau: ComplexValue,
  rest: ComplexValue,
): { value: ComplexValue; slope: ComplexValue } {
  let points = Array.from({ length: degree + 1 }, (_, power) => source.target(first + power));
  for (; points.length > 2;) points = interpolate(points);
  const difference = code.sum([{ value: points[1]! }, { value: points[0]!, negative: true }])!;
  const slope = degree === 1 ? difference : code.mul(difference, { re: literal(degree), im: null });
  return { value: interpolate(points)[0]!, slope };

  function interpolate(values: readonly ComplexValue[]): ComplexValue[] {
    return values.slice(1).map((value, k) =>
      code.dot([
        { left: values[k]!, right: rest },
        { left: value, right: tau },
      ])!,
    );
  }
}

/** c exp(p s) and its slope. */
function emitPower(
  code: StraightLine,
  { first, power }: CoefficientRule,
  source: CoefficientSource,
  s: string,
): { value: ComplexValue; slope: ComplexValue } {
  const { re } = source.target(power!);
  const factor = code.bind(`exp(${re} * ${s})`, EXPONENTIAL);
  const value = code.mul(source.target(first), { re: factor, im: null });
  return { value, slope: code.mul(value, { re, im: null }) };
}
