/**
 * Believed afterwards: families are followed to every member, streamed solutions are complete and
 * distinct, an abort leaves a sound partial result, and unfit requests are refused. The truth:
 * roots of quadratics in closed form.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openGpu,
  parseFamily,
  parseSystem,
  solve,
  SolveError,
  SystemError,
  type GpuDevice,
  type Solution,
  type SolveProgress,
} from 'lps-webgpu';
import { distanceOfSets, expectSound, systemTruth, type Point } from './ground-truth.js';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => {
  gpu.close();
});

type Complex = readonly [number, number];

/** Roots of a x^2 + b x + c, real coefficients, without cancellation. */
function quadraticRoots(a: number, b: number, c: number): Complex[] {
  const discriminant = b * b - 4 * a * c;
  if (discriminant < 0) {
    const im = Math.sqrt(-discriminant) / (2 * a);
    return [
      [-b / (2 * a), im],
      [-b / (2 * a), -im],
    ];
  }
  const q = -(b + (b < 0 ? -1 : 1) * Math.sqrt(discriminant)) / 2;
  return [
    [q / a, 0],
    [c / q, 0],
  ];
}

const quadratic = parseFamily('a*x^2 + b*x + c', { parameters: ['a', 'b', 'c'] });
const general: Complex[] = [
  [0.9, 0.3],
  [-0.4, 1.1],
  [0.7, -0.8],
];

describe('families', () => {
  it('200 quadratics from one', async () => {
    const base = await solve(gpu, quadratic, { parameters: general, seed: 2 });
    expect(base.counts.distinct).toBe(2);
    const targets = Array.from({ length: 200 }, (_, k) => [
      1 + (k % 7) / 3,
      Math.sin(3 * k) * 4,
      Math.cos(5 * k) * 3,
    ]);
    const results = await solve(gpu, quadratic, { from: base, targets, seed: 3, certify: true });
    expect(results).toHaveLength(200);
    results.forEach((result, k) => {
      expectSound(result);
      expect(result.start.kind).toBe('parameters');
      expect(result.counts.nonsingular).toBe(2);
      expect(result.parameters).toEqual(targets[k]!.map((value) => [value, 0]));
      const [a, b, c] = targets[k] as [number, number, number];
      const found = result.solutions.map((solution): Point => solution.coordinates);
      const expected = quadraticRoots(a, b, c).map((root): Point => [root]);
      expect(distanceOfSets(found, expected), `target ${k}`).toBeLessThan(1e-12);
      expect(result.solutions.every((solution) => solution.certified)).toBe(true);
    });
  });

  it('says so when a member has fewer solutions, or a double one', async () => {
    const base = await solve(gpu, quadratic, { parameters: general });
    const [linear, double] = await solve(gpu, quadratic, {
      from: base,
      targets: [
        [0, 2, -3],
        [1, -2, 1],
      ],
    });
    expectSound(linear!);
    expect(linear!.paths).toMatchObject({ tracked: 2, regular: 1, atInfinity: 1 });
    expect(linear!.solutions[0]!.coordinates).toEqual([[1.5, 0]]);
    expectSound(double!);
    expect(double!.paths).toMatchObject({ tracked: 2, regular: 0, singular: 2 });
    expect(double!.solutions).toHaveLength(1);
    expect(double!.solutions[0]).toMatchObject({ multiplicity: 2, winding: 2, singular: true });
    expect(double!.solutions[0]!.coordinates[0]![0]).toBeCloseTo(1, 5);
  });

  it('the start does not matter: a general member from many paths or by its own start', async () => {
    const family = parseFamily('x^2 + p*y - 1\ny^2 + q*x - p', { parameters: ['p', 'q'] });
    const base = await solve(gpu, family, {
      parameters: [
        [0.3, 0.7],
        [-0.6, 0.2],
      ],
    });
    const [followed] = await solve(gpu, family, { from: base, targets: [[0.5, -1.5]] });
    const direct = await solve(gpu, family, { parameters: [0.5, -1.5] });
    expect(followed!.counts).toEqual(direct.counts);
    const points = [followed!, direct].map((result) =>
      result.solutions.map((solution): Point => solution.coordinates),
    );
    expect(distanceOfSets(points[0]!, points[1]!)).toBeLessThan(1e-12);
  });

  it('refuses unfit bases', async () => {
    const base = await solve(gpu, quadratic, { parameters: general });
    const targets = [[1, 2, 3]];
    const other = parseFamily('a*y^2 + b*y + c', { parameters: ['a', 'b', 'c'] });
    await expect(solve(gpu, other, { from: base, targets })).rejects.toThrow(/another family/);
    const plain = await solve(gpu, parseSystem('x^2 - 2'), {});
    await expect(solve(gpu, quadratic, { from: plain, targets })).rejects.toThrow(
      /not solved as a member/,
    );
    await expect(
      solve(gpu, quadratic, { from: { ...base, partial: true }, targets }),
    ).rejects.toThrow(/partial result/);
    await expect(solve(gpu, quadratic, { from: base, targets: [[1, 2]] })).rejects.toThrow(
      SystemError,
    );
    await expect(solve(gpu, quadratic, { from: base, targets: [[0, 0, 1]] })).rejects.toThrow(
      SystemError,
    );
    // @ts-expect-error neither parameters nor from
    await expect(solve(gpu, quadratic, {})).rejects.toThrow(SolveError);
    expect(await solve(gpu, quadratic, { from: base, targets: [] })).toEqual([]);
  });
});

