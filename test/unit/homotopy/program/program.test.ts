/**
 * Believed afterwards: a recorded program of any kind is the homotopy, its Jacobian and its derivative, and the
 * interpreter runs it in f64, double-double and intervals. The truth: powers multiplied out term by term, derivatives
 * taken by hand (exponent times the monomial of one degree less), forms multiplied one by one, differences in s.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as complex from '../../../../src/math/complex.js';
import * as doubleDouble from '../../../../src/math/double-double.js';
import * as interval from '../../../../src/math/interval.js';
import { Interpreter, type Arithmetic } from '../../../../src/homotopy/program/interpreter.js';
import type { Program } from '../../../../src/homotopy/program/program.js';
import {
  recordHomotopy,
  type StartForm,
} from '../../../../src/homotopy/program/record-homotopy.js';
import { deriveData } from '../../../../src/homotopy/program/record-system.js';
import type { NumericSystem } from '../../../../src/polynomial/system.js';
import { randomNumbers } from '../examples.js';

type Complex = readonly [number, number];
const times = (a: Complex, b: Complex): Complex => [
  a[0] * b[0] - a[1] * b[1],
  a[0] * b[1] + a[1] * b[0],
];
const plus = (a: Complex, b: Complex): Complex => [a[0] + b[0], a[1] + b[1]];
const minus = (a: Complex, b: Complex): Complex => [a[0] - b[0], a[1] - b[1]];

/** The program as its documentation describes it; `data` and `starts` are interleaved. */
function run(
  program: Program,
  point: readonly Complex[],
  step: readonly Complex[],
  data: Float64Array,
  starts: Float64Array = new Float64Array(0),
) {
  const registers: Complex[] = [...point, [1, 0], [0, 0], ...step];
  if (step.length === 2) registers.push([0, 0]);
  const read = (values: Float64Array, k: number): Complex => [values[2 * k]!, values[2 * k + 1]!];
  program.rules.forEach(({ first, degree }) =>
    registers.push(bernstein(degree, step, (k) => read(data, first + k))),
  );
  for (const index of program.moving) {
    const { first, degree } = program.rules[index]!;
    const slope = bernstein(degree - 1, step, (k) =>
      minus(read(data, first + k + 1), read(data, first + k)),
    );
    registers.push(times([degree, 0], slope));
  }
  for (let k = 0; k < starts.length / 2; k++) registers.push(read(starts, k));
  for (const { terms, times: factor, over } of program.instructions) {
    const sum = terms.reduce<Complex>(
      (total, { left, right, negative }) => {
        const product = times(registers[left]!, registers[right]!);
        return negative ? minus(total, product) : plus(total, product);
      },
      [0, 0],
    );
    registers.push([(sum[0] * factor) / over, (sum[1] * factor) / over]);
  }
  expect(registers).toHaveLength(program.registers);
  return outputs(program, (register) => registers[register]!);
}

/** sum of b_k C(d, k) tau^k rest^(d - k), where rest = 1 - tau. */
function bernstein(degree: number, step: readonly Complex[], b: (k: number) => Complex): Complex {
  if (degree === 0) return b(0);
  let sum: Complex = [0, 0];
  let binomial = 1;
  for (let k = 0; k <= degree; k++) {
    const weight = times(power(step[0]!, k), power(step[2]!, degree - k));
    sum = plus(sum, times(times([binomial, 0], weight), b(k)));
    binomial = (binomial * (degree - k)) / (k + 1);
  }
  return sum;
}

function outputs(program: Program, read: (register: number) => Complex) {
  return {
    values: program.values.map(read),
    derivatives: program.derivatives.map(read),
    jacobian: program.jacobian.map((row) => {
      const entries = Array.from({ length: program.coordinates }, (): Complex => [0, 0]);
      for (const { coordinate, register } of row) entries[coordinate] = read(register);
      return entries;
    }),
  };
}

