/**
 * `node harness/run.mjs collection`: every system of test/data/systems in f64, without an exact count that would tell what
 * is missing; one line each with what was found and what is known. Ends with 1 where finite solutions are missing and
 * neither a warning, nor a path left undecided, nor a solve cut short says so.
 *
 *   --only A,B     these systems; default all but those of more than 10,000 paths that nothing exact stands beside
 *   --seeds 1-3    default 1
 *   --start KINDS  as of `lps solve`, with commas; systems without such a start are left out, and named. Default auto
 *   --seconds S    that one solve may take, default 40
 */
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { CpuDevice, parseSystem, solve, SolveError, type SolveResult } from '../../src/index.js';
import type { SolveStart } from '../../src/homotopy/solve/solve-options.js';
import { clocked } from '../clocks.js';
import { asTool, chosenBy, countFrom } from '../tool.js';
import { expectationOf, readSystemFile, systemNames, type SystemFile } from './expectations.js';
import { withLimit } from './limit.js';
import { parseSeeds } from './seeds.js';

export const main = asTool(run);

const STARTS: readonly { readonly name: SolveStart }[] = [
  { name: 'auto' },
  { name: 'total-degree' },
  { name: 'multihomogeneous' },
  { name: 'lps' },
  { name: 'linear-product' },
  { name: 'polyhedral' },
];

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      start: { type: 'string', default: 'auto' },
      seconds: { type: 'string', default: '40' },
    },
  });
  const seeds = parseSeeds(values.seeds);
  const starts = chosenBy(values.start, STARTS, 'start');
  const limitMs = 1000 * countFrom('--seconds', values.seconds);
  const files = chosenBy(values.only, systemNames().map(readSystemFile), 'system').filter(
    (file) => values.only !== undefined || !expectationOf(file).large,
  );
  const device = new CpuDevice();
  let silent = 0;
  for (const file of files) {
    for (const { name: start } of starts)
      silent += await solveSeeds(device, file, start, seeds, limitMs);
  }
  device.close();
  print(`${silent} solves with solutions missing without a word`);
  return silent === 0 ? ExitCode.success : ExitCode.failed;
}

/** @returns how many of the solves miss solutions without a word */
async function solveSeeds(
  device: CpuDevice,
  file: SystemFile,
  start: SolveStart,
  seeds: readonly number[],
  limitMs: number,
): Promise<number> {
  const { signal } = new AbortController();
  let silent = 0;
  try {
    for (const seed of seeds) {
      const { result, wall, cpu } = await clocked(() =>
        withLimit(limitMs, signal, (limit) =>
          solve(device, parseSystem(file), {
            seed,
            start,
            countMilliseconds: 0,
            signal: limit,
          }),
        ),
      );
      const verdict = judge(file, result);
      if (verdict === 'SILENT') silent++;
      const { paths, counts, warnings } = result;
      print(
        `${verdict} ${file.name}, seed ${seed}: ${counts.nonsingular} of ${knownOf(file) ?? 'unknown'} simple, ` +
          `${counts.distinct - counts.nonsingular} singular, ${paths.failed} undecided, ` +
          `${result.start.paths} paths (${result.start.kind}), ${wall.toFixed(2)} s, ${cpu.toFixed(2)} CPU s`,
      );
      for (const warning of warnings) print(`  ${warning}`);
    }
  } catch (error) {
    if (!(error instanceof SolveError)) throw error;
    print(`left out ${file.name}: ${error.message}`);
  }
  return silent;
}

/** How many simple finite solutions there are, where they are counted. */
function knownOf(file: SystemFile): number | null {
  const { kind, nonsingular } = expectationOf(file);
  return kind === 'information' ? null : nonsingular;
}

function judge(file: SystemFile, { counts, paths, warnings, partial }: SolveResult) {
  const known = knownOf(file);
  if (known === null) return 'info';
  if (counts.nonsingular === known) return 'ok';
  const isSaid = warnings.length > 0 || paths.failed > 0 || partial;
  return isSaid ? 'said' : 'SILENT';
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
