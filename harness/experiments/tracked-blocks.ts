/**
 * `node harness/run.mjs tracked-blocks`: what tracked blocks of the last hidden layer are
 * worth as a start, measured on small networks (src/experiments/tracked-blocks).
 *
 *   --seeds 1,2,3       default 1,2,3,4,5
 *   --only TEXT         tasks whose name contains it
 *   --variants A;B      starts by name; default all
 *   --regularization L  lambda, default 1e-4
 *   --json FILE         where the document goes (Markdown beside it); default
 *                       docs/results/tracked-blocks.json. Tasks that it has, of the same settings, are kept
 *   --enumerated        the comparison with blocks whose true minima are enumerated: seeds 11 to 15, in
 *                       docs/results/enumerated-blocks.json, and only the starts that it is compared with
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import { openGpu, trackedBlocksExperiment, type BlockExperiment } from '../internals.js';
import { root } from '../setup/paths.mjs';
import { note, asTool } from '../tool.js';
import { markdownOf } from './tracked-blocks-report.js';

const TRACKED = { seeds: '1,2,3,4,5', variants: null, file: 'tracked-blocks.json' };
/** Fixed before the first run; no seed of the other experiment is among them. */
const ENUMERATED = {
  seeds: '11,12,13,14,15',
  variants: [
    'lps',
    'lps, output fitted',
    'he, output fitted',
    'blocks from where they are',
    'blocks from a knot scan',
    'blocks tracked',
    'blocks enumerated',
    '2 directions: blocks tracked',
  ],
  file: 'enumerated-blocks.json',
};

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      seeds: { type: 'string' },
      only: { type: 'string', default: '' },
      regularization: { type: 'string', default: '1e-4' },
      variants: { type: 'string' },
      json: { type: 'string' },
      enumerated: { type: 'boolean', default: false },
    },
  });
  const preset = options.enumerated ? ENUMERATED : TRACKED;
  const seeds = (options.seeds ?? preset.seeds).split(',').map(Number);
  const variants = options.variants?.split(';') ?? preset.variants;
  const json = options.json ?? join(root, 'docs', 'results', preset.file);
  const regularization = Number(options.regularization);
  const known = knownResults(json, { seeds, regularization });
  const gpu = await openGpu();
  try {
    await trackedBlocksExperiment(gpu, {
      seeds,
      only: options.only,
      regularization,
      known,
      ...(variants && { variants }),
      onProgress: note,
      // After every task: what is measured is not lost when a later task is interrupted.
      onTask: async (soFar) => {
        await writeOutput(json, `${JSON.stringify(soFar, null, 1)}\n`);
        await writeOutput(json.replace(/\.json$/, '.md'), markdownOf(soFar));
      },
    });
  } finally {
    gpu.close();
  }
  return ExitCode.success;
}

/** Of an earlier run with the same settings. */
function knownResults(
  file: string,
  { seeds, regularization }: Pick<BlockExperiment, 'seeds' | 'regularization'>,
): BlockExperiment['results'] {
  if (!existsSync(file)) return [];
  const earlier = JSON.parse(readFileSync(file, 'utf8')) as BlockExperiment;
  const isSame = earlier.seeds.join() === seeds.join() && earlier.regularization === regularization;
  return isSame ? earlier.results : [];
}
