/**
 * `node harness/run.mjs steiner [--seeds 1,2]`: the 3,264 conics that are tangent to five general ones (Chasles 1864), by
 * monodromy. 15 equations in the coefficients of a conic and its five points of contact: each point lies on both conics, and
 * both have one tangent there. Every linear-product start has 32,768 paths, the mixed cells 27,072; monodromy carries 3,264.
 *
 * It begins at a real conic through five real points, at each of which a real conic is drawn that touches it.
 */
import { parseArgs } from 'node:util';
import { Matrix, solve as solveLinear } from 'ml-matrix';
import { ExitCode } from '../../src/cli/errors.js';
import { openGpu, parseFamily, solve } from '../../src/index.js';
import { randomStream } from '../../src/math/random.js';
import { clocked } from '../clocks.js';
import { asTool, countFrom } from '../tool.js';

const CONICS = 3264;
const STREAM = 0x57e1;
const UNKNOWN = ['a', 'b', 'c', 'd', 'e', '1'];
const FIVE = [1, 2, 3, 4, 5];
const givenConic = (i: number): string[] => [1, 2, 3, 4, 5, 6].map((k) => `p${i}_${k}`);

export const main = asTool(run);

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...words],
    options: { seeds: { type: 'string', default: '1,2' } },
  });
  const seeds = values.seeds.split(',').map((seed) => countFrom('--seeds', seed));
  const family = parseFamily(`${FIVE.flatMap(tangency).join(';\n')};`, {
    parameters: FIVE.flatMap(givenConic),
    variables: [...UNKNOWN.slice(0, 5), ...FIVE.flatMap((i) => [`x${i}`, `y${i}`])],
  });
  const gpu = await openGpu();
  try {
    let isRight = true;
    for (const seed of seeds) {
      const monodromy = { from: tangentConics(seed) };
      const { result, wall, cpu } = await clocked(() =>
        solve(gpu, family, { monodromy, seed, certify: true }),
      );
      const certified = result.solutions.filter((solution) => solution.certified).length;
      isRight &&= certified === CONICS && result.solutions.length === CONICS && result.isComplete;
      process.stdout.write(
        `seed ${seed}: ${result.solutions.length} conics, ${certified} certified, the members of the graph have ` +
          `${result.found.join(', ')}, ${wall.toFixed(1)} s, ` +
          `${cpu.toFixed(1)} CPU s\n`,
      );
      for (const warning of result.warnings) process.stdout.write(`  ${warning}\n`);
    }
    return isRight ? ExitCode.success : ExitCode.failed;
  } finally {
    gpu.close();
  }
}

/** That the unknown conic and the i-th given one touch at (xi, yi). */
function tangency(i: number): string[] {
  const [x, y] = [`x${i}`, `y${i}`];
  const given = givenConic(i);
  const conic = ([a, b, c, d, e, f]: readonly string[]) =>
    `${a}*${x}^2 + ${b}*${x}*${y} + ${c}*${y}^2 + ${d}*${x} + ${e}*${y} + ${f}`;
  const byX = ([a, b, , d]: readonly string[]) => `(2*${a}*${x} + ${b}*${y} + ${d})`;
  const byY = ([, b, c, , e]: readonly string[]) => `(${b}*${x} + 2*${c}*${y} + ${e})`;
  return [
    conic(UNKNOWN),
    conic(given),
    `${byX(UNKNOWN)}*${byY(given)} - ${byY(UNKNOWN)}*${byX(given)}`,
  ];
}

/** Five conics, one that touches all of them, and where. */
function tangentConics(seed: number) {
  const random = randomStream(seed, STREAM);
  const points = FIVE.map(() => [random.normal(), random.normal()] as const);
  const monomials = ([x, y]: readonly [number, number]) => [x * x, x * y, y * y, x, y];
  const [a, b, c, d, e] = solveLinear(
    new Matrix(points.map(monomials)),
    Matrix.columnVector(FIVE.map(() => -1)),
  ).to1DArray() as [number, number, number, number, number];
  const parameters = points.flatMap((point) => {
    const [x, y] = point;
    const first = [random.normal(), random.normal(), random.normal(), random.normal()] as const;
    const [p, q, r, s] = first;
    // Its gradient is parallel to (2 a x + b y + d, b x + 2 c y + e), and it passes through the point.
    const slope = (b * x + 2 * c * y + e) / (2 * a * x + b * y + d);
    const t = slope * (2 * p * x + q * y + s) - (q * x + 2 * r * y);
    const constant = -[...first, t].reduce(
      (sum, value, k) => sum + value * monomials(point)[k]!,
      0,
    );
    return [...first, t, constant];
  });
  const coordinates = [a, b, c, d, e, ...points.flat()].map((value) => [value, 0] as const);
  return { parameters, solutions: [{ coordinates }] };
}
