/**
 * `npm run families`: solves the network families that the package ships (data/families/).
 *
 * Each is solved with all its linear-product paths for three seeds, which must find the same
 * solutions. Run it when networkFamily's parameters or the file format change; the seeds are fixed,
 * so the result only changes with them (in the last digits, where another order of rounding does).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ExitCode } from '../src/cli/errors.js';
import { root } from './setup/paths.mjs';
import { note, asTool } from './tool.js';

const seed = 1;
const confirmations = 2;
/** Layers and activation; the main job needs 1-2-1 with relu. */
const families = [
  ['1-1-1', 'relu'],
  ['1-1-1', 'square'],
  ['1-2-1', 'relu'],
  ['1-2-1', 'square'],
] as const;

export const main = asTool(run);

function run(): ExitCode {
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
        ...['--precision', 'f64', '--folder', join(root, 'data', 'families')],
      ],
      { stdio: 'inherit' },
    );
    if (status !== 0) return ExitCode.failed;
  }
  return ExitCode.success;
}
