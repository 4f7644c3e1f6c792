/**
 * `node harness/experiments/tracked-blocks.mjs`: what tracked blocks of the last hidden layer are
 * worth as a start, measured on small networks (src/experiments/tracked-blocks).
 *
 *   --seeds 1,2,3       default 1,2,3,4,5
 *   --only TEXT         tasks whose name contains it
 *   --regularization L  lambda, default 1e-4
 *   --json FILE         where the document goes (Markdown beside it); default
 *                       docs/results/tracked-blocks.json
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { ensureSetup } from '../setup.mjs';
import { root, say } from '../setup/paths.mjs';
import { markdownOf } from './tracked-blocks-report.mjs';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    only: { type: 'string', default: '' },
    regularization: { type: 'string', default: '1e-4' },
    json: { type: 'string', default: join(root, 'docs', 'results', 'tracked-blocks.json') },
  },
});

await ensureSetup();
const { openGpu, trackedBlocksExperiment } = await import(
  pathToFileURL(join(root, 'dist', 'internals', 'index.js')).href
);
const gpu = await openGpu();
try {
  mkdirSync(dirname(options.json), { recursive: true });
  await trackedBlocksExperiment(gpu, {
    seeds: options.seeds.split(',').map(Number),
    only: options.only,
    regularization: Number(options.regularization),
    onProgress: say,
    // After every task: what is measured is not lost when a later task is interrupted.
    onTask: (soFar) => {
      writeFileSync(options.json, `${JSON.stringify(soFar, null, 1)}\n`);
      writeFileSync(options.json.replace(/\.json$/, '.md'), markdownOf(soFar));
    },
  });
} finally {
  gpu.close();
}
