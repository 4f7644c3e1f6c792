/**
 * `node harness/run.mjs kill-resume`: every command that keeps a checkpoint is killed (SIGKILL) at random
 * moments, often more than once, and resumed; its document must be that of a run that nothing stopped.
 *
 *   --trials N     for each job, default 50
 *   --only NAMES   of harness/faults/jobs.ts, default all
 *   --json FILE    where the counts go, too
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, JobError, UsageError } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import { countFrom, note, asTool } from '../tool.js';
import { makeJobs, withoutTiming, type Job } from './jobs.js';
import { runLps } from './processes.js';

interface Outcome {
  readonly job: string;
  readonly trials: number;
  /** Processes that were killed before they had ended. */
  readonly kills: number;
  readonly equal: number;
  /** Milliseconds of the run that nothing stopped. */
  readonly milliseconds: number;
}

const MOST_KILLS = 3;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      trials: { type: 'string', default: '50' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const trials = countFrom('--trials', options.trials);
  const folder = mkdtempSync(join(tmpdir(), 'lps-kill-'));
  try {
    const all = makeJobs(folder);
    const names = options.only?.split(',') ?? all.map(({ name }) => name);
    const outcomes: Outcome[] = [];
    for (const name of names) {
      const job = all.find((each) => each.name === name);
      if (!job)
        throw new UsageError(`no job "${name}": ${all.map((each) => each.name).join(', ')}`);
      outcomes.push(await killAndResume(job, await runWhole(job, folder), trials, folder));
    }
    if (options.json !== undefined)
      await writeOutput(options.json, `${JSON.stringify(outcomes, null, 1)}\n`);
    const lost = outcomes.filter(({ equal, trials: all }) => equal < all);
    if (lost.length > 0)
      throw new JobError(`results differ after kills: ${lost.map(({ job }) => job).join(', ')}`);
    return ExitCode.success;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A job that nothing stopped. */
export interface Whole {
  /** Its document, without times. */
  readonly expected: string;
  readonly milliseconds: number;
}

/** @throws JobError when it fails by itself */
export async function runWhole({ name, words }: Job, folder: string): Promise<Whole> {
  const { code, out, err, milliseconds } = await runLps([...words, '--json'], { folder });
  if (code !== 0) throw new JobError(`${name} fails by itself: ${err}`);
  return { expected: withoutTiming(out), milliseconds };
}

/** @param mostKills of one trial; then it may end */
export async function killAndResume(
  { name, words }: Job,
  { expected, milliseconds }: Whole,
  trials: number,
  folder: string,
  mostKills = MOST_KILLS,
): Promise<Outcome> {
  let [kills, equal] = [0, 0];
  for (let trial = 1; trial <= trials; trial++) {
    const checkpoint = join(folder, `${name}-${trial}`);
    const begin = [...words, '--checkpoint', checkpoint, '--json'];
    for (let kill = 0; kill < mostKills; kill++) {
      const isBegun = existsSync(join(checkpoint, 'job.json'));
      const killAfter = 150 + Math.random() * milliseconds;
      const ended = await runLps(isBegun ? ['resume', checkpoint, '--json'] : begin, {
        folder,
        killAfter,
      });
      if (ended.code === null) kills++;
      else break;
    }
    const isBegun = existsSync(join(checkpoint, 'job.json'));
    const last = await runLps(isBegun ? ['resume', checkpoint, '--json'] : begin, { folder });
    if (last.code === 0 && withoutTiming(last.out) === expected) equal++;
    else note(`${name} trial ${trial}: exit code ${last.code}, ${last.err.slice(-300)}`);
    rmSync(checkpoint, { recursive: true, force: true });
  }
  note(
    `${name}: ${equal} of ${trials} equal after ${kills} kills (${Math.round(milliseconds)} ms each)`,
  );
  return { job: name, trials, kills, equal, milliseconds: Math.round(milliseconds) };
}
