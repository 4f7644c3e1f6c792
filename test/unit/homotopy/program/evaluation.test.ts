/**
 * Believed afterwards: the straight-line program of any sparse system computes its homogenised
 * equations and their Jacobian. The truth: powers multiplied out term by term, and derivatives
 * taken by hand (exponent times the monomial of one degree less).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deriveCoefficients,
  MINUS_ONE,
  ONE,
  planEvaluation,
  PLUS_ONE,
  type EvaluationPlan,
  type Sum,
} from '../../../../src/homotopy/program/evaluation.js';
import type { NumericSystem } from '../../../../src/polynomial/system.js';
import { randomNumbers } from '../examples.js';

type Complex = readonly [number, number];
const times = (a: Complex, b: Complex): Complex => [
  a[0] * b[0] - a[1] * b[1],
  a[0] * b[1] + a[1] * b[0],
];
const plus = (a: Complex, b: Complex): Complex => [a[0] + b[0], a[1] + b[1]];

/** The program as its documentation describes it. */
function run(plan: EvaluationPlan, coefficients: Float64Array, point: readonly Complex[]) {
  const registers = [...point];
  for (const { left, right } of plan.products) {
    registers.push(times(registers[left]!, registers[right]!));
  }
  const sum = ({ coefficients: numbers, registers: terms }: Sum): Complex =>
    numbers.reduce<Complex>(
      (total, number, k) => {
        const coefficient: Complex =
          number === PLUS_ONE
            ? [1, 0]
            : number === MINUS_ONE
              ? [-1, 0]
              : [coefficients[2 * number]!, coefficients[2 * number + 1]!];
        const register: Complex = terms[k] === ONE ? [1, 0] : registers[terms[k]!]!;
        return plus(total, times(coefficient, register));
      },
      [0, 0],
    );
  const jacobian = plan.jacobian.map((row) => {
    const entries = point.map((): Complex => [0, 0]);
    for (const entry of row) entries[entry.coordinate] = sum(entry);
    return entries;
  });
  return { sum, jacobian };
}

interface Sample {
  readonly system: NumericSystem;
  readonly groups: readonly (readonly number[])[];
  readonly degrees: readonly (readonly number[])[];
}

const sample: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.constantFrom<number[][]>([[0, 1, 2]], [[0, 2], [1]], [[0], [1], [2]], [[1, 2], [0]]),
    fc.array(
      fc.uniqueArray(
        fc.record({
          exponents: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 }),
          re: fc.constantFrom(1, -1, 2, 0.5, -3.25),
          im: fc.constantFrom(0, 0, 0, 1, -0.75),
        }),
        { minLength: 1, maxLength: 7, selector: ({ exponents }) => exponents.join() },
      ),
      { minLength: 3, maxLength: 3 },
    ),
    fc.integer({ min: 0, max: 1 }),
  )
  .map(([groups, equations, slack]) => ({
    groups,
    // A structure may allow a higher degree than the equation has.
    degrees: equations.map((terms) =>
      groups.map(
        (group) =>
          slack +
          Math.max(
            ...terms.map(({ exponents }) => group.reduce((sum, j) => sum + exponents[j]!, 0)),
          ),
      ),
    ),
    system: {
      variables: ['x', 'y', 'z'],
      equations: equations.map((terms) => ({
        exponents: terms.map(({ exponents }) => exponents),
        coefficients: Float64Array.from(terms.flatMap(({ re, im }) => [re, im])),
      })),
    },
  }));

function power(base: Complex, exponent: number): Complex {
  let result: Complex = [1, 0];
  for (let k = 0; k < exponent; k++) result = times(result, base);
  return result;
}

/** Sum over the homogenised terms, each passed through `change` (exponents -> factor, exponents). */
function direct(
  { system, groups, degrees }: Sample,
  i: number,
  point: readonly Complex[],
  change: (exponents: number[]) => number,
): Complex {
  const { exponents, coefficients } = system.equations[i]!;
  return exponents.reduce<Complex>(
    (total, own, term) => {
      const full = [
        ...own,
        ...groups.map((group, g) => degrees[i]![g]! - group.reduce((sum, j) => sum + own[j]!, 0)),
      ];
      const factor = change(full);
      if (factor === 0) return total;
      const monomial = full.reduce<Complex>(
        (p, e, j) => times(p, power(point[j]!, e)),
        [factor, 0],
      );
      return plus(total, times([coefficients[2 * term]!, coefficients[2 * term + 1]!], monomial));
    },
    [0, 0],
  );
}

