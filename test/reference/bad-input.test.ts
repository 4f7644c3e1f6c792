/**
 * Believed afterwards: input at the limits of what numbers can hold is solved rightly or refused with a
 * clear error. The truth: roots in closed form, and by BigInt where they have many digits.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, parseSystem, solve, SystemError, type GpuDevice } from 'lps-webgpu';
import { expectSound, type Point } from './ground-truth.js';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => {
  gpu.close();
});

const SEEDS = [1, 2, 3];
const LARGEST_PRIME = 2147483647;
const digits = (seed: number): string =>
  Array.from({ length: 400 }, (_, k) => ((k + 3) * (k + seed) + 1) % 10).join('');

/** p / q to 17 digits, for numbers of 400 digits. */
const quotient = (p: string, q: string): number =>
  Number((BigInt(p) * 10n ** 30n) / BigInt(q)) / 1e30;

const real = (...values: number[]): Point => values.map((value): [number, number] => [value, 0]);

/** Text, and all solutions. */
const solvable: [string, string, Point[]][] = [
  ['1e300 and 1', 'x - 1e300', [real(1e300)]],
  ['1e-300 and 1', '1e-300*x - 1', [real(1e300)]],
  ['1e300 times x', '1e300*x - 1', [real(1e-300)]],
  ['both limits in one equation', '1e-300*x^2 - 1e300', [real(1e300), real(-1e300)]],
  [
    'both limits in a system',
    '1e-300*x - 3e-300\n2.5e299*y^2 - 1e300*x^2',
    [real(3, 6), real(3, -6)],
  ],
  ['x^6 = 10^300', 'x^6 - 10^300*y\ny - 1', sixthRoots(1e50).map((root): Point => [root, [1, 0]])],
  ['two sizes of unknowns', 'x - 1e300\nx*y - 1', [real(1e300, 1e-300)]],
  ['400 digits', `${digits(7)}*x/${digits(4)} - 1`, [real(quotient(digits(4), digits(7)))]],
  [
    '400 digits, squared',
    `${digits(7)}/${digits(4)}*x^2 - ${digits(2)}/${digits(6)}`,
    [1, -1].map((sign) =>
      real(sign * Math.sqrt(quotient(digits(2), digits(6)) * quotient(digits(4), digits(7)))),
    ),
  ],
  ['all coefficients equal', '7*x^2*y + 7*x + 7\n7*x + 7*y', minusCubic()],
  ['all equal, 1e-290', '1e-290*(x^2*y + x + 1)\n1e-290*(x + y)', minusCubic()],
  ['all equal, 1e290', '1e290*(x^2*y + x + 1)\n1e290*(x + y)', minusCubic()],
  [
    'an unknown in one equation only',
    'x^2 - 1e12\ny - x - 1\nz*x - 1',
    [1e6, -1e6].map((x) => real(x, x + 1, 1 / x)),
  ],
  ['a prime in a denominator', `x - 1/${LARGEST_PRIME}`, [real(1 / LARGEST_PRIME)]],
  [
    'a prime as a coefficient',
    `${LARGEST_PRIME}*x^2 - x - 1`,
    [1, -1].map((sign) => {
      const root = Math.sqrt(1 + 4 * LARGEST_PRIME);
      return real((1 + sign * root) / (2 * LARGEST_PRIME));
    }),
  ],
  [
    'two primes in denominators',
    `x^2 - 4/${LARGEST_PRIME}^2\ny - x/2147483629`,
    [1, -1].map((sign) =>
      real((2 * sign) / LARGEST_PRIME, (2 * sign) / LARGEST_PRIME / 2147483629),
    ),
  ],
];

function sixthRoots(size: number): [number, number][] {
  return [0, 1, 2, 3, 4, 5].map((k) => [
    size * Math.cos((k * Math.PI) / 3),
    size * Math.sin((k * Math.PI) / 3),
  ]);
}

