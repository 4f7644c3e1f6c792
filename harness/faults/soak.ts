/**
 * `lps soak`: jobs of many kinds, one after another, into each of which a fault is injected; what comes out must be what
 * comes out of the job without it. Says what was injected, survived, lost, and how the memory went.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ExitCode, InterruptedError, JobError } from '../../src/cli/errors.js';
import { abortOnInterrupt } from '../../src/cli/interrupt.js';
import { count, duration } from '../../src/cli/numbers.js';
import { printJson, printLines } from '../../src/cli/output.js';
import type { SoakOptions } from '../../src/cli/soak.js';
import { textTable } from '../../src/cli/text-table.js';
import { openGpu, type GpuDevice } from '../../src/gpu/index.js';
import { solve, type SolveOptions, type SolveResult } from '../../src/homotopy/index.js';
import { randomStream } from '../../src/math/random.js';
import { parseSystem } from '../../src/polynomial/index.js';
import { SetupError } from '../setup/paths.mjs';
import { asTool, note } from '../tool.js';
import { coupledQuadrics, makeJobs, withoutTiming } from './jobs.js';
import { killAndResume } from './kill-resume.js';
import { runLps } from './processes.js';
import { solveThroughQueue } from './queue.js';
import { RedisServer } from './redis-server.js';

export const runSoak = asTool(run);

/** What one round did. */
interface Round {
  readonly injected: number;
  /** Null when the outcome is that of the undisturbed job, else what is wrong. */
  readonly wrong: string | null;
}

interface Fault {
  readonly name: string;
  readonly inject: (random: () => number) => Promise<Round>;
}

interface Tally {
  rounds: number;
  injected: number;
  survived: number;
  readonly wrong: string[];
}

interface SoakDocument {
  readonly minutes: number;
  readonly seed: number;
  readonly faults: Readonly<Record<string, Tally>>;
  /** Faults that could not be tried here, and why. */
  readonly skipped: readonly string[];
  /** Resident memory of this process after each round, MB. */
  readonly memory: readonly number[];
  /** Largest resident memory of the last quarter of the rounds over that of the second quarter. */
  readonly growth: number | null;
}

const STREAM = 0x50000;
/** 2^9 paths: a second of work on a software adapter. */
const system = parseSystem({ equations: coupledQuadrics(9) });
const MEGABYTE = 1 << 20;
/** Fewer rounds say nothing of growth. */
const FEWEST_ROUNDS = 16;