function expectClose(actual: Complex, expected: Complex): void {
  const size = Math.max(1, Math.hypot(...expected));
  expect(Math.hypot(actual[0] - expected[0], actual[1] - expected[1]) / size).toBeLessThan(1e-11);
}

describe('the program', () => {
  it.each([true, false])('is the system and its Jacobian (unit coefficients %s)', (unit) => {
    fc.assert(
      fc.property(sample, fc.integer({ min: 1, max: 1e6 }), (each, seed) => {
        const random = randomNumbers(seed);
        const plan = planEvaluation(each.system, {
          degrees: each.degrees,
          groups: each.groups,
          unitCoefficients: unit,
          directValues: !unit,
        });
        const coordinates = 3 + each.groups.length;
        expect(plan.coordinates).toBe(coordinates);
        const point = Array.from({ length: coordinates }, (): Complex => [random(), random()]);
        const { sum, jacobian } = run(plan, deriveCoefficients(plan, each.system).high, point);
        for (let i = 0; i < 3; i++) {
          const value = direct(each, i, point, () => 1);
          for (let j = 0; j < coordinates; j++) {
            const derivative = direct(each, i, point, (exponents) => {
              const exponent = exponents[j]!;
              exponents[j] = Math.max(0, exponent - 1);
              return exponent;
            });
            expectClose(jacobian[i]![j]!, derivative);
          }
          const rule = plan.values[i]!;
          if (rule.kind === 'sum') expectClose(sum(rule.sum), value);
          else {
            const members = [...each.groups[rule.group]!, 3 + rule.group];
            const euler = members.reduce<Complex>(
              (total, j) => plus(total, times(point[j]!, jacobian[i]![j]!)),
              [0, 0],
            );
            expect(rule.degree).toBe(each.degrees[i]![rule.group]);
            expectClose([euler[0] / rule.degree, euler[1] / rule.degree], value);
          }
          if (plan.direct) expectClose(sum(plan.direct[i]!), value);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('uses every monomial once and in order', () => {
    fc.assert(
      fc.property(sample, (each) => {
        const plan = planEvaluation(each.system, {
          degrees: each.degrees,
          groups: each.groups,
          unitCoefficients: true,
          directValues: false,
        });
        const seen = new Set<string>();
        plan.products.forEach(({ left, right }, p) => {
          expect(Math.max(left, right)).toBeLessThan(plan.coordinates + p);
          const key = [left, right].sort((a, b) => a - b).join();
          expect(seen.has(key)).toBe(false);
          seen.add(key);
        });
      }),
    );
  });

  it('calls a coefficient 1 only where it is exactly 1', () => {
    const unitOf = (coefficient: number, exponent: number) => {
      const system: NumericSystem = {
        variables: ['x'],
        equations: [{ exponents: [[exponent]], coefficients: Float64Array.of(coefficient, 0) }],
      };
      const plan = planEvaluation(system, {
        degrees: [[exponent]],
        groups: [[0]],
        unitCoefficients: true,
        directValues: false,
      });
      return plan.jacobian[0]![0]!.coefficients[0] === PLUS_ONE;
    };
    // In f64, 3 times the number next to 1/3 rounds to 1.
    expect([unitOf(1, 1), unitOf(0.5, 2), unitOf(1 / 3, 3)]).toEqual([true, true, false]);
  });

  it('refuses a term that the structure has no room for', () => {
    const system: NumericSystem = {
      variables: ['x'],
      equations: [{ exponents: [[3]], coefficients: Float64Array.of(1, 0) }],
    };
    expect(() =>
      planEvaluation(system, {
        degrees: [[2]],
        groups: [[0]],
        unitCoefficients: true,
        directValues: false,
      }),
    ).toThrow(/equation 1, term 1: degree 3 .* exceeds .* 2/);
  });
});
