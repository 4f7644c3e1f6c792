/**
 * `node harness/run.mjs kill-resume`: every command that keeps a checkpoint is killed (SIGKILL) at random
 * moments, often more than once, and resumed; its document must be that of a run that nothing stopped.
 *
 *   --kills N      of each job, default 50: only those that hit a running process count
 *   --only NAMES   of harness/faults/jobs.ts, default all
 *   --json FILE    where the counts go, too
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, JobError } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import { asTool, chosenBy, countFrom, note } from '../tool.js';
import { makeJobs, withoutTiming, workKept, type Job } from './jobs.js';
import { runLps } from './processes.js';

interface Outcome {
  readonly job: string;
  /** Jobs that were carried to their ends, past one kill or more. */
  readonly trials: number;
  /** Processes that were killed before they had ended: before anything was kept, while it was, and when all was. */
  readonly kills: number;
  readonly before: number;
  readonly during: number;
  readonly after: number;
  readonly equal: number;
  /** Milliseconds of the run that nothing stopped. */
  readonly milliseconds: number;
}

/** Of one job. */
const MOST_KILLS = 3;
/** Node has hardly begun by then, ms. */
const FIRST_KILL_MS = 150;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      kills: { type: 'string', default: '50' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const kills = countFrom('--kills', options.kills);
  const folder = mkdtempSync(join(tmpdir(), 'lps-kill-'));
  try {
    const outcomes: Outcome[] = [];
    for (const job of chosenBy(options.only, makeJobs(folder), 'job'))
      outcomes.push(await killAndResume(job, await runWhole(job, folder), kills, folder));
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
  /** What its checkpoint has at the end. */
  readonly work: number;
  readonly milliseconds: number;
}

/** @throws JobError when it fails by itself */
export async function runWhole({ name, words }: Job, folder: string): Promise<Whole> {
  const checkpoint = join(folder, `${name}-whole`);
  const { code, out, err, milliseconds } = await runLps(
    [...words, '--checkpoint', checkpoint, '--json'],
    { folder },
  );
  if (code !== 0) throw new JobError(`${name} fails by itself: ${err}`);
  const work = workKept(checkpoint);
  rmSync(checkpoint, { recursive: true });
  return { expected: withoutTiming(out), work, milliseconds };
}

/**
 * Kills and resumes until so many kills have hit.
 *
 * @param mostKills of one job; then it may end
 */
export async function killAndResume(
  { name, words }: Job,
  { expected, work, milliseconds }: Whole,
  wanted: number,
  folder: string,
  mostKills = MOST_KILLS,
): Promise<Outcome> {
  let [trials, equal] = [0, 0];
  const hits = { before: 0, during: 0, after: 0 };
  const kills = (): number => hits.before + hits.during + hits.after;
  while (kills() < wanted) {
    const checkpoint = join(folder, `${name}-${++trials}`);
    const isBegun = (): boolean => existsSync(join(checkpoint, 'job.json'));
    const goOn = (): string[] =>
      isBegun()
        ? ['resume', checkpoint, '--json']
        : [...words, '--checkpoint', checkpoint, '--json'];
    for (let kill = 0; kill < mostKills && kills() < wanted; kill++) {
      const killAfter = FIRST_KILL_MS + Math.random() * milliseconds;
      const { code } = await runLps(goOn(), { folder, killAfter });
      if (code !== null) break;
      const kept = isBegun() ? workKept(checkpoint) : 0;
      hits[kept === 0 ? 'before' : kept >= work ? 'after' : 'during']++;
    }
    const last = await runLps(goOn(), { folder });
    if (last.code === 0 && withoutTiming(last.out) === expected) equal++;
    else note(`${name} trial ${trials}: exit code ${last.code}, ${last.err.slice(-300)}`);
    rmSync(checkpoint, { recursive: true, force: true });
  }
  const { before, during, after } = hits;
  note(
    `${name}: ${equal} of ${trials} equal after ${kills()} kills, ${before} before anything was kept, ${during} at work, ${after} when all was (${Math.round(milliseconds)} ms each)`,
  );
  return {
    ...{ job: name, trials, kills: kills(), ...hits, equal },
    milliseconds: Math.round(milliseconds),
  };
}
