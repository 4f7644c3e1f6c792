/**
 * Parts of solves in a queue: BullMQ on Redis, which brings leases, retries and dead letters. Its packages are loaded
 * here and nowhere else.
 *
 *   lps:job:JOB        what is to be solved, once for all parts
 *   lps:part:JOB:I:N   what a worker has made of part I of N: its files, packed (part-files.ts)
 *   lps:parts:*        BullMQ's own: a job of the queue is one part, and its id JOB-I-N keeps doubles out
 */
import { createHash } from 'node:crypto';
import type { Job, Queue, Worker, WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { StoredJob } from '../checkpoint.js';
import { JobError, UsageError } from '../errors.js';
import type { Shard } from '../parts.js';

/** A part of a job, as it stands in the queue. */
export interface QueuedPart extends Shard {
  readonly job: string;
  /** What people call the job: the file. */
  readonly name: string;
  /** A folder that workers and submitter share, for the part's files; null sends them through the queue. */
  readonly folder: string | null;
}

/** How far a part is; `lost` is one that the queue does not know. */
export type PartState = 'waiting' | 'active' | 'done' | 'failed' | 'lost';

export interface PartReport extends QueuedPart {
  readonly state: PartState;
  /** Paths that have ended, and all of the part, as far as a worker has said. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  /** Why it failed; null where it did not. */
  readonly reason: string | null;
}

const NAME = 'parts';
const PREFIX = 'lps';
/** Redis that has gone for so long is given up. */
const PATIENCE_MS = 60_000;
const CONNECT_MS = 5_000;
const LONGEST_PAUSE_MS = 1_000;
/** What nobody collects is forgotten. */
const KEPT_SECONDS = 30 * 86_400;
/** Times that a part is tried when it fails, and pauses between them, which double. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 1_000;
const MOST_AT_ONCE = 500;

export class JobQueue {
  private constructor(
    /** Host, port and database: what may be said of the address. */
    readonly place: string,
    private readonly bull: typeof import('bullmq'),
    private readonly client: Redis,
    private readonly queue: Queue<QueuedPart>,
  ) {}

  /**
   * @param address redis://[user:password@]host[:port][/database], or rediss:// for TLS
   * @throws UsageError for another address, or without the packages; JobError when nobody answers there
   */
  static async open(address: string): Promise<JobQueue> {
    const place = placeOf(address);
    const { bull, ioredis } = await loadPackages();
    const client = new ioredis.Redis(address, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      // BullMQ asks for this: what waits for Redis waits until it is back.
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(LONGEST_PAUSE_MS, 50 * times),
    });
    let reason = 'no answer';
    // It tries again by itself; `answer` says when that takes too long.
    client.on('error', (error: Error) => (reason = error.message));
    client.connect().catch(() => undefined);
    try {
      await within(client.ping(), CONNECT_MS);
    } catch {
      client.disconnect();
      throw new JobError(`cannot use the queue at ${place}: ${withoutSecrets(reason, address)}`);
    }
    const queue = new bull.Queue<QueuedPart>(NAME, { connection: client, prefix: PREFIX });
    queue.on('error', () => undefined);
    return new JobQueue(place, bull, client, queue);
  }

  /** Puts in the parts that are not there. @throws JobError */
  async submit(parts: readonly QueuedPart[], job: StoredJob): Promise<void> {
    const key = jobKey(parts[0]!.job);
    await this.answer(this.client.set(key, JSON.stringify(job), 'EX', KEPT_SECONDS));
    for (let first = 0; first < parts.length; first += MOST_AT_ONCE) {
      const some = parts.slice(first, first + MOST_AT_ONCE).map((data) => ({
        name: data.name,
        data,
        opts: {
          jobId: idOf(data),
          attempts: ATTEMPTS,
          backoff: { type: 'exponential', delay: FIRST_PAUSE_MS },
          removeOnComplete: { age: KEPT_SECONDS },
        },
      }));
      await this.answer(this.queue.addBulk(some));
    }
  }

  /** What became of parts, in their order. @throws JobError */
  async report(parts: readonly QueuedPart[]): Promise<PartReport[]> {
    return Promise.all(
      parts.map(async (part) => {
        const job = await this.answer(this.queue.getJob(idOf(part)));
        if (!job) return { ...part, state: 'lost' as const, progress: null, reason: null };
        return reportOf(job, await this.answer(job.getState()));
      }),
    );
  }

  /** Every part in the queue. @throws JobError */
  async everything(): Promise<PartReport[]> {
    const states = ['waiting', 'delayed', 'prioritized', 'active', 'completed', 'failed'] as const;
    const lists = await Promise.all(
      states.map(async (state) => {
        const jobs = await this.answer(this.queue.getJobs([state]));
        return jobs.filter((job) => job as Job | undefined).map((job) => reportOf(job, state));
      }),
    );
    return lists.flat();
  }

  /** Tries a part that has failed again. */
  async retry(part: QueuedPart): Promise<void> {
    const job = await this.answer(this.queue.getJob(idOf(part)));
    // Somebody else may have done so.
    await job?.retry('failed').catch(() => undefined);
  }

  workers(): Promise<number> {
    return this.answer(this.queue.getWorkersCount());
  }

  /** The job of a part; null when the queue does not know it any more. */
  async job(part: QueuedPart): Promise<StoredJob | null> {
    const text = await this.answer(this.client.get(jobKey(part.job)));
    return text === null ? null : (JSON.parse(text) as StoredJob);
  }

  async keepFiles(part: QueuedPart, files: Buffer): Promise<void> {
    await this.answer(this.client.set(partKey(part), files, 'EX', KEPT_SECONDS));
  }

  /** The files of a part; null when they are not there. */
  files(part: QueuedPart): Promise<Buffer | null> {
    return this.answer(this.client.getBuffer(partKey(part)));
  }

  /** Takes parts out, with what was made of them. */
  async forget(parts: readonly QueuedPart[]): Promise<void> {
    for (const part of parts) {
      await this.answer(this.client.del(partKey(part)));
      const job = await this.answer(this.queue.getJob(idOf(part)));
      await job?.remove().catch(() => undefined);
    }
  }

  /** Forgets what a job was about, when its parts are out. */
  async forgetJob(job: string): Promise<void> {
    await this.answer(this.client.del(jobKey(job)));
  }

  /** Errors by which a worker says what is to become of a part. */
  get refusals() {
    const { UnrecoverableError, WaitingError } = this.bull;
    return { UnrecoverableError, WaitingError };
  }

  /** One part at a time, until it is closed. */
  worker(
    work: (job: Job<QueuedPart>, token: string) => Promise<unknown>,
    options: Pick<WorkerOptions, 'lockDuration' | 'stalledInterval' | 'maxStalledCount'>,
  ): Worker<QueuedPart> {
    const worker = new this.bull.Worker<QueuedPart>(NAME, (job, token) => work(job, token ?? ''), {
      ...options,
      connection: this.client,
      prefix: PREFIX,
      concurrency: 1,
      autorun: false,
    });
    worker.on('error', () => undefined);
    return worker;
  }

  async close(): Promise<void> {
    await this.queue.close().catch(() => undefined);
    this.client.disconnect();
  }

  /** @throws JobError when Redis is away for too long, or refuses */
  private async answer<Result>(asked: Promise<Result>): Promise<Result> {
    try {
      return await within(asked, PATIENCE_MS);
    } catch (error) {
      throw new JobError(
        `the queue at ${this.place} fails: ${(error as Error).message}; what is done is kept there, and the same command goes on`,
      );
    }
  }
}

