/**
 * `node harness/run.mjs tracked-blocks`: what tracked blocks of the last hidden layer are
 * worth as a start, measured on small networks (src/experiments/tracked-blocks).
 *
 *   --seeds 1,2,3       default 1,2,3,4,5
 *   --only TEXT         tasks whose name contains it
 *   --regularization L  lambda, default 1e-4
 *   --json FILE         where the document goes (Markdown beside it); default
 *                       docs/results/tracked-blocks.json
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import { openGpu, trackedBlocksExperiment } from '../internals.js';
import { root } from '../setup/paths.mjs';
import { note, asTool } from '../tool.js';
import { markdownOf } from './tracked-blocks-report.js';

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      seeds: { type: 'string', default: '1,2,3,4,5' },
      only: { type: 'string', default: '' },
      regularization: { type: 'string', default: '1e-4' },
      json: { type: 'string', default: join(root, 'docs', 'results', 'tracked-blocks.json') },
    },
  });
  const gpu = await openGpu();
  try {
    await trackedBlocksExperiment(gpu, {
      seeds: options.seeds.split(',').map(Number),
      only: options.only,
      regularization: Number(options.regularization),
      onProgress: note,
      // After every task: what is measured is not lost when a later task is interrupted.
      onTask: async (soFar) => {
        await writeOutput(options.json, `${JSON.stringify(soFar, null, 1)}\n`);
        await writeOutput(options.json.replace(/\.json$/, '.md'), markdownOf(soFar));
      },
    });
  } finally {
    gpu.close();
  }
  return ExitCode.success;
}
