/**
 * Believed afterwards: the WebAssembly, typed-array and double-double kernels are one function, and
 * that function is the homotopy with its Newton corrections and tangents: (1 - s) F + s G, over 1 - s,
 * from a start system, and the member at p(s) in a family. The truth: plain evaluation of F, of members
 * at parameters on the way, zeros of G, and differences of H itself.
 */
import { describe, expect, it } from 'vitest';
import {
  DoubleDoubleKernel,
  TypedArrayKernel,
} from '../../../../src/homotopy/newton/interpreted-kernel.js';
import type { NewtonKernel } from '../../../../src/homotopy/newton/kernel.js';
import { compileKernels } from '../../../../src/homotopy/newton/kernels.js';
import {
  compileDoubleDouble,
  WasmDoubleDoubleKernel,
} from '../../../../src/homotopy/newton/wasm/double-double-kernel.js';
import { eliminationOrder } from '../../../../src/homotopy/newton/wasm/elimination.js';
import { compileKernel, WasmKernel } from '../../../../src/homotopy/newton/wasm/kernel.js';
import {
  coefficientHomotopies,
  parameterHomotopies,
  type Homotopy,
} from '../../../../src/homotopy/program/homotopy.js';
import {
  member,
  memberLine,
  parameterDegrees,
  parseFamily,
  type ParameterValue,
} from '../../../../src/polynomial/family.js';
import { evaluate, toNumeric } from '../../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import { scaleEquations } from '../../../../src/polynomial/scaling.js';
import type { NumericSystem } from '../../../../src/polynomial/system.js';
import { example, randomNumbers } from '../examples.js';

const TEXT = `x^2*y - 3*y*z + 2*z - 1/7
x*y*z - x^3 + 100*z^2 - 0.3
x*z - y + (1 + 2*i)*y^2 - z`;

type Complex = readonly [number, number];
const times = (a: Complex, b: Complex): Complex => [
  a[0] * b[0] - a[1] * b[1],
  a[0] * b[1] + a[1] * b[0],
];
const plus = (a: Complex, b: Complex): Complex => [a[0] + b[0], a[1] + b[1]];
const over = (a: Complex, b: Complex): Complex => {
  const norm = b[0] ** 2 + b[1] ** 2;
  return [(a[0] * b[0] + a[1] * b[1]) / norm, (a[1] * b[0] - a[0] * b[1]) / norm];
};

interface Case {
  readonly name: string;
  readonly homotopy: Homotopy;
  /** The system that H is at a real s, in a family; else null. */
  readonly memberAt: ((s: number) => NumericSystem) | null;
  readonly target: NumericSystem;
}

const GAMMA: Complex = [0.6, 0.8];

/** @param degrees [equation][group] of the closure in the spaces of x and y. */
function familyCase(name: string, text: string, degrees: number[][]): Case {
  const family = parseFamily(text, { parameters: ['a', 'b', 'c'] });
  const from: Complex[] = [
    [1, 2],
    [-0.5, 0.25],
    [3, 0],
  ];
  const to: ParameterValue[] = [0.7, -1.5, [2, -1]];
  const homotopies = parameterHomotopies(
    member(family, to),
    parameterDegrees(family),
    [[0], [1]],
    degrees,
    GAMMA,
  );
  return {
    name,
    homotopy: homotopies(memberLine(family, from, to)),
    target: member(family, to),
    memberAt: (s) => {
      const tau = over([s * GAMMA[0], s * GAMMA[1]], [1 - s + s * GAMMA[0], s * GAMMA[1]]);
      return member(
        family,
        to.map((value, k) => {
          const end: Complex = typeof value === 'number' ? [value, 0] : value;
          const way: Complex = [from[k]![0] - end[0], from[k]![1] - end[1]];
          return plus(end, times(tau, way));
        }),
      );
    },
  };
}

const cases: Case[] = [
  ...(['total-degree', 'lps', 'multihomogeneous'] as const).map((start): Case => {
    const { homotopy, system } = example(TEXT, start, 7);
    return {
      name: `${homotopy.structure.start.kind} (${start})`,
      homotopy,
      target: system,
      memberAt: null,
    };
  }),
  familyCase('affine family', 'a*x^2*y + b*y - c\nx*y^2 + a*x - b + c*y', [
    [2, 1],
    [1, 2],
  ]),
  familyCase(
    'family of degree 3',
    'a*b*x^2*y + (b^2 - a)*y - c + 2*x\n(a*b*c - 1)*x*y^2 + a^3*x - b*c + 3*y',
    [
      [2, 1],
      [1, 2],
    ],
  ),
];

