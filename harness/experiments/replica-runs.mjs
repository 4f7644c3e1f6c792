/**
 * `node harness/experiments/replica-runs.mjs`: sixteen runs of 64-32-32-10 on the digits in the same
 * dispatches against sixteen runs one after another, as a user has them (`lps train --seeds 16`
 * against sixteen times `lps train`) and without everything around the training (`train` in one
 * process, kernels compiled).
 *
 *   --rounds N    default 3
 *   --json FILE   default docs/results/replica-runs.json
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { ensureSetup } from '../setup.mjs';
import { median } from '../benchmark/solver/statistics.mjs';
import { root, say } from '../setup/paths.mjs';

const RUNS = 16;
const UNITS = [64, 32, 32, 10];
const INITIALIZER = 'he';
const EPOCHS = 10;
const BATCH = 64;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    json: { type: 'string', default: join(root, 'docs', 'results', 'replica-runs.json') },
  },
});

await ensureSetup();
const lps = await import(pathToFileURL(join(root, 'dist', 'index.js')).href);
const seeds = Array.from({ length: RUNS }, (_, k) => k + 1);

const rounds = { commands: [], trainings: [] };
for (let round = 1; round <= Number(options.rounds); round++) {
  // In turns, so that what slows the machine slows both.
  const together = await secondsOf(() => command('--seeds', String(RUNS)));
  const apart = await secondsOf(() => seeds.forEach((seed) => command('--seed', String(seed))));
  rounds.commands.push({ together, apart, ratio: apart / together });
  say(`commands ${round}: ${together.toFixed(1)} s together, ${apart.toFixed(1)} s apart`);
}
const gpu = await lps.openGpu();
try {
  const data = await lps.digitsDataset();
  const [first, second, last] = UNITS.slice(1);
  const net = lps.network({
    input: [UNITS[0]],
    layers: [lps.dense(first), lps.relu(), lps.dense(second), lps.relu(), lps.dense(last)],
  });
  const training = async (chosen) => {
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
  await training(seeds);
  await training([1]);
  for (let round = 1; round <= Number(options.rounds); round++) {
    const together = await secondsOf(() => training(seeds));
    const apart = await secondsOf(async () => {
      for (const seed of seeds) await training([seed]);
    });
    rounds.trainings.push({ together, apart, ratio: apart / together });
    say(`trainings ${round}: ${together.toFixed(2)} s together, ${apart.toFixed(2)} s apart`);
  }
  const document = {
    date: new Date().toISOString(),
    adapter: gpu.info,
    network: UNITS.join('-'),
    runs: RUNS,
    epochs: EPOCHS,
    batch: BATCH,
    ...rounds,
    medianRatio: { commands: ratioOf(rounds.commands), trainings: ratioOf(rounds.trainings) },
  };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(document, null, 1)}\n`);
  say(
    `one after another takes ${document.medianRatio.commands.toFixed(1)} times as long as commands, ${document.medianRatio.trainings.toFixed(1)} times as trainings; written to ${options.json}`,
  );
} finally {
  gpu.close();
}

function command(...words) {
  const train = ['train', '--data', 'digits', '--arch', UNITS.join('-'), '--init', INITIALIZER];
  const run = spawnSync(
    process.execPath,
    [join(root, 'harness', 'launch.mjs'), ...train, '--epochs', String(EPOCHS), ...words, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (run.status !== 0) throw new Error(`lps train ended with ${run.status}: ${run.stderr}`);
}

async function secondsOf(work) {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

function ratioOf(pairs) {
  return median(pairs.map(({ ratio }) => ratio));
}