async function run({ minutes, seed, json }: SoakOptions): Promise<ExitCode> {
  const signal = abortOnInterrupt(note);
  const folder = mkdtempSync(join(tmpdir(), 'lps-soak-'));
  const skipped: string[] = [];
  const redis = await RedisServer.begin(join(folder, 'redis'), 'soak').catch((error: unknown) => {
    if (!(error instanceof SetupError)) throw error;
    skipped.push(`Redis restarted: ${error.message}`);
    return null;
  });
  const gpu = await openGpu();
  try {
    const faults = [
      deviceDestroyed(gpu),
      workerKilled(),
      ...processKilled(folder),
      diskFull(folder),
      ...(redis ? [redisRestarted(redis, folder)] : []),
    ];
    const tallies = Object.fromEntries(
      faults.map(({ name }): [string, Tally] => [
        name,
        { rounds: 0, injected: 0, survived: 0, wrong: [] },
      ]),
    );
    const random = randomStream(seed, STREAM);
    const memory: number[] = [];
    const begin = performance.now();
    const end = begin + 60_000 * minutes;
    for (let k = 0; performance.now() < end && !signal.aborted; k++) {
      const { name, inject } = faults[k % faults.length]!;
      const tally = tallies[name]!;
      const { injected, wrong } = await inject(() => random.uniform());
      tally.rounds++;
      tally.injected += injected;
      if (wrong === null) tally.survived += injected;
      else tally.wrong.push(wrong);
      memory.push(Math.round(process.memoryUsage.rss() / MEGABYTE));
      note(`${duration(performance.now() - begin)}: ${name}, ${wrong ?? 'survived'}`);
    }
    const document = { minutes, seed, faults: tallies, skipped, memory, growth: growthOf(memory) };
    if (json) await printJson(document);
    else printLines(describe(document));
    const wrong = Object.values(tallies).flatMap((tally) => tally.wrong);
    if (wrong.length > 0) throw new JobError(`${wrong.length} outcomes are wrong: ${wrong[0]!}`);
    if (signal.aborted) throw new InterruptedError('stopped');
    return ExitCode.success;
  } finally {
    gpu.close();
    await redis?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The device goes at up to three random moments of a solve. */
function deviceDestroyed(gpu: GpuDevice): Fault {
  let expected: string | undefined;
  let milliseconds = 0;
  const options: SolveOptions = { seed: 3, precision: 'gpu', certify: true };
  return {
    name: 'device destroyed',
    async inject(random) {
      expected ??= outcomeOf(await solve(gpu, system, options));
      if (milliseconds === 0) {
        // Once more, with what is compiled.
        const begin = performance.now();
        await solve(gpu, system, options);
        milliseconds = performance.now() - begin;
      }
      const timers = Array.from({ length: 3 }, (_, k) =>
        setTimeout(
          () => {
            gpu.current.device.destroy();
          },
          // A loss makes it longer: it compiles again.
          milliseconds * (k + random()),
        ),
      );
      const lost: GpuDevice[] = [];
      const watch = (device: GpuDevice): void => {
        void device.lost.then(() => lost.push(device));
      };
      watch(gpu.current);
      const result = await solve(gpu, system, options);
      timers.forEach(clearTimeout);
      const [, times] = /lost (once|\d+ times)/.exec(result.warnings.join()) ?? [];
      const injected = times === undefined ? lost.length : Math.max(1, Number.parseInt(times) || 1);
      return { injected, wrong: compare(expected, outcomeOf(result)) };
    },
  };
}

/** Workers go, one every so often, while they follow paths. */
function workerKilled(): Fault {
  let expected: string | undefined;
  const options: SolveOptions = { seed: 4, precision: 'f64', certify: true };
  const solveBy = async (onWorker: (worker: Worker) => void): Promise<SolveResult> => {
    const gpu = await openGpu({
      createWorker: () => {
        const worker = new Worker(new URL('./lps-worker.js', import.meta.url));
        onWorker(worker);
        return worker as never;
      },
    });
    try {
      return await solve(gpu, system, options);
    } finally {
      gpu.close();
    }
  };
  return {
    name: 'worker killed',
    async inject(random) {
      expected ??= outcomeOf(await solveBy(() => undefined));
      let injected = 0;
      const timers: NodeJS.Timeout[] = [];
      const result = await solveBy((worker) => {
        if (injected >= 3) return;
        const kill = (): void => {
          injected++;
          void worker.terminate();
        };
        timers.push(setTimeout(kill, 100 + 400 * random()));
      });
      timers.forEach(clearTimeout);
      return { injected, wrong: compare(expected, outcomeOf(result)) };
    },
  };
}

/** kill -9 of whole processes, which go on from their checkpoints. */
function processKilled(folder: string): Fault[] {
  const jobs = makeJobs(join(folder, 'jobs'));
  return jobs.map((job) => ({
    name: `killed and resumed: ${job.name}`,
    async inject() {
      const { kills, trials, equal } = await killAndResume(job, 1, folder);
      return { injected: kills, wrong: equal === trials ? null : `${job.name} differs` };
    },
  }));
}

/** The place of the result is full: it goes to standard output, and the exit code is 1. */
function diskFull(folder: string): Fault {
  const path = join(folder, 'small.txt');
  writeFileSync(path, coupledQuadrics(5).join('\n'));
  const words = ['solve', path, '--precision', 'f64'];
  let expected: string | undefined;
  return {
    name: 'disk full',
    async inject() {
      const out = join(folder, 'whole.json');
      if (expected === undefined) {
        await runLps([...words, '--out', out], { folder });
        expected = withoutTiming(readFileSync(out, 'utf8'));
      }
      const { code, out: text } = await runLps([...words, '--out', '/dev/full'], { folder });
      const isWhole = code === 1 && withoutTiming(text) === expected;
      return { injected: 1, wrong: isWhole ? null : `a full disk loses the result (exit ${code})` };
    },
  };
}

/** Redis and a worker are killed while a solve goes through the queue. */
function redisRestarted(redis: RedisServer, folder: string): Fault {
  return {
    name: 'Redis and a worker of the queue killed',
    async inject(random) {
      const { kills, restarts, isEqual } = await solveThroughQueue(redis, folder, {
        ...{ workers: 2, parts: 6, variables: 10, mostKills: 2 },
        killMs: 2000 + 2000 * random(),
      });
      return { injected: kills + restarts, wrong: isEqual ? null : 'the merged result differs' };
    },
  };
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

/** The first quarter fills caches. */
function growthOf(memory: readonly number[]): number | null {
  if (memory.length < FEWEST_ROUNDS) return null;
  const quarter = Math.floor(memory.length / 4);
  return Math.max(...memory.slice(-quarter)) / Math.max(...memory.slice(quarter, 2 * quarter));
}

function describe({ faults, skipped, memory, growth }: SoakDocument): string[] {
  return [
    ...textTable(
      [
        { title: 'fault', align: 'left' },
        ...['rounds', 'injected', 'survived', 'wrong'].map((title) => ({ title })),
      ],
      Object.entries(faults).map(([name, { rounds, injected, survived, wrong }]) => [
        name,
        ...[rounds, injected, survived, wrong.length].map(count),
      ]),
    ),
    '',
    `memory     ${Math.min(...memory)} to ${Math.max(...memory)} MB${growth === null ? '' : `, last quarter ${growth.toFixed(2)} times the second`}`,
    ...skipped.map((reason) => `skipped    ${reason}`),
  ];
}
