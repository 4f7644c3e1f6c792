/**
 * `node harness/run.mjs replica-runs`: sixteen runs of 64-32-32-10 on the digits in the same
 * dispatches against sixteen runs one after another, as a user has them (`lps train --seeds 16`
 * against sixteen times `lps train`) and without everything around the training (`train` in one
 * process, kernels compiled).
 *
 *   --rounds N    default 3
 *   --json FILE   default docs/results/replica-runs.json
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, JobError } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import * as lps from '../internals.js';
import { root } from '../setup/paths.mjs';
import { median } from '../statistics.js';
import { countFrom, note, asTool } from '../tool.js';

const RUNS = 16;
const UNITS = [64, 32, 32, 10] as const;
const INITIALIZER = 'he';
const EPOCHS = 10;
const BATCH = 64;

const SEEDS = Array.from({ length: RUNS }, (_, k) => k + 1);

/** Seconds of all runs. */
interface Pair {
  readonly together: number;
  readonly apart: number;
  readonly ratio: number;
}

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      rounds: { type: 'string', default: '3' },
      json: { type: 'string', default: join(root, 'docs', 'results', 'replica-runs.json') },
    },
  });
  const rounds = countFrom('--rounds', options.rounds);
  const commands = await measure('commands', rounds, (chosen) => {
    runCommand(...(chosen.length > 1 ? ['--seeds', String(RUNS)] : ['--seed', String(chosen[0])]));
    return Promise.resolve();
  });
  const gpu = await lps.openGpu();
  try {
    const data = await lps.digitsDataset();
    const [inputs, first, second, last] = UNITS;
    const net = lps.network({
      input: [inputs],
      layers: [lps.dense(first), lps.relu(), lps.dense(second), lps.relu(), lps.dense(last)],
    });
    const training = async (chosen: readonly number[]): Promise<void> => {
      const weights = await lps.initializeReplicas(
        gpu,
        net,
        chosen.map((seed) => ({ method: INITIALIZER, seed })),
      );
      await lps.train(gpu, net, {
        data,
        weights,
        loss: 'softmax-cross-entropy',
        optimizer: lps.adam(1e-3),
        batchSize: BATCH,
        epochs: EPOCHS,
      });
    };
    // Compiles what both need.
    await training(SEEDS);
    await training([1]);
    const trainings = await measure('trainings', rounds, training);
    const medianRatio = { commands: ratioOf(commands), trainings: ratioOf(trainings) };
    const document = {
      date: new Date().toISOString(),
      adapter: gpu.info,
      network: UNITS.join('-'),
      runs: RUNS,
      epochs: EPOCHS,
      batch: BATCH,
      commands,
      trainings,
      medianRatio,
    };
    await writeOutput(options.json, `${JSON.stringify(document, null, 1)}\n`);
    note(
      `one after another takes ${medianRatio.commands.toFixed(1)} times as long as commands, ${medianRatio.trainings.toFixed(1)} times as trainings; written to ${options.json}`,
    );
  } finally {
    gpu.close();
  }
  return ExitCode.success;
}

/** All seeds in one run against a run each. */
async function measure(
  what: string,
  rounds: number,
  run: (seeds: readonly number[]) => Promise<void>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 1; round <= rounds; round++) {
    // In turns, so that what slows the machine slows both.
    const together = await secondsOf(() => run(SEEDS));
    const apart = await secondsOf(async () => {
      for (const seed of SEEDS) await run([seed]);
    });
    pairs.push({ together, apart, ratio: apart / together });
    note(`${what} ${round}: ${together.toFixed(2)} s together, ${apart.toFixed(2)} s apart`);
  }
  return pairs;
}

/** `lps train` as a user runs it. */
function runCommand(...words: string[]): void {
  const train = ['train', '--data', 'digits', '--arch', UNITS.join('-'), '--init', INITIALIZER];
  const run = spawnSync(
    process.execPath,
    [join(root, 'harness', 'launch.mjs'), ...train, '--epochs', String(EPOCHS), ...words, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (run.status !== 0)
    throw new JobError(`lps train ended with ${String(run.status)}: ${run.stderr}`);
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

function ratioOf(pairs: readonly Pair[]): number {
  return median(pairs.map(({ ratio }) => ratio));
}
