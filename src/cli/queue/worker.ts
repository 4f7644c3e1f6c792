/** `lps worker`: takes parts of solves from a queue, until it is told to stop. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from 'bullmq';
import { Option, type Command } from 'commander';
import { LpsError } from '../../math/lps-error.js';
import {
  addAdapterOption,
  addJsonOption,
  positiveInteger,
  type CommonOptions,
} from '../common-options.js';
import type { ExitCode } from '../errors.js';
import { plural } from '../numbers.js';
import { printJson } from '../output.js';
import { describePart } from '../parts.js';
import { runSession, type Session } from '../session.js';
import { solvePart } from '../solve.js';
import { JobQueue, type QueuedPart } from './job-queue.js';
import { deliverFiles, packFiles, partFolder } from './part-files.js';
import { queueOption } from './queue-option.js';

interface WorkerCommandOptions extends Pick<CommonOptions, 'json' | 'adapter'> {
  readonly queue: string;
  readonly idle?: number;
  readonly lease: number;
}

const LEASE_SECONDS = 30;
/** Leases that may run out over one part: of machines that die, not of parts that kill them. */
const MOST_STALLS = 10;
/** Between two words about progress. */
const PROGRESS_MS = 1_000;
const LOOK_MS = 250;

const EXAMPLES = `
Any number of workers, on any machine and any adapter; each follows one part at a time. Ctrl-C (or TERM) gives the
part at work back to the queue. A worker that is killed loses its part to another when its lease has run out.

Examples:
  $ export LPS_QUEUE=redis://:secret@host:6379
  $ lps worker
  $ lps worker --idle 60          # ends when there has been nothing to do for a minute`;

export function addWorkerCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('worker')
    .summary('work for "lps submit", through a queue on Redis')
    .description('Takes parts of solves from a queue and follows their paths.')
    .addOption(queueOption())
    .option('--idle <seconds>', 'end after so long without work', positiveInteger)
    .addOption(
      new Option('--lease <seconds>', 'a part whose worker is silent for so long goes to another')
        .argParser(positiveInteger)
        .default(LEASE_SECONDS),
    );
  addAdapterOption(addJsonOption(command))
    .addHelpText('after', EXAMPLES)
    .action(async (options: WorkerCommandOptions) => {
      done(await runWorker(options));
    });
}

async function runWorker(options: WorkerCommandOptions): Promise<ExitCode> {
  const queue = await JobQueue.open(options.queue);
  const tally = { done: 0, failed: 0, givenBack: 0 };
  try {
    const code = await runSession(options, (session) => work(queue, options, session, tally));
    if (options.json) await printJson(tally);
    else {
      console.log(
        `${plural(tally.done, 'part')} done, ${tally.failed} failed, ${tally.givenBack} given back`,
      );
    }
    return code;
  } finally {
    await queue.close();
  }
}

async function work(
  queue: JobQueue,
  { idle, lease }: WorkerCommandOptions,
  session: Session,
  tally: { done: number; failed: number; givenBack: number },
): Promise<void> {
  const { signal, terminal } = session;
  let isBusy = false;
  let since = performance.now();
  const worker = queue.worker(
    async (job, token) => {
      isBusy = true;
      try {
        await followPart(queue, job, token, session);
        tally.done++;
      } catch (error) {
        if (error instanceof queue.refusals.WaitingError) tally.givenBack++;
        else tally.failed++;
        throw error;
      } finally {
        isBusy = false;
        since = performance.now();
      }
    },
    {
      lockDuration: 1000 * lease,
      stalledInterval: 500 * lease,
      maxStalledCount: MOST_STALLS,
    },
  );
  worker.on('failed', (job, { message }) => {
    terminal.note(`part ${job?.data.index ?? '?'} of ${job?.data.name ?? '?'} failed: ${message}`);
  });
  terminal.note(`waiting for parts from ${queue.place}`);
  const running = worker.run();
  // At once, or the part that is given back would be taken again.
  const stop = (): void => {
    worker.close().catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  const isOver = (): boolean =>
    signal.aborted || (idle !== undefined && !isBusy && performance.now() - since > 1000 * idle);
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  await worker.close();
  await running;
}

/** Follows the paths of one part and hands its files over; an abort gives it back. */
async function followPart(
  queue: JobQueue,
  job: Job<QueuedPart>,
  token: string,
  { gpu, signal, terminal }: Session,
): Promise<void> {
  const { UnrecoverableError, WaitingError } = queue.refusals;
  const { data } = job;
  const { index, of } = data;
  const stored = await queue.job(data);
  if (!stored) throw new UnrecoverableError('the queue does not know its job any more');
  const folder = mkdtempSync(join(tmpdir(), 'lps-part-'));
  let told = -Infinity;
  try {
    const part = await solvePart(
      { ...stored, options: { ...stored.options, shard: { index, of } } },
      folder,
      {
        gpu,
        signal,
        onProgress: (progress) => {
          terminal.progress(`${data.name} ${index}/${of}: `, progress);
          if (performance.now() - told < PROGRESS_MS) return;
          told = performance.now();
          const { done, total } = progress;
          // What Redis does not hear now it hears next time.
          job.updateProgress({ done, total }).catch(() => undefined);
        },
      },
      (text) => {
        terminal.note(text);
      },
    );
    if (part.partial) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    if (data.folder !== null) deliverFiles(folder, partFolder(data.folder, part));
    else await queue.keepFiles(data, packFiles(folder));
    terminal.note(describePart(part, data.folder ?? 'the queue')[0]!);
  } catch (error) {
    const isHopeless =
      error instanceof LpsError && ['usage', 'input', 'limit'].includes(error.kind);
    throw isHopeless ? new UnrecoverableError((error as Error).message) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
