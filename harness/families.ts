/**
 * `npm run families [-- NAME]`: solves the network families and the base sets of strata that the package ships
 * (data/families/), those whose file name has NAME in it.
 *
 * A family is solved with all its linear-product paths for three seeds, which must find the same solutions; a base set by
 * monodromy for two, which must find as many. Run it when the parameters of networkFamily or lagrangeFamily or a file format
 * change; the seeds are fixed, so the result only changes with them (in the last digits, where another order of rounding does).
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../src/cli/errors.js';
import { CpuDevice } from '../src/gpu/index.js';
import { solveBaseSet } from '../src/minima/strata/base-set.js';
import { lagrangeFamily, type LagrangeFamily } from '../src/minima/strata/lagrange-family.js';
import { baseSetFileName, encodeBaseSet } from '../src/minima/strata/stored-base-set.js';
import { root } from './setup/paths.mjs';
import { asTool, note } from './tool.js';

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

export const main = asTool(async ([name = '']: readonly string[]) => {
  if (name === '' && solveFamilies() !== ExitCode.success) return ExitCode.failed;
  const wanted = baseSets
    .flatMap(([inputs, powers, counts]) =>
      counts.map((units) => lagrangeFamily(inputs, units, powers)),
    )
    .filter((family) => baseSetFileName(family).includes(name));
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