describe('streamed solutions', () => {
  /** x_i^2 + b_i x_i + c_i, one per unknown. */
  function quadratics(count: number): { text: string; roots: Complex[][] } {
    const rows = Array.from({ length: count }, (_, i) => [2 * i - 5, 3 - ((5 * i) % 11)] as const);
    return {
      text: rows.map(([b, c], i) => `x${i}^2 + (${b})*x${i} + (${c})`).join('\n'),
      roots: rows.map(([b, c]) => quadraticRoots(1, b, c)),
    };
  }

  it('2,048 paths: every solution once, none kept', async () => {
    const count = 11;
    const { text, roots } = quadratics(count);
    const seen = new Set<number>();
    const batches: number[] = [];
    const result = await solve(gpu, parseSystem(text), {
      seed: 7,
      certify: true,
      onSolutions(batch) {
        batches.push(batch.length);
        for (const { coordinates, certified, singular } of batch) {
          expect({ certified, singular }).toEqual({ certified: true, singular: false });
          let which = 0;
          coordinates.forEach(([re, im], i) => {
            const errors = roots[i]!.map((root) => Math.hypot(re - root[0], im - root[1]));
            const nearest = errors[0]! < errors[1]! ? 0 : 1;
            expect(errors[nearest]).toBeLessThan(1e-12 * Math.hypot(...roots[i]![nearest]!, 1));
            which = 2 * which + nearest;
          });
          expect(seen.has(which)).toBe(false);
          seen.add(which);
        }
      },
    });
    const total = 2 ** count;
    expect(seen.size).toBe(total);
    expect(Math.max(...batches)).toBeLessThanOrEqual(1024);
    expect(result.solutions).toEqual([]);
    expect(result.partial).toBe(false);
    expect(result.paths).toMatchObject({ tracked: total, regular: total, failed: 0 });
    const real = roots.reduce(
      (product, pair) => product * pair.filter(([, im]) => im === 0).length,
      1,
    );
    expect(result.counts).toEqual({ distinct: total, nonsingular: total, real });
  });

  it('the same solutions as without, singular ones last', async () => {
    const system = parseSystem(systemTruth('caprasse'));
    const whole = await solve(gpu, system, { seed: 5 });
    const received: Solution[] = [];
    const streamed = await solve(gpu, system, {
      seed: 5,
      onSolutions: (batch) => received.push(...batch),
    });
    expect(streamed.counts).toEqual(whole.counts);
    expect(streamed.paths).toEqual(whole.paths);
    const points = (solutions: readonly Solution[]) =>
      solutions.map((solution): Point => solution.coordinates);
    expect(distanceOfSets(points(received), points(whole.solutions))).toBe(0);
    expect(received.map((solution) => solution.singular)).toEqual(
      whole.solutions.map((solution) => solution.singular),
    );
  });
});

describe('an abort', () => {
  it.each(['gpu', 'f64'] as const)('leaves a sound partial result (%s)', async (precision) => {
    const controller = new AbortController();
    let last: SolveProgress | undefined;
    const result = await solve(gpu, parseSystem(systemTruth('cyclic6')), {
      precision,
      // 720 paths: enough to be stopped among them, where the 156 of mixed cells may all be under way.
      start: 'total-degree',
      signal: controller.signal,
      onProgress(progress) {
        last = progress;
        if (progress.stage === 'tracking') controller.abort();
      },
    });
    expect(last).toBeDefined();
    expect(result.partial).toBe(true);
    const { paths } = result;
    expect(paths.tracked).toBeLessThan(result.start.paths);
    expect(paths.tracked).toBe(paths.regular + paths.singular + paths.atInfinity + paths.failed);
    expect(result.counts.distinct).toBe(result.solutions.length);
    for (const solution of result.solutions) expect(solution.residual).toBeLessThan(1e-12);
  });

  it('before the start tracks nothing', async () => {
    const result = await solve(gpu, parseSystem('x^2 - 2'), { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ partial: true, solutions: [], paths: { tracked: 0 } });
  });
});

describe('refusals', () => {
  it('more paths than allowed, with the number', async () => {
    const system = parseSystem(systemTruth('cyclic5'));
    await expect(solve(gpu, system, { maxPaths: 50 })).rejects.toThrow(/70 paths.*50/);
  });

  it.each([-1, 0.5, NaN, 2 ** 60])('seed %s', async (seed) => {
    await expect(solve(gpu, parseSystem('x^2 - 2'), { seed })).rejects.toThrow(SolveError);
  });
});

it('proofs are made on request, and change nothing else', async () => {
  const system = parseSystem('x^2 + y^2 - 5\nx*y - 2');
  const proved = await solve(gpu, system, { seed: 9, certify: true });
  const plain = await solve(gpu, system, { seed: 9 });
  expect(proved.solutions.every((solution) => solution.certified)).toBe(true);
  expect(plain.solutions).toEqual(
    proved.solutions.map((solution) => ({ ...solution, certified: false })),
  );
});