/** y = -x and x^3 - x - 1 = 0: Cardano, one real root and a pair. */
function minusCubic(): Point[] {
  const root = Math.sqrt(1 / 4 - 1 / 27);
  const [u, v] = [Math.cbrt(1 / 2 + root), Math.cbrt(1 / 2 - root)];
  const im = ((u - v) * Math.sqrt(3)) / 2;
  const xs: [number, number][] = [
    [u + v, 0],
    [-(u + v) / 2, im],
    [-(u + v) / 2, -im],
  ];
  return xs.map((x) => [x, [-x[0], -x[1]]]);
}

describe('is solved', () => {
  it.each(solvable)('%s', async (_, text, expected) => {
    for (const seed of SEEDS) {
      const result = await solve(gpu, parseSystem(text), { seed, certify: true });
      expectSound(result);
      expect(result.exactCount, `seed ${seed}`).toMatchObject({
        status: 'equal',
        count: expected.length,
      });
      expect(result.warnings).toEqual([]);
      expect(result.solutions).toHaveLength(expected.length);
      for (const point of expected) {
        const distances = result.solutions.map(({ coordinates }) =>
          Math.max(
            ...point.map(([re, im], j) => {
              const [a, b] = coordinates[j]!;
              return (
                Math.max(Math.abs(a - re), Math.abs(b - im)) / Math.max(Math.abs(re), Math.abs(im))
              );
            }),
          ),
        );
        expect(Math.min(...distances), `${JSON.stringify(point)}, seed ${seed}`).toBeLessThan(
          1e-12,
        );
      }
    }
  });

  it('or rounded, where a solution is subnormal', async () => {
    // x = 1e-310 has 14 digits less than f64 has elsewhere.
    for (const seed of SEEDS) {
      const { solutions, exactCount } = await solve(gpu, parseSystem('1e10*x - 1e-300'), { seed });
      expect(exactCount.status).toBe('equal');
      expect(solutions).toHaveLength(1);
      const [re, im] = solutions[0]!.coordinates[0]!;
      expect(Math.abs(re - 1e-310)).toBeLessThan(1e-322);
      expect(im).toBe(0);
    }
  });
});

describe('is refused', () => {
  it.each([
    ['1e-310', 'x - 1e-310', /outside 1e-300 \.\. 1e300/],
    ['1e301', 'x - 1e301', /outside 1e-300 \.\. 1e300/],
    ['400 digits before the point', `x - ${digits(7)}`, /outside 1e-300 \.\. 1e300/],
  ])('%s', (_, text, message) => {
    expect(() => parseSystem(text)).toThrow(SystemError);
    expect(() => parseSystem(text)).toThrow(message);
  });

  it('an equation that f64 cannot hold, by its number', async () => {
    const system = parseSystem('x*y - 1\n1e-300*x^2 + 1e300*x*y + 1e-300*y^2 - 1e-300');
    await expect(solve(gpu, system)).rejects.toThrow(SystemError);
    await expect(solve(gpu, system)).rejects.toThrow(/^equation 2 has coefficients that differ/);
  });
});

it('all paths at infinity is not called "no solutions", unless the exact count says so', async () => {
  const result = await solve(gpu, parseSystem('x + y - 1\nx + y - 2'));
  expect(result.solutions).toEqual([]);
  expect(result.paths).toMatchObject({ tracked: 1, atInfinity: 1 });
  expect(result.exactCount).toMatchObject({ status: 'equal', dimension: -1, count: 0 });
});

it('a coordinate beyond f64, and a false point: said', async () => {
  const beyond = await solve(gpu, parseSystem('1e-300*x - 1e100'));
  expect(beyond.solutions[0]!.coordinates).toEqual([[Infinity, 0]]);
  expect(beyond.warnings.join()).toMatch(/1 solutions have coordinates beyond the range of f64/);
  const spread = await solve(gpu, parseSystem('1e-300*x^3 + x^2 + 1e100*x - 1'));
  const isRight = spread.exactCount.status === 'equal' && spread.warnings.length === 0;
  expect(isRight || /residuals above|are missing/.test(spread.warnings.join())).toBe(true);
});