/** Names a job by what it computes. */
export function digestOf(job: StoredJob, parts: number): string {
  const text = JSON.stringify([job.command, job.words, job.options, job.inputs, parts]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** @throws UsageError, which does not repeat an address that may hold a password */
function placeOf(address: string): string {
  const form = 'redis://[user:password@]host[:port][/database], or rediss:// for TLS';
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new UsageError(`--queue is no address: give ${form}`);
  }
  if (!/^rediss?:$/.test(url.protocol) || url.hostname === '')
    throw new UsageError(`--queue is no address of Redis: give ${form}`);
  return `${url.hostname}:${url.port || '6379'}${url.pathname.length > 1 ? url.pathname : ''}`;
}

function withoutSecrets(text: string, address: string): string {
  const { username, password } = new URL(address);
  return [password, decodeURIComponent(password), username]
    .filter((secret) => secret !== '')
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

async function loadPackages() {
  try {
    const [bull, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bull, ioredis };
  } catch {
    throw new UsageError(
      'a queue needs two more packages: "npm install bullmq ioredis" brings them',
    );
  }
}

function jobKey(job: string): string {
  return `${PREFIX}:job:${job}`;
}

function partKey({ job, index, of }: QueuedPart): string {
  return `${PREFIX}:part:${job}:${index}:${of}`;
}

function idOf({ job, index, of }: QueuedPart): string {
  return `${job}-${index}-${of}`;
}

function reportOf(job: Job<QueuedPart>, state: string): PartReport {
  const progress = job.progress as Partial<PartReport['progress']> | undefined;
  return {
    ...job.data,
    state:
      state === 'completed'
        ? 'done'
        : state === 'active' || state === 'failed'
          ? state
          : state === 'unknown'
            ? 'lost'
            : 'waiting',
    progress:
      typeof progress?.done === 'number' && typeof progress.total === 'number'
        ? { done: progress.done, total: progress.total }
        : null,
    reason: state === 'failed' ? (job.failedReason ?? 'unknown') : null,
  };
}

async function within<Result>(asked: Promise<Result>, milliseconds: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer for ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
