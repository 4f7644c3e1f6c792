/**
 * node harness/run.mjs fashion-mnist [--out FILE]: LeNet-5 on the 60,000 images of Fashion-MNIST, one
 * epoch of Adam at 1e-3 in batches of 64, through `lps train` as a user runs it. Fails below 83%
 * test accuracy. Takes about two minutes on two cores without a GPU.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import { root } from '../setup/paths.mjs';
import { note, asTool } from '../tool.js';

const NEEDED = 0.83;
/** The document has the loss of every step. */
const LONGEST_OUTPUT = 1 << 26;

/** What is read of the document of `lps train --json`. */
interface TrainDocument {
  readonly network: unknown;
  readonly data: unknown;
  readonly run: {
    readonly samplesPerSecond: number;
    readonly trainingMs: number;
    readonly compileMs: number;
  };
  readonly runs: readonly {
    readonly test: { readonly accuracy: number; readonly loss: number };
  }[];
  readonly adapter: unknown;
}

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values } = parseArgs({ args: words, options: { out: { type: 'string' } } });
  const job = ['train', '--data', 'fashion-mnist', '--arch', 'lenet5', '--init', 'he'];
  const settings = ['--optimizer', 'adam', '--lr', '1e-3', '--batch', '64', '--epochs', '1'];
  const rest = ['--validation', '0', '--probe', '0', '--seed', '1', '--json'];
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'dist', 'cli.js'), ...job, ...settings, ...rest],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: LONGEST_OUTPUT },
  );
  if (status !== 0) return ExitCode.failed;

  const { network, data, run, runs, adapter } = JSON.parse(stdout) as TrainDocument;
  const { test } = runs[0]!;
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
  if (values.out) await writeOutput(values.out, text);
  if (!(test.accuracy >= NEEDED)) {
    note(`test accuracy ${test.accuracy} is below ${NEEDED}`);
    return ExitCode.failed;
  }
  return ExitCode.success;
}
