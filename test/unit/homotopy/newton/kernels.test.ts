/**
 * Believed afterwards: the WebAssembly, typed-array and double-double kernels are one function, and
 * that function is H = s G + (1 - s) F with its Newton corrections and tangents. The truth: plain
 * evaluation of F, zeros of G, and central differences of H itself.
 */
import { describe, expect, it } from 'vitest';
import { DoubleDoubleKernel } from '../../../../src/homotopy/newton/double-double-kernel.js';
import type { NewtonKernel } from '../../../../src/homotopy/newton/kernel.js';
import { TypedArrayKernel } from '../../../../src/homotopy/newton/typed-array-kernel.js';
import { compileKernel, WasmKernel } from '../../../../src/homotopy/newton/wasm/kernel.js';
import { parameterHomotopies, type Homotopy } from '../../../../src/homotopy/program/homotopy.js';
import { member, parseFamily } from '../../../../src/polynomial/family.js';
import { evaluate } from '../../../../src/polynomial/numeric.js';
import { scaleEquations } from '../../../../src/polynomial/scaling.js';
import type { NumericSystem } from '../../../../src/polynomial/system.js';
import { example, randomNumbers } from '../examples.js';

const TEXT = `x^2*y - 3*y*z + 2*z - 1/7
x*y*z - x^3 + 100*z^2 - 0.3
x*z - y + (1 + 2*i)*y^2 - z`;

interface Case {
  readonly name: string;
  readonly homotopy: Homotopy;
  readonly target: NumericSystem;
}

const family = parseFamily('a*x^2*y + b*y - c\nx*y^2 + a*x - b + c*y', {
  parameters: ['a', 'b', 'c'],
});
const members = [
  member(family, [[1, 2], [-0.5, 0.25], 3]),
  member(family, [0.7, -1.5, [2, -1]]),
] as const;

const cases: Case[] = [
  ...(['total-degree', 'lps', 'multihomogeneous'] as const).map((start) => {
    const { homotopy, system } = example(TEXT, start, 7);
    return { name: `${homotopy.structure.start.kind} (${start})`, homotopy, target: system };
  }),
  {
    name: 'parameters',
    homotopy: parameterHomotopies(
      members[0],
      [[0], [1]],
      [
        [2, 1],
        [1, 2],
      ],
      [0.6, 0.8],
    )(members[1]),
    target: members[1],
  },
];

async function kernels({ structure, startCoefficients, targetCoefficients }: Homotopy) {
  const compiled = await compileKernel(structure, startCoefficients.length / 2);
  const all: NewtonKernel[] = [
    new TypedArrayKernel(structure),
    new WasmKernel(structure, compiled!),
    new DoubleDoubleKernel(structure),
  ];
  for (const kernel of all) {
    kernel.setStart(startCoefficients);
    kernel.setTarget(targetCoefficients);
  }
  return all as [NewtonKernel, NewtonKernel, NewtonKernel];
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

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [largest, size] = [0, 1e-300];
  for (let k = 0; k < a.length; k++) {
    largest = Math.max(largest, Math.abs(a[k]! - b[k]!));
    size = Math.max(size, Math.abs(b[k]!));
  }
  return largest / size;
}

describe.each(cases)('$name', ({ homotopy, target }) => {
  it('three kernels agree at random points, charts and complex s', async () => {
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
        const speed = valueAt(point, re + 1e-3).map(
          // H is a polynomial of degree 1 in s: the difference is exact.
          (part, k) => -(part - value[k]!) / 1e-3,
        );
        expect(difference(along(correction), value)).toBeLessThan(1e-6);
        expect(difference(along(tangent), speed)).toBeLessThan(1e-6);
      }
    }
  });

  it('H is F at s = 0 and linear in s', async () => {
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
      const [start, end] = [valueAt(1), valueAt(0)];
      const between = end.map((part, k) => 0.75 * part + 0.25 * start[k]!);
      expect(difference(valueAt(0.25), between)).toBeLessThan(1e-13);
      // F(x / x0) of the scaled equations; powers of x0 are the same for all kernels and points.
      const affine = new Float64Array(2 * structure.variables);
      for (let j = 0; j < structure.variables; j++) {
        const at = 2 * (structure.variables + structure.groupOf[j]!);
        const [zr, zi] = [point[at]!, point[at + 1]!];
        const norm = zr * zr + zi * zi;
        affine[2 * j] = (point[2 * j]! * zr + point[2 * j + 1]! * zi) / norm;
        affine[2 * j + 1] = (point[2 * j + 1]! * zr - point[2 * j]! * zi) / norm;
      }
      const expected = evaluate(scaleEquations(target), affine);
      const moduli = (values: Float64Array, i: number) =>
        Math.hypot(values[2 * i]!, values[2 * i + 1]!);
      for (let i = 0; i < structure.variables; i++) {
        const scale = degreesOf(homotopy, i).reduce((product, degree, g) => {
          const at = structure.variables + g;
          return product * Math.hypot(point[2 * at]!, point[2 * at + 1]!) ** degree;
        }, 1);
        expect(moduli(end, i) / (moduli(expected, i) * scale)).toBeCloseTo(1, 9);
      }
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