async function kernels(homotopy: Homotopy) {
  const { structure } = homotopy;
  const compiled = await compileKernel(structure);
  const all: NewtonKernel[] = [
    new TypedArrayKernel(structure),
    new WasmKernel(structure, compiled!),
    new DoubleDoubleKernel(structure),
    new WasmDoubleDoubleKernel(structure, await compileDoubleDouble(structure)),
  ];
  for (const kernel of all) {
    kernel.setStart(homotopy.startCoefficients);
    kernel.setTarget(homotopy.targetCoefficients, homotopy.targetLow);
  }
  return all as [NewtonKernel, NewtonKernel, NewtonKernel, NewtonKernel];
}

/** Random projective coordinates; one random coordinate of each group is the chart, exactly 1. */
function randomPoint({ structure }: Homotopy, random: () => number) {
  const point = Float64Array.from({ length: 2 * structure.coordinates }, random);
  const charts = structure.groups.map((group) => {
    const chart = group[Math.floor(((random() + 1) / 2) * group.length)]!;
    point[2 * chart] = 1;
    point[2 * chart + 1] = 0;
    return chart;
  });
  return { point, charts };
}

/** Every number times a complex one. */
function multiply(values: Float64Array, factor: Complex): Float64Array {
  const out = new Float64Array(values.length);
  for (let k = 0; k < values.length; k += 2) {
    out.set(times([values[k]!, values[k + 1]!], factor), k);
  }
  return out;
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [largest, size] = [0, 1e-300];
  for (let k = 0; k < a.length; k++) {
    largest = Math.max(largest, Math.abs(a[k]! - b[k]!));
    size = Math.max(size, Math.abs(b[k]!));
  }
  return largest / size;
}

