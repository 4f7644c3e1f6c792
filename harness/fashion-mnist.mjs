/**
 * node harness/fashion-mnist.mjs [--out FILE]: LeNet-5 on the 60,000 images of Fashion-MNIST, one
 * epoch of Adam at 1e-3 in batches of 64, through `lps train` as a user runs it. Fails below 83%
 * test accuracy. Takes about two minutes on two cores without a GPU.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureSetup } from './setup.mjs';
import { root } from './setup/paths.mjs';

const NEEDED = 0.83;
/** The document has the loss of every step. */
const LONGEST_OUTPUT = 1 << 26;

const { values } = parseArgs({ options: { out: { type: 'string' } } });
await ensureSetup();
const words = ['train', '--data', 'fashion-mnist', '--arch', 'lenet5', '--init', 'he'];
const settings = ['--optimizer', 'adam', '--lr', '1e-3', '--batch', '64', '--epochs', '1'];
const rest = ['--validation', '0', '--probe', '0', '--seed', '1', '--json'];
const { status, stdout } = spawnSync(
  process.execPath,
  [join(root, 'dist', 'cli.js'), ...words, ...settings, ...rest],
  { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: LONGEST_OUTPUT },
);
if (status !== 0) process.exit(status ?? 1);

const { network, data, run, runs, adapter } = JSON.parse(stdout);
const [{ test }] = runs;
const result = {
  date: new Date().toISOString().slice(0, 10),
  network,
  data,
  settings: settings.join(' '),
  testAccuracy: test.accuracy,
  testLoss: test.loss,
  neededAccuracy: NEEDED,
  imagesPerSecond: Math.round(run.samplesPerSecond),
  trainingSeconds: Math.round(run.trainingMs / 1000),
  compileSeconds: Number((run.compileMs / 1000).toFixed(1)),
  adapter,
};
const text = `${JSON.stringify(result, null, 2)}\n`;
process.stdout.write(text);
if (values.out) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, text);
}
if (!(test.accuracy >= NEEDED)) {
  process.stderr.write(`test accuracy ${test.accuracy} is below ${NEEDED}\n`);
  process.exit(1);
}