/** The same by the interpreter; of intervals the middles. */
function interpret(
  arithmetic: Arithmetic,
  ...[program, point, step, data, starts]: Parameters<typeof run>
) {
  const interpreter = new Interpreter(program, arithmetic);
  const { registers } = interpreter;
  const { STRIDE, put } = arithmetic;
  interpreter.setData(data);
  if (starts) interpreter.setStarts(starts);
  [...point].forEach((value, j) => put(registers, STRIDE * j, ...value));
  step.forEach((value, k) => put(registers, STRIDE * (program.step + k), ...value));
  interpreter.runStep();
  interpreter.run();
  const read = (register: number): Complex => {
    const at = STRIDE * register;
    if (STRIDE === 2) return [registers[at]!, registers[at + 1]!];
    return arithmetic === interval
      ? [(registers[at]! + registers[at + 1]!) / 2, (registers[at + 2]! + registers[at + 3]!) / 2]
      : [registers[at]!, registers[at + 2]!];
  };
  return outputs(program, read);
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

type Values = ReturnType<typeof run>;

function expectSame(actual: Values, expected: Values): void {
  expect(actual.values).toHaveLength(expected.values.length);
  expected.values.forEach((value, i) => {
    expectClose(actual.values[i]!, value);
    expectClose(actual.derivatives[i]!, expected.derivatives[i]!);
    expected.jacobian[i]!.forEach((entry, j) => expectClose(actual.jacobian[i]![j]!, entry));
  });
}

/** F and dF, multiplied out. */
function evaluateDirectly(each: Sample, point: readonly Complex[]): Omit<Values, 'derivatives'> {
  return {
    values: [0, 1, 2].map((i) => direct(each, i, point, () => 1)),
    jacobian: [0, 1, 2].map((i) =>
      point.map((_, j) =>
        direct(each, i, point, (exponents) => {
          const exponent = exponents[j]!;
          exponents[j] = Math.max(0, exponent - 1);
          return exponent;
        }),
      ),
    ),
  };
}

/** As many linear forms of each group as the degrees say. */
function productStart({ groups, degrees }: Sample): StartForm & { kind: 'product' } {
  let offset = 0;
  return {
    kind: 'product',
    factors: degrees.map((row) =>
      groups.flatMap((group, g) =>
        Array.from({ length: row[g]! }, () => {
          const coordinates = [3 + g, ...group];
          const factor = { coordinates, offset };
          offset += coordinates.length;
          return factor;
        }),
      ),
    ),
  };
}

/** G_i and its derivative by coordinate j: the product rule over the forms. */
function startDirectly(
  form: Exclude<StartForm, { kind: 'parameters' }>,
  i: number,
  point: readonly Complex[],
  starts: readonly Complex[],
): { value: Complex; derivative: (j: number) => Complex } {
  if (form.kind === 'univariate') {
    const degree = form.degrees[i]!;
    const [a, b] = [starts[2 * i]!, starts[2 * i + 1]!];
    const derivative = (j: number): Complex => {
      const factor: Complex = j === i ? a : j === 3 ? b : [0, 0];
      return times(times([degree, 0], factor), power(point[j]!, degree - 1));
    };
    const value = plus(times(a, power(point[i]!, degree)), times(b, power(point[3]!, degree)));
    return { value, derivative };
  }
  const factors = form.factors[i]!;
  const forms = factors.map(({ coordinates, offset }) =>
    coordinates.map((j, k) => times(starts[offset + k]!, point[j]!)).reduce(plus, [0, 0]),
  );
  const derivative = (j: number): Complex =>
    factors
      .map(({ coordinates, offset }, l) => {
        const k = coordinates.indexOf(j);
        const others = forms.filter((_, m) => m !== l).reduce(times, [1, 0]);
        return k < 0 ? ([0, 0] as const) : times(starts[offset + k]!, others);
      })
      .reduce<Complex>(plus, [0, 0]);
  return { value: forms.reduce(times, [1, 0]), derivative };
}

const ARITHMETICS = { complex, doubleDouble, interval };
const line = (system: NumericSystem) => [system];

describe('a blend with a start system', () => {
  it.each(['univariate', 'product'] as const)('%s: F + sigma G, and (F - G) / (1 - s)', (kind) => {
    fc.assert(
      fc.property(sample, fc.integer({ min: 1, max: 1e6 }), (drawn, seed) => {
        // A univariate start has one space.
        const each: Sample =
          kind === 'product'
            ? drawn
            : {
                ...drawn,
                groups: [[0, 1, 2]],
                degrees: drawn.degrees.map((row) => [
                  Math.max(
                    1,
                    row.reduce((a, b) => a + b),
                  ),
                ]),
              };
        const form: Exclude<StartForm, { kind: 'parameters' }> =
          kind === 'product'
            ? productStart(each)
            : { kind, degrees: each.degrees.map(([degree]) => degree!) };
        fc.pre(each.degrees.every((row) => Math.max(...row) > 0));
        const recorded = recordHomotopy(each.system, form, each);
        const random = randomNumbers(seed);
        const draw = (count: number) =>
          Array.from({ length: count }, (): Complex => [random(), random()]);
        const point = draw(3 + each.groups.length);
        const starts = draw(recorded.program.temporaries - recorded.program.starts);
        const step: readonly [Complex, Complex] = [draw(1)[0]!, draw(1)[0]!];
        const f = evaluateDirectly(each, point);
        const g = [0, 1, 2].map((i) => startDirectly(form, i, point, starts));
        const expected: Values = {
          values: f.values.map((value, i) => plus(value, times(step[0], g[i]!.value))),
          derivatives: f.values.map((value, i) => times(step[1], minus(value, g[i]!.value))),
          jacobian: f.jacobian.map((row, i) =>
            row.map((entry, j) => plus(entry, times(step[0], g[i]!.derivative(j)))),
          ),
        };
        const { derived, program, target } = recorded;
        const data = deriveData({ derived, rules: program.rules }, line(each.system)).high;
        const flat = Float64Array.from(starts.flat());
        expectSame(run(program, point, step, data, flat), expected);
        for (const arithmetic of Object.values(ARITHMETICS)) {
          expectSame(interpret(arithmetic, program, point, step, data, flat), expected);
        }
        const alone = { ...f, derivatives: f.values.map((): Complex => [0, 0]) };
        expectSame(run(target, point, step, data), alone);
      }),
      { numRuns: 100 },
    );
  });
});

describe('thousands of monomials', () => {
  it('whose products are chosen without comparing all of them', () => {
    const random = randomNumbers(8);
    const all = Array.from({ length: 17 ** 3 }, (_, k) => [
      k % 17,
      Math.floor(k / 17) % 17,
      Math.floor(k / 289),
    ]);
    const each: Sample = {
      groups: [[0, 1], [2]],
      degrees: [0, 1, 2].map(() => [32, 16]),
      system: {
        variables: ['x', 'y', 'z'],
        equations: [0, 1, 2].map((i) => {
          const exponents = all.filter((_, k) => (k * 7919 + i) % 3 === 0);
          return {
            exponents,
            coefficients: Float64Array.from(exponents.flatMap(() => [random(), random()])),
          };
        }),
      },
    };
    const { derived, target } = recordHomotopy(each.system, productStart(each), each);
    const data = deriveData({ derived, rules: target.rules }, line(each.system)).high;
    const point = Array.from({ length: 5 }, (): Complex => [random(), random()]);
    const step: readonly Complex[] = [
      [0.5, 0],
      [2, 0],
    ];
    const alone = {
      ...evaluateDirectly(each, point),
      derivatives: [0, 1, 2].map((): Complex => [0, 0]),
    };
    expect(target.instructions.length).toBeGreaterThan(4096);
    expectSame(run(target, point, step, data), alone);
  });
});

describe('a family', () => {
  it('moves every coefficient along its polynomial', () => {
    fc.assert(
      fc.property(
        sample,
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 21, maxLength: 21 }),
        (each, seed, powers) => {
          const random = randomNumbers(seed);
          const parameterDegrees = each.system.equations.map(({ exponents }, i) =>
            exponents.map((_, term) => powers[7 * i + term]!),
          );
          const { derived, program, target } = recordHomotopy(
            each.system,
            { kind: 'parameters' },
            { ...each, parameterDegrees },
          );
          // Bernstein coefficients of every coefficient, those beyond its degree 0.
          const way = [0, 1, 2, 3].map((k): NumericSystem => ({
            ...each.system,
            equations: each.system.equations.map(({ exponents }, i) => ({
              exponents,
              coefficients: Float64Array.from(
                exponents.flatMap((_, term) =>
                  k <= parameterDegrees[i]![term]! ? [random(), random()] : [0, 0],
                ),
              ),
            })),
          }));
          const point = Array.from({ length: 3 + each.groups.length }, (): Complex => [
            random(),
            random(),
          ]);
          const tau: Complex = [random(), random()];
          const rate: Complex = [random(), random()];
          const rest = minus([1, 0], tau);
          const step = [tau, rate, rest];
          /** The system whose coefficient of each term is made from those of `way`. */
          const at = (make: (degree: number, b: (k: number) => Complex) => Complex): Sample => ({
            ...each,
            system: {
              ...each.system,
              equations: each.system.equations.map(({ exponents }, i) => ({
                exponents,
                coefficients: Float64Array.from(
                  exponents.flatMap((_, term) =>
                    make(parameterDegrees[i]![term]!, (k) => {
                      const { coefficients } = way[k]!.equations[i]!;
                      return [coefficients[2 * term]!, coefficients[2 * term + 1]!];
                    }),
                  ),
                ),
              })),
            },
          });
          const values = at((degree, b) => bernstein(degree, step, b));
          const slopes = at((degree, b) =>
            degree === 0
              ? [0, 0]
              : times(
                  [degree, 0],
                  bernstein(degree - 1, step, (k) => minus(b(k + 1), b(k))),
                ),
          );
          const expected: Values = {
            ...evaluateDirectly(values, point),
            derivatives: evaluateDirectly(slopes, point).values.map((value) => times(rate, value)),
          };
          const data = deriveData({ derived, rules: program.rules }, way).high;
          // gamma is in tau already.
          const gamma = new Float64Array(2);
          expectSame(run(program, point, step, data, gamma), expected);
          for (const arithmetic of Object.values(ARITHMETICS)) {
            expectSame(interpret(arithmetic, program, point, step, data, gamma), expected);
          }
          const end = evaluateDirectly(
            at((_, b) => b(0)),
            point,
          );
          const alone = { ...end, derivatives: end.values.map((): Complex => [0, 0]) };
          expectSame(run(target, point, step, data), alone);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('recording', () => {
  it('computes nothing twice and nothing before its operands', () => {
    fc.assert(
      fc.property(sample, (each) => {
        fc.pre(each.degrees.every((row) => Math.max(...row) > 0));
        const { program } = recordHomotopy(each.system, productStart(each), each);
        const seen = new Set<string>();
        program.instructions.forEach((instruction, k) => {
          for (const { left, right } of instruction.terms) {
            expect(Math.max(left, right)).toBeLessThan(program.temporaries + k);
          }
          const key = JSON.stringify(instruction);
          expect(seen.has(key)).toBe(false);
          seen.add(key);
        });
      }),
    );
  });

  it('calls a coefficient 1 only where it is exactly 1', () => {
    const coefficientsOf = (coefficient: number, exponent: number) => {
      const system: NumericSystem = {
        variables: ['x'],
        equations: [{ exponents: [[exponent]], coefficients: Float64Array.of(coefficient, 0) }],
      };
      const start = { kind: 'univariate', degrees: [exponent] } as const;
      const { derived } = recordHomotopy(system, start, { degrees: [[exponent]], groups: [[0]] });
      return derived.filter(({ multiplier }) => multiplier === exponent).length;
    };
    // In f64, 3 times the number next to 1/3 rounds to 1.
    expect([coefficientsOf(1, 1), coefficientsOf(0.5, 2), coefficientsOf(1 / 3, 3)]).toEqual([
      0, 0, 1,
    ]);
  });

  it('refuses a term that the structure has no room for', () => {
    const system: NumericSystem = {
      variables: ['x'],
      equations: [{ exponents: [[3]], coefficients: Float64Array.of(1, 0) }],
    };
    const start = { kind: 'univariate', degrees: [2] } as const;
    expect(() => recordHomotopy(system, start, { degrees: [[2]], groups: [[0]] })).toThrow(
      /equation 1, term 1: degree 3 .* exceeds .* 2/,
    );
  });
});
