/**
 * `npm run families [-- NAME]`: solves the network families and the base sets of strata that the package ships
 * (data/families/), those whose file name has NAME in it. `npm run families -- --count 1,2,3,4,5 [--out FILE] [NAME]` makes
 * no file of them: it finds the base sets anew with each of these seeds and says how many solutions each has, up to
 * symmetry and in all orders and signs of their units. All seeds must find as many.
 *
 * A family is solved with all its linear-product paths for three seeds, which must find the same solutions; a base set by
 * monodromy for two, which must find as many. Run it when the parameters of networkFamily or lagrangeFamily or a file format
 * change; the seeds are fixed, so the result only changes with them (in the last digits, where another order of rounding does).
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../src/cli/errors.js';
import { writeOutput } from '../src/cli/output.js';
import { CpuDevice } from '../src/gpu/index.js';
import { solveBaseSet } from '../src/minima/strata/base-set.js';
import { parityOf } from '../src/minima/strata/general-seed.js';
import { lagrangeFamily, type LagrangeFamily } from '../src/minima/strata/lagrange-family.js';
import { baseSetFileName, encodeBaseSet } from '../src/minima/strata/stored-base-set.js';
import { countCopies } from '../src/minima/strata/stratum-copies.js';
import { clocked } from './clocks.js';
import { root } from './setup/paths.mjs';
import { asTool, countFrom, note } from './tool.js';

const seed = 1;
const confirmations = 2;
/** Layers and activation; the main job needs 1-2-1 with relu. */
const families = [
  ['1-1-1', 'relu'],
  ['1-1-1', 'square'],
  ['1-2-1', 'relu'],
  ['1-2-1', 'square'],
] as const;

/** Inputs, powers of the activation polynomial, and numbers of different units. */
const baseSets = [
  [1, [0, 1, 2], [1, 2, 3, 4, 5]],
  [2, [0, 1, 2], [1, 2]],
  [1, [2], [1, 2]],
  [2, [2], [1, 2]],
  [1, [1, 3], [1, 2]],
  [2, [1, 3], [1]],
] as const;
const baseSetSeeds = [1, 2] as const;
const folder = join(root, 'data', 'families');

export const main = asTool(async (words: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { count: { type: 'string' }, out: { type: 'string' } },
  });
  const [name = ''] = positionals;
  const wanted = baseSets
    .flatMap(([inputs, powers, counts]) =>
      counts.map((units) => lagrangeFamily(inputs, units, powers)),
    )
    .filter((family) => baseSetFileName(family).includes(name));
  if (values.count !== undefined) {
    const seeds = values.count.split(',').map((word) => countFrom('--count', word));
    return countBaseSets(wanted, seeds, values.out);
  }
  if (name === '' && solveFamilies() !== ExitCode.success) return ExitCode.failed;
  for (const family of wanted) {
    if (!(await makeBaseSet(family))) return ExitCode.failed;
  }
  return ExitCode.success;
});

async function makeBaseSet(family: LagrangeFamily): Promise<boolean> {
  const file = baseSetFileName(family);
  const [seed, other] = baseSetSeeds;
  const device = new CpuDevice();
  const set = await solveBaseSet(device, family, { seed });
  const { solutions } = await solveBaseSet(device, family, { seed: other });
  note(`${file}: ${set.solutions.length} solutions, ${solutions.length} with another seed`);
  if (solutions.length !== set.solutions.length) return false;
  const content = encodeBaseSet(family, set, { seed, confirmedBy: [other] });
  writeFileSync(join(folder, file), `${JSON.stringify(content)}\n`);
  return true;
}

async function countBaseSets(
  families: readonly LagrangeFamily[],
  seeds: readonly number[],
  out: string | undefined,
): Promise<ExitCode> {
  const counts = [];
  for (const family of families) {
    const { inputs, powers, units } = family;
    const copies = countCopies(units, new Array<number>(units).fill(1), parityOf(powers));
    const runs = [];
    for (const seed of seeds) {
      const device = new CpuDevice();
      const { result, cpu } = await clocked(() => solveBaseSet(device, family, { seed }));
      device.close();
      const orbits = result.solutions.length;
      runs.push({ seed, orbits, cpuSeconds: Number(cpu.toPrecision(3)) });
      note(
        `${inputs} inputs, powers ${powers.join(', ')}, ${units} different units, seed ${seed}: ${orbits} up to symmetry, ${orbits * copies} in all; ${cpu.toFixed(1)} CPU s`,
      );
    }
    const orbits = [...new Set(runs.map((run) => run.orbits))];
    const ordered = orbits.map((count) => count * copies);
    counts.push({ inputs, powers, units, orbits, ordered, runs });
  }
  if (out !== undefined) await writeOutput(out, `${JSON.stringify(counts, null, 2)}\n`);
  return counts.every(({ orbits }) => orbits.length === 1) ? ExitCode.success : ExitCode.failed;
}

function solveFamilies(): ExitCode {
  for (const [layers, activation] of families) {
    note(`solving the family of ${layers} networks with ${activation}`);
    const { status } = spawnSync(
      process.execPath,
      [
        join(root, 'dist', 'cli.js'),
        'family',
        ...['--arch', layers, '--activation', activation, '--degree', '2'],
        ...['--seed', String(seed), '--confirm', String(confirmations)],
        // The CPU's arithmetic is the same everywhere.
        ...['--precision', 'f64', '--folder', folder],
      ],
      { stdio: 'inherit' },
    );
    if (status !== 0) return ExitCode.failed;
  }
  return ExitCode.success;
}