describe.each(cases)('$name', ({ homotopy, target, memberAt }) => {
  it('double-double in WebAssembly agrees with typed arrays to 28 digits', async () => {
    const [, , typed, wasm] = await kernels(homotopy);
    const random = randomNumbers(19);
    for (let run = 0; run < 20; run++) {
      const { point, charts } = randomPoint(homotopy, random);
      const s = run === 0 ? ([1, 0] as const) : ([0.5 + 0.4 * random(), 0.3 * random()] as const);
      const ratios = [typed, wasm].map((kernel) => {
        kernel.setPoint(point);
        kernel.setCharts(charts);
        return kernel.iterate(...s);
      });
      expect(ratios[1]! / ratios[0]!).toBeCloseTo(1, 12);
      for (const kernel of [typed, wasm]) kernel.applyCorrection();
      // Low parts carry the digits that f64 has not.
      const digits = (kernel: NewtonKernel) =>
        kernel.point.map((part, k) => part - typed.point[k]! + kernel.low![k]!);
      expect(difference(digits(wasm), digits(typed)) * 2 ** -52).toBeLessThan(
        1e-28 / Math.min(1, ratios[0]!),
      );
      for (const kernel of [typed, wasm]) {
        kernel.rechart(homotopy.structure.groups.map((group) => group[run % group.length]!));
        kernel.iterate(...s);
      }
      expect(difference(wasm.correction, typed.correction)).toBeLessThan(1e-12 / ratios[0]!);
    }
  });

  it('all kernels agree at random points, charts and complex s', async () => {
    const [typed, wasm, precise] = await kernels(homotopy);
    const random = randomNumbers(17);
    for (let run = 0; run < 50; run++) {
      const { point, charts } = randomPoint(homotopy, random);
      const s = [random(), run % 2 === 0 ? 0 : random()] as const;
      const ratios = [typed, wasm, precise].map((kernel) => {
        kernel.setPoint(point);
        kernel.setCharts(charts);
        return kernel.iterate(...s);
      });
      // Rounding is amplified by the condition, for which the pivots stand.
      const limit = 1e-13 / ratios[2]!;
      for (const kernel of [typed, wasm]) {
        expect(difference(kernel.value, precise.value)).toBeLessThan(1e-13);
        expect(difference(kernel.correction, precise.correction)).toBeLessThan(limit);
        expect(difference(kernel.tangent, precise.tangent)).toBeLessThan(limit);
      }
      expect(ratios[0]).toBeCloseTo(ratios[1]!, 10);
      // Double-double orders rows by other norms: an order of magnitude is what the ratio means.
      expect(Math.abs(Math.log10(ratios[0]! / ratios[2]!))).toBeLessThan(1);
      for (const kernel of [typed, wasm, precise]) {
        kernel.applyCorrection();
        for (const chart of charts) {
          expect(Array.from(kernel.point.subarray(2 * chart, 2 * chart + 2))).toEqual([1, 0]);
        }
        const other = homotopy.structure.groups.map((group) => group[run % group.length]!);
        kernel.rechart(other);
        expect(kernel.iterate(0.5, 0)).toBeGreaterThan(0);
      }
      expect(difference(typed.point, precise.point)).toBeLessThan(100 * limit);
      expect(difference(wasm.point, precise.point)).toBeLessThan(100 * limit);
    }
  });

  it('the correction solves J c = H and the tangent J t = -H_s', async () => {
    const random = randomNumbers(23);
    for (const kernel of await kernels(homotopy)) {
      for (let run = 0; run < 10; run++) {
        const { point, charts } = randomPoint(homotopy, random);
        const [re, im] = [0.3 + 0.2 * random(), 0.2 * random()];
        const valueAt = (x: Float64Array, sRe: number): Float64Array => {
          kernel.setPoint(x);
          kernel.setCharts(charts);
          kernel.iterate(sRe, im);
          return kernel.value.slice();
        };
        /** H(x, s) without the division by 1 - s, and what it is divided by here. */
        const unscaled = (values: Float64Array, sRe: number): Float64Array =>
          memberAt ? values : multiply(values, [1 - sRe, -im]);
        const value = valueAt(point, re);
        const correction = kernel.correction.slice();
        const tangent = kernel.tangent.slice();
        /** Central difference of H along a direction. */
        const along = (direction: Float64Array): Float64Array => {
          const size = Math.max(...direction.map(Math.abs));
          const step = 1e-5 / size;
          const at = (sign: number) =>
            valueAt(
              point.map((part, k) => part + sign * step * direction[k]!),
              re,
            );
          const [forward, backward] = [at(1), at(-1)];
          return forward.map((part, k) => (part - backward[k]!) / (2 * step));
        };
        const [before, after] = [re - 1e-4, re + 1e-4].map((each) =>
          unscaled(valueAt(point, each), each),
        );
        const slope = before!.map((part, k) => (part - after![k]!) / 2e-4);
        const speed = memberAt ? slope : multiply(slope, over([1, 0], [1 - re, -im]));
        expect(difference(along(correction), value)).toBeLessThan(1e-6);
        expect(difference(along(tangent), speed)).toBeLessThan(1e-6);
      }
    }
  });

  it('H is F at s = 0, and on the way a blend or another member', async () => {
    const random = randomNumbers(29);
    const { structure } = homotopy;
    for (const kernel of await kernels(homotopy)) {
      const { point, charts } = randomPoint(homotopy, random);
      const valueAt = (s: number): Float64Array => {
        kernel.setPoint(point);
        kernel.setCharts(charts);
        kernel.iterate(s, 0);
        return kernel.value.slice();
      };
      const end = valueAt(0);
      if (memberAt === null) {
        // F + sigma G, with sigma 1 at s = 1/2 and 3 at s = 3/4.
        const sum = valueAt(0.5);
        const expected = end.map((part, k) => 3 * sum[k]! - 2 * part);
        expect(difference(valueAt(0.75), expected)).toBeLessThan(1e-13);
      }
      // F(x / x0) of the scaled equations; powers of x0 are the same for all kernels and points.
      const affine = new Float64Array(2 * structure.variables);
      for (let j = 0; j < structure.variables; j++) {
        const at = 2 * (structure.variables + structure.groupOf[j]!);
        const [zr, zi] = [point[at]!, point[at + 1]!];
        const norm = zr * zr + zi * zi;
        affine[2 * j] = (point[2 * j]! * zr + point[2 * j + 1]! * zi) / norm;
        affine[2 * j + 1] = (point[2 * j + 1]! * zr - point[2 * j]! * zi) / norm;
      }
      const moduli = (values: Float64Array, i: number) =>
        Math.hypot(values[2 * i]!, values[2 * i + 1]!);
      const check = (values: Float64Array, system: NumericSystem) => {
        const expected = evaluate(system, affine);
        for (let i = 0; i < structure.variables; i++) {
          const scale = degreesOf(homotopy, i).reduce((product, degree, g) => {
            const at = structure.variables + g;
            return product * Math.hypot(point[2 * at]!, point[2 * at + 1]!) ** degree;
          }, 1);
          expect(moduli(values, i) / (moduli(expected, i) * scale)).toBeCloseTo(1, 9);
        }
      };
      check(end, memberAt ? target : scaleEquations(target));
      for (const s of memberAt ? [0.1, 0.5, 0.9, 1] : []) check(valueAt(s), memberAt!(s));
    }
  });
});

