/** `lps submit`: a solve in parts, through a queue, and its result when all are done. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeFolder } from '../make-folder.js';
import { addCommonOptions, positiveInteger } from '../common-options.js';
import type { StoredJob } from '../checkpoint.js';
import { ExitCode, InterruptedError, JobError, UsageError } from '../errors.js';
import { plural } from '../numbers.js';
import { checkOutput, printJson } from '../output.js';
import { readParts } from '../parts.js';
import { PathLogs } from '../path-log.js';
import { runHostSession, type HostSession } from '../session.js';
import { addSolveOptions, mergeSolve, readSolveJob, type SolveCommandOptions } from '../solve.js';
import { digestOf, JobQueue, type PartReport, type QueuedPart } from './job-queue.js';
import { partFolder, unpackFiles } from './part-files.js';
import { queueOption } from './queue-option.js';

interface SubmitOptions extends SolveCommandOptions {
  readonly queue: string;
  readonly parts: number;
  readonly folder?: string;
  readonly detach?: true;
}

const PARTS = 32;
const MOST_PARTS = 10_000;
/** Between two looks at the queue. */
const LOOK_MS = 500;

const EXAMPLES = `
The system is read here and goes to the queue with its options; workers ("lps worker", any number, on any
machine) take parts of its paths. A part whose worker dies goes to another. Started again, the same command
goes on where it was: parts that are in the queue are not put in twice, and failed ones are tried again.

Examples:
  $ export LPS_QUEUE=redis://:secret@host:6379
  $ lps submit large.txt --parts 200 --out solutions.json
  $ lps submit large.txt --parts 200 --folder /shared/large     # parts stay there; "lps merge" reads them
  $ lps submit large.txt --parts 200 --detach                   # collect later by the same command without it`;

export function addSubmitCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('submit')
    .summary('solve a system by many workers, through a queue on Redis')
    .description('Shares a solve out to workers through a queue, and collects its result.')
    .argument('<file>', 'the system; - reads standard input')
    .addOption(queueOption())
    .option('--parts <number>', 'parts that the paths are shared out in', positiveInteger, PARTS)
    .option('--folder <folder>', 'leave the parts there, in a folder that the workers share')
    .option('--detach', 'put the job into the queue and do not wait for it');
  addCommonOptions(addSolveOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: SubmitOptions) => {
      done(await runSubmit(file, options));
    });
}

async function runSubmit(file: string, options: SubmitOptions): Promise<ExitCode> {
  const { parts: of, out, json, show, real } = options;
  if (of > MOST_PARTS) throw new UsageError(`--parts ${of} is too many: ${MOST_PARTS} at most`);
  checkOutput(out);
  const job = await readSolveJob(file, options);
  const id = digestOf(job, of);
  const shared = options.folder === undefined ? null : resolve(options.folder);
  if (shared !== null) makeFolder(shared);
  const parts = Array.from({ length: of }, (_, k): QueuedPart => ({
    ...{ job: id, name: basename(file), index: k + 1, of, folder: shared },
  }));
  const queue = await JobQueue.open(options.queue);
  const own = shared === null ? mkdtempSync(join(tmpdir(), 'lps-parts-')) : null;
  try {
    if (options.detach) {
      await queue.submit(parts, job);
      await announce(id, of, queue.place, json);
      return ExitCode.success;
    }
    const folder = shared ?? own!;
    await runHostSession((session) => collect(queue, parts, job, folder, session));
    const { job: merged, logs } = await readParts(parts.map((part) => partFolder(folder, part)));
    const code = await mergeSolve(merged, new PathLogs(logs), {
      ...{ json, show },
      ...(real && { real }),
      ...(out !== undefined && { out }),
    });
    if (code === ExitCode.success) {
      await queue.forget(parts);
      await queue.forgetJob(id);
    }
    return code;
  } finally {
    await queue.close();
    if (own !== null) rmSync(own, { recursive: true, force: true });
  }
}

async function announce(job: string, parts: number, place: string, json: boolean): Promise<void> {
  if (json) await printJson({ job, parts });
  else console.log(`job ${job}: ${plural(parts, 'part')} in the queue at ${place}`);
}

/** Waits until the files of every part are in the folder. @throws JobError when parts have failed for good */
async function collect(
  queue: JobQueue,
  parts: readonly QueuedPart[],
  job: StoredJob,
  folder: string,
  { signal, terminal }: HostSession,
): Promise<void> {
  const isHere = (part: QueuedPart): boolean => existsSync(partFolder(folder, part));
  await queue.submit(parts, job);
  // Those that failed before somebody asked again.
  for (const part of await queue.report(parts))
    if (part.state === 'failed') await queue.retry(part);
  for (;;) {
    const reports = await queue.report(parts.filter((part) => !isHere(part)));
    const lost: QueuedPart[] = [];
    for (const report of reports) {
      if (report.state === 'done' && !(await fetchFiles(queue, report, folder))) {
        await queue.forget([report]);
        lost.push(report);
      } else if (report.state === 'lost') lost.push(report);
    }
    // Redis may lose its last second in a restart.
    if (lost.length > 0) await queue.submit(lost, job);
    const failed = reports.filter(({ state }) => state === 'failed');
    if (reports.every((report) => report.state === 'failed' || isHere(report))) {
      terminal.clear();
      if (failed.length > 0) throw failureOf(failed);
      return;
    }
    terminal.status(() => describe(parts.length, reports));
    await pause(LOOK_MS, signal);
    if (signal.aborted) {
      throw new InterruptedError(
        'stopped waiting; the workers go on, and the same command collects what they find',
      );
    }
  }
}

/** Whether the files of a part that is done are here now. */
async function fetchFiles(queue: JobQueue, part: QueuedPart, folder: string): Promise<boolean> {
  const place = partFolder(folder, part);
  if (existsSync(place)) return true;
  const packed = part.folder === null ? await queue.files(part) : null;
  if (packed === null) return false;
  unpackFiles(packed, place);
  return true;
}

function failureOf(failed: readonly PartReport[]): JobError {
  const [{ index, of, reason }] = failed as [PartReport];
  return new JobError(
    `${plural(failed.length, 'part')} of ${of} failed, part ${index} by this: ${reason ?? 'unknown'}; the same command tries again`,
  );
}

function describe(all: number, open: readonly PartReport[]): string {
  const active = open.filter(({ state }) => state === 'active').length;
  const done = all - open.length + open.filter(({ state }) => state === 'done').length;
  return `${done} of ${plural(all, 'part')} done, ${active} at work`;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      done();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      done();
    }, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}
