/** `lps status`: what a queue holds, who works for it, and what has failed. */
import type { Command } from 'commander';
import { addJsonOption } from '../common-options.js';
import { ExitCode } from '../errors.js';
import { count, plural } from '../numbers.js';
import { printJson, printLines } from '../output.js';
import { textTable } from '../text-table.js';
import { JobQueue, type PartReport, type PartState } from './job-queue.js';
import { queueOption } from './queue-option.js';

interface StatusOptions {
  readonly queue: string;
  readonly json: boolean;
}

interface JobStatus {
  readonly job: string;
  readonly name: string;
  readonly parts: number;
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  /** Parts that were tried often enough: "lps submit" tries them again. */
  readonly failed: readonly { readonly index: number; readonly reason: string }[];
  /** Paths of the parts at work that have ended. */
  readonly pathsAtWork: number;
}

export function addStatusCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .summary('what is in a queue of "lps submit"')
    .description('Shows the jobs in a queue, how far they are, and which parts have failed.')
    .addOption(queueOption());
  addJsonOption(command).action(async (options: StatusOptions) => {
    done(await runStatus(options));
  });
}

async function runStatus({ queue: address, json }: StatusOptions): Promise<ExitCode> {
  const queue = await JobQueue.open(address);
  try {
    const [parts, workers] = [await queue.everything(), await queue.workers()];
    const jobs = jobsOf(parts);
    if (json) await printJson({ queue: queue.place, workers, jobs });
    else printLines(describe(queue.place, workers, jobs));
    return ExitCode.success;
  } finally {
    await queue.close();
  }
}

function jobsOf(parts: readonly PartReport[]): JobStatus[] {
  const byJob = new Map<string, PartReport[]>();
  for (const part of parts) {
    const others = byJob.get(part.job);
    if (others) others.push(part);
    else byJob.set(part.job, [part]);
  }
  return [...byJob].map(([job, all]) => {
    const those = (state: PartState) => all.filter((part) => part.state === state);
    return {
      job,
      name: all[0]!.name,
      parts: all[0]!.of,
      waiting: those('waiting').length,
      active: those('active').length,
      done: those('done').length,
      failed: those('failed').map(({ index, reason }) => ({ index, reason: reason ?? 'unknown' })),
      pathsAtWork: those('active').reduce((sum, { progress }) => sum + (progress?.done ?? 0), 0),
    };
  });
}

function describe(place: string, workers: number, jobs: readonly JobStatus[]): string[] {
  const head = `${plural(workers, 'worker')} at ${place}`;
  if (jobs.length === 0) return [head, 'no job'];
  const rows = jobs.map((job) => [
    job.job,
    job.name,
    ...[job.parts, job.waiting, job.active, job.done, job.failed.length, job.pathsAtWork].map(
      count,
    ),
  ]);
  const numbers = ['parts', 'waiting', 'at work', 'done', 'failed', 'paths at work'];
  return [
    head,
    '',
    ...textTable(
      [
        { title: 'job', align: 'left' },
        { title: 'system', align: 'left' },
        ...numbers.map((title) => ({ title })),
      ],
      rows,
    ),
    ...jobs.flatMap(({ name, parts, failed }) =>
      failed.map(({ index, reason }) => `part ${index} of ${parts} of ${name} failed: ${reason}`),
    ),
  ];
}