/** Degree of equation i in each group: counted by factors, or by a monomial of the program. */
function degreesOf({ structure }: Homotopy, i: number): number[] {
  const { start, groups, variables } = structure;
  if (start.kind === 'univariate') return [start.degrees[i]!];
  if (start.kind === 'parameters') return i === 0 ? [2, 1] : [1, 2];
  return groups.map(
    (_, g) =>
      start.factors[i]!.filter(({ coordinates }) => coordinates[0] === variables + g).length,
  );
}

describe('a Jacobian with few entries, in a static order of pivots', () => {
  const n = 9;
  const name = (k: number) => `x${k % n}`;
  const text = Array.from(
    { length: n },
    (_, k) => `a*${name(k)}^2 + b*${name(k + 1)}*${name(k + 4)} - c*${name(k)} + ${k + 1}`,
  ).join('\n');
  const family = parseFamily(text, { parameters: ['a', 'b', 'c'] });
  const [from, to]: Complex[][] = [
    [
      [1, 2],
      [-0.5, 0.25],
      [3, 0],
    ],
    [
      [0.7, 0.1],
      [-1.5, 1],
      [2, -1],
    ],
  ];
  const homotopy = parameterHomotopies(
    member(family, to!),
    parameterDegrees(family),
    [Array.from({ length: n }, (_, k) => k)],
    family.polynomials.map(() => [2]),
    GAMMA,
  )(memberLine(family, from!, to!));
  const { structure } = homotopy;

  const compare = async (point: Float64Array, chart: number, s: Complex) => {
    const [, wasm, precise] = await all;
    for (const kernel of [wasm, precise]) {
      kernel.setPoint(point);
      kernel.setCharts([chart]);
    }
    const dense = precise.iterate(...s);
    const ratio = wasm.iterateOnTheWay(...s);
    expect(difference(wasm.correction, precise.correction)).toBeLessThan(1e-11 / dense);
    expect(difference(wasm.tangent, precise.tangent)).toBeLessThan(1e-11 / dense);
    expect(wasm.correctionSize() / precise.correctionSize()).toBeCloseTo(1, 7);
    expect(Array.from(wasm.correction.subarray(2 * chart, 2 * chart + 2))).toEqual([0, 0]);
    expect(Array.from(wasm.tangent.subarray(2 * chart, 2 * chart + 2))).toEqual([0, 0]);
    return { ratio, searched: wasm.iterate(...s) };
  };
  const all = kernels(homotopy);

  it('gives the corrections of double-double in every chart', async () => {
    expect(eliminationOrder(structure)).not.toBeNull();
    const random = randomNumbers(37);
    let inOrder = 0;
    for (let run = 0; run < 40; run++) {
      const point = Float64Array.from({ length: 2 * structure.coordinates }, random);
      const chart = run % structure.coordinates;
      point.set([1, 0], 2 * chart);
      const { ratio, searched } = await compare(point, chart, [random(), run % 2 && random()]);
      if (ratio !== searched) inOrder++;
    }
    expect(inOrder).toBeGreaterThan(30);
  });

  it('searches for pivots where one of the order is 0, and near infinity', async () => {
    const random = randomNumbers(41);
    let searches = 0;
    for (let j = 0; j < structure.coordinates; j++) {
      const point = Float64Array.from({ length: 2 * structure.coordinates }, random);
      const chart = (j + 1) % structure.coordinates;
      point.set([1, 0], 2 * chart);
      point.set(j === n ? [1e-9, 0] : [0, 0], 2 * j);
      const { ratio, searched } = await compare(point, chart, [0.4, 0.1]);
      if (ratio === searched) searches++;
    }
    expect(searches).toBeGreaterThan(0);
  });

  it('leaves dense ones alone', () => {
    for (const each of cases) expect(eliminationOrder(each.homotopy.structure)).toBeNull();
  });
});

