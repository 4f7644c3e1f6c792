/**
 * `node harness/run.mjs start-choice [SYSTEM...]`: whether `auto` chooses well. For each system the paths of the start that
 * `auto` takes and of the best one, and CPU milliseconds of solves in f64 from it and from every single start of at most twice
 * the fewest paths, search and compiling included: medians of rounds in turn, each solve on a device of its own. Ends with 1
 * where `auto` has over 1.1 times the paths of another, or takes over 1.3 times as long.
 *
 *   SYSTEM       of test/data/systems or the benchmark set; default all of both but the largest
 *   --rounds N   default 5; each has another seed
 *   --paths      no solves
 */
import { parseArgs } from 'node:util';
import { ExitCode } from '../../../src/cli/errors.js';
import * as lps from '../../internals.js';
import { clocked } from '../../clocks.js';
import { median } from '../../statistics.js';
import { asTool, chosenBy, countFrom } from '../../tool.js';
import { expectationOf, readSystemFile, systemNames } from '../../verify/expectations.js';
import { benchmarkSystems } from './systems.js';

const MOST_PATHS = 1.1;
const MOST_TIME = 1.3;
/** A start of more paths than so many times the fewest is not the fastest. */
const HOPELESS = 2;
/** Of the two clocks' noise: what takes less is not told apart. */
const NOISE_MS = 5;

type Start = NonNullable<lps.SolveOptions['start']>;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      paths: { type: 'boolean', default: false },
    },
  });
  const rounds = countFrom('--rounds', values.rounds);
  const all = allSystems();
  const chosen =
    positionals.length > 0
      ? chosenBy(positionals.join(), all, 'system')
      : all.filter(({ isLarge }) => !isLarge);
  let worse = 0;
  for (const { name, system } of chosen) {
    const starts = await onNewDevice((device) => lps.compareStarts(device, system));
    const fewest = starts[0]!.paths;
    const taken = starts.find((start) => start.chosen)!;
    const times = values.paths
      ? null
      : await solveTimes(
          system,
          [
            'auto',
            ...starts.filter(({ paths }) => paths <= HOPELESS * fewest).map(({ kind }) => kind),
          ],
          rounds,
        );
    const best = times && Math.min(...times.slice(1).map(({ ms }) => ms));
    const isWorse =
      taken.paths > MOST_PATHS * fewest ||
      (times !== null && times[0]!.ms > MOST_TIME * best! + NOISE_MS);
    if (isWorse) worse++;
    const costs = times?.map(({ start, ms }) => `${start} ${ms.toFixed(0)}`).join(', ');
    console.log(
      `${isWorse ? 'WORSE' : 'ok'} ${name}: ${taken.paths} paths (${taken.kind}), fewest ${fewest}` +
        (times ? `; CPU ms: ${costs}; ${(times[0]!.ms / best!).toFixed(2)} of the best` : ''),
    );
  }
  console.log(`${worse} of ${chosen.length} systems for which auto does not choose well`);
  return worse === 0 ? ExitCode.success : ExitCode.failed;
}

function allSystems() {
  const ofFiles = systemNames().map((name) => {
    const file = readSystemFile(name);
    return { name, isLarge: expectationOf(file).large, system: lps.parseSystem(file) };
  });
  const others = benchmarkSystems().filter(({ name }) =>
    ofFiles.every((file) => file.name !== name),
  );
  return [
    ...ofFiles,
    ...others.map(({ name, input }) => ({ name, isLarge: false, system: lps.parseSystem(input) })),
  ];
}

async function solveTimes(
  system: lps.PolynomialSystem,
  starts: readonly Start[],
  rounds: number,
): Promise<{ start: Start; ms: number }[]> {
  const times = starts.map(() => [] as number[]);
  // Round 0 is for V8 to compile in.
  for (let seed = 0; seed <= rounds; seed++) {
    for (const [k, start] of starts.entries()) {
      const { cpu } = await clocked(() =>
        onNewDevice((device) =>
          lps.solve(device, system, { start, seed, precision: 'f64', countMilliseconds: 0 }),
        ),
      );
      if (seed > 0) times[k]!.push(1000 * cpu);
    }
  }
  return starts.map((start, k) => ({ start, ms: median(times[k]!) }));
}

async function onNewDevice<Result>(
  job: (device: lps.CpuDevice) => Promise<Result>,
): Promise<Result> {
  const device = new lps.CpuDevice();
  try {
    return await job(device);
  } finally {
    device.close();
  }
}
