/**
 * `npm run fuzz`: spoilt inputs to every reader; each must read them or say what is wrong.
 *
 *   --runs N       inputs for each, default 20000
 *   --only NAMES   readers whose name contains one of these
 *   --seed N       of the inputs, to see a failure again
 */
import { parseArgs } from 'node:util';
import { ExitCode, JobError } from '../../src/cli/errors.js';
import { asTool, countFrom, note } from '../tool.js';
import { fuzzReader, READERS } from './readers.js';

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: words,
    options: {
      runs: { type: 'string', default: '20000' },
      only: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const runs = countFrom('--runs', values.runs);
  const only = values.only?.split(',');
  const failed: string[] = [];
  for (const reader of READERS) {
    if (only && !only.some((part) => reader.name.includes(part))) continue;
    // Without its seeds everything would be refused at once, and nothing be tried.
    for (const seed of reader.seeds) await reader.read(seed as never);
    const begin = performance.now();
    try {
      await fuzzReader(reader, runs, values.seed === undefined ? undefined : Number(values.seed));
      note(`${reader.name}: ${runs} inputs in ${Math.round(performance.now() - begin)} ms`);
    } catch (error) {
      failed.push(reader.name);
      note(`${reader.name}: ${(error as Error).message}`);
    }
  }
  if (failed.length > 0) throw new JobError(`not every input is answered: ${failed.join(', ')}`);
  return ExitCode.success;
}