describe('a structure that is too long for one WebAssembly function', () => {
  it('keeps the double-double kernel, which reads instructions', async () => {
    const { structure } = example(TEXT).homotopy;
    const { instructions, temporaries } = structure.program;
    const long = [...instructions, ...Array.from({ length: 60_000 }, () => instructions[0]!)];
    const program = {
      ...structure.program,
      instructions: long,
      registers: temporaries + long.length,
    };
    const { f64, precise } = await compileKernels({ ...structure, program });
    expect(f64).toBeNull();
    expect(precise).toBeInstanceOf(WebAssembly.Module);
  });
});

describe('a polyhedral homotopy', () => {
  const general = toNumeric(parseSystem(TEXT));
  const degrees = general.equations.map(({ exponents }) => [
    Math.max(...exponents.map((term) => term.reduce((sum, e) => sum + e, 0))),
  ]);
  const homotopy = coefficientHomotopies(general, [[0, 1, 2]], degrees, GAMMA)(general);
  const { structure } = homotopy;
  const random = randomNumbers(31);
  const powersOfTerms = structure.terms.flat().map((_, term) => (term % 3) * (1.5 + random()));
  const powers = Float64Array.from(structure.ruleTerms, (term) => powersOfTerms[term]!);

  it('has the coefficients c exp(p s), and its tangent is that of the path', async () => {
    const all = [
      new TypedArrayKernel(structure),
      new WasmKernel(structure, (await compileKernel(structure))!),
    ];
    for (const kernel of all) {
      kernel.setStart(homotopy.startCoefficients);
      kernel.setTarget(homotopy.targetCoefficients);
      kernel.setPowers(powers);
      kernel.setCharts([3]);
      const point = Float64Array.from({ length: 8 }, (_, k) => (k < 6 ? random() : 7 - k));
      const valueAt = (x: Float64Array, s: number) => {
        kernel.setPoint(x);
        kernel.iterate(s, 0);
        return kernel.value.slice();
      };
      const s = -0.4;
      let first = 0;
      const moved = {
        ...general,
        equations: general.equations.map(({ exponents, coefficients }) => {
          const of = powersOfTerms.slice(first, (first += exponents.length));
          const moving = coefficients.map((part, k) => part * Math.exp(s * of[k >> 1]!));
          return { exponents, coefficients: moving };
        }),
      };
      const value = valueAt(point, s);
      expect(difference(value, evaluate(moved, point.subarray(0, 6)))).toBeLessThan(1e-13);
      const tangent = kernel.tangent.slice();
      const step = 1e-5;
      const along = (sign: number) =>
        valueAt(
          point.map((part, k) => part + sign * step * tangent[k]!),
          s + sign * step,
        );
      // dH/ds + J t = 0
      const [forward, backward] = [along(1), along(-1)];
      expect(
        difference(
          forward.map((part, k) => part - backward[k]! + 1),
          new Float64Array(6).fill(1),
        ),
      ).toBeLessThan(1e-9);
      kernel.setPowers(null);
      expect(difference(valueAt(point, 0), evaluate(general, point.subarray(0, 6)))).toBeLessThan(
        1e-13,
      );
    }
  });
});

describe('start points', () => {
  it.each(['total-degree', 'lps', 'multihomogeneous'] as const)('%s: zeros of G', (start) => {
    const each = example(TEXT, start, 3);
    const kernel = new TypedArrayKernel(each.homotopy.structure);
    kernel.setStart(each.homotopy.startCoefficients);
    kernel.setTarget(each.homotopy.targetCoefficients);
    for (let id = 0; id < each.paths; id++) {
      kernel.setPoint(each.start(id));
      kernel.setCharts(each.homotopy.structure.groups.map((group) => group.at(-1)!));
      kernel.iterate(1, 0);
      // Coefficients are rounded to f32, the start points are those of the unrounded ones.
      expect(Math.max(...kernel.correction.map(Math.abs))).toBeLessThan(1e-4);
    }
  });
});
