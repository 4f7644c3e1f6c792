/**
 * `node harness/run.mjs losses`: solves whose GPU device is destroyed, and solves whose workers are killed, at random moments
 * while they are at work; each must end with the result of an undisturbed one.
 *
 *   --strikes N  of each kind, default 20: only those that hit work in progress count
 *   --seed N     of the moments, default 1
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { ExitCode, JobError } from '../../src/cli/errors.js';
import { openGpu, type GpuDevice } from '../../src/gpu/index.js';
import { solve, type SolveOptions, type SolveResult } from '../../src/homotopy/index.js';
import { randomStream } from '../../src/math/random.js';
import { parseSystem } from '../../src/polynomial/index.js';
import { asTool, countFrom, note } from '../tool.js';
import { coupledQuadrics } from './jobs.js';

/** What one disturbed solve came to. */
export interface Round {
  /** Faults that hit work in progress. */
  readonly injected: number;
  /** Null when the outcome is that of the undisturbed job, else what is wrong. */
  readonly wrong: string | null;
}

export type Injection = (random: () => number) => Promise<Round>;

const STREAM = 0x51000;
/** 2^9 paths: a second of work on a software adapter. */
const system = parseSystem({ equations: coupledQuadrics(9) });
/** Strikes in one solve. */
const MOST_STRIKES = 3;
/** A worker is killed so long after it has answered, ms: it has its next piece of work then. */
const LATEST_KILL_MS = 20;
const LOOK_MS = 5;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: words,
    options: {
      strikes: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
    },
  });
  const strikes = countFrom('--strikes', values.strikes);
  const stream = randomStream(countFrom('--seed', values.seed), STREAM);
  const random = (): number => stream.uniform();
  const gpu = await openGpu();
  try {
    const wrong = [
      ...(await strike('device destroyed', deviceDestroyed(gpu), strikes, random)),
      ...(await strike('worker killed', workerKilled(), strikes, random)),
    ];
    if (wrong.length > 0) throw new JobError(`${wrong.length} solves are wrong: ${wrong[0]!}`);
    return ExitCode.success;
  } finally {
    gpu.close();
  }
}

/** Solves until so many faults have hit. @returns what is wrong */
async function strike(
  name: string,
  inject: Injection,
  strikes: number,
  random: () => number,
): Promise<string[]> {
  let [hits, solves] = [0, 0];
  const wrong: string[] = [];
  for (; hits < strikes; solves++) {
    const round = await inject(random);
    hits += round.injected;
    if (round.wrong !== null) wrong.push(`${name}: ${round.wrong}`);
  }
  note(`${name}: ${hits} times in ${solves} solves, ${solves - wrong.length} equal`);
  return wrong;
}

/** The device goes while it has work, up to three times in a solve. */
export function deviceDestroyed(gpu: GpuDevice): Injection {
  const options: SolveOptions = { seed: 3, precision: 'gpu', certify: true };
  let expected: string | undefined;
  /** How long the GPU has work, ms. */
  let busy = 0;
  const prepare = async (): Promise<string> => {
    const outcome = outcomeOf(await solve(gpu, system, options));
    // Once more, with what is compiled.
    let submitted = Infinity;
    const unwatch = onSubmission(gpu.current, () => (submitted = performance.now()));
    await solve(gpu, system, {
      ...options,
      onProgress: ({ done }) => {
        if (done > 0 && busy === 0) busy = performance.now() - submitted;
      },
    });
    unwatch();
    return outcome;
  };
  return async (random) => {
    expected ??= await prepare();
    let left = 1 + Math.floor(MOST_STRIKES * random());
    const destroyed = new WeakSet<GpuDevice>();
    let timer: NodeJS.Timeout | undefined;
    let unwatch = (): void => undefined;
    /** Strikes a moment after the device has been given work, and before it is done; then the device in its place. */
    const arm = (device: GpuDevice): void => {
      if (destroyed.has(device)) {
        timer = setTimeout(() => arm(gpu.current), LOOK_MS);
        return;
      }
      unwatch = onSubmission(device, () => {
        unwatch();
        timer = setTimeout(
          () => {
            destroyed.add(device);
            device.device.destroy();
            if (--left > 0) arm(device);
          },
          (busy * random()) / 2,
        );
      });
    };
    arm(gpu.current);
    const result = await solve(gpu, system, options);
    clearTimeout(timer);
    unwatch();
    // Struck too late for this solve, and not to be counted with the next.
    if (destroyed.has(gpu.current)) await gpu.current.replace();
    return { injected: lossesOf(result), wrong: compare(expected, outcomeOf(result)) };
  };
}

/** Workers go while they have work, up to three in a solve. */
export function workerKilled(): Injection {
  let expected: string | undefined;
  /** Answers of all workers to an undisturbed solve. */
  let answers = 0;
  const solveBy = async (watch: (worker: Worker) => void): Promise<string> => {
    const gpu = await openGpu({
      createWorker: () => {
        const worker = new Worker(new URL('./lps-worker.js', import.meta.url));
        watch(worker);
        return worker as never;
      },
    });
    try {
      const options: SolveOptions = { seed: 4, precision: 'f64', certify: true };
      return outcomeOf(await solve(gpu, system, options));
    } finally {
      gpu.close();
    }
  };
  return async (random) => {
    expected ??= await solveBy((worker) => worker.on('message', () => answers++));
    const wanted = 1 + Math.floor(MOST_STRIKES * random());
    /** After how many answers of all workers. */
    const moments = Array.from({ length: wanted }, () => Math.floor(answers * random()));
    let [seen, injected] = [0, 0];
    const timers: NodeJS.Timeout[] = [];
    const outcome = await solveBy((worker) => {
      let atWork = 0;
      let isDead = false;
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { readonly kind?: string }, transfer) => {
        if (message.kind === 'work') atWork++;
        post(message, transfer);
      };
      worker.on('message', () => {
        atWork--;
        seen++;
        if (!moments.some((moment) => seen > moment)) return;
        timers.push(
          setTimeout(() => {
            const due = moments.findIndex((moment) => seen > moment);
            if (due < 0 || isDead || atWork === 0) return;
            moments.splice(due, 1);
            isDead = true;
            injected++;
            void worker.terminate();
          }, LATEST_KILL_MS * random()),
        );
      });
    });
    timers.forEach(clearTimeout);
    return { injected, wrong: compare(expected, outcome) };
  };
}

/** Calls whenever a device is given work. @returns what ends that */
function onSubmission({ device: { queue } }: GpuDevice, call: () => void): () => void {
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    call();
    return submit(buffers);
  };
  return () => {
    queue.submit = submit;
  };
}

/** Losses that a solve has noticed, by what it says. */
function lossesOf({ warnings }: SolveResult): number {
  const [, times, number] = /device was lost (once|(\d+) times)/.exec(warnings.join()) ?? [];
  return times === undefined ? 0 : times === 'once' ? 1 : Number(number);
}

/** All that must not depend on what happened on the way. */
function outcomeOf({ solutions, paths, counts, partial }: SolveResult): string {
  return JSON.stringify({ solutions, paths, counts, partial });
}

function compare(expected: string, found: string): string | null {
  if (expected === found) return null;
  const [before, after] = [expected, found].map(
    (text) => (JSON.parse(text) as Pick<SolveResult, 'counts'>).counts.distinct,
  );
  return `${after! < before! ? 'solutions are lost' : after! > before! ? 'solutions are doubled' : 'solutions differ'}: ${after} instead of ${before}`;
}
