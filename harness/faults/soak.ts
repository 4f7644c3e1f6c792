/**
 * `lps soak`: jobs of many kinds, one after another, into each of which a fault is injected; what comes out must be what
 * comes out of the job without it. Says what was injected, survived, lost, and how the memory went.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, InterruptedError, JobError } from '../../src/cli/errors.js';
import { abortOnInterrupt } from '../../src/cli/interrupt.js';
import { count, duration } from '../../src/cli/numbers.js';
import { printJson, printLines } from '../../src/cli/output.js';
import type { SoakOptions } from '../../src/cli/soak.js';
import { textTable } from '../../src/cli/text-table.js';
import { openGpu } from '../../src/gpu/index.js';
import { randomStream } from '../../src/math/random.js';
import { SetupError } from '../setup/paths.mjs';
import { asTool, note } from '../tool.js';
import { coupledQuadrics, makeJobs, withoutTiming } from './jobs.js';
import { killAndResume, runWhole, type Whole } from './kill-resume.js';
import { deviceDestroyed, workerKilled, type Injection } from './losses.js';
import { runLps } from './processes.js';
import { solveThroughQueue } from './queue.js';
import { RedisServer } from './redis-server.js';

export const runSoak = asTool(run);

interface Fault {
  readonly name: string;
  readonly inject: Injection;
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
      { name: 'device destroyed', inject: deviceDestroyed(gpu) },
      { name: 'worker killed', inject: workerKilled() },
      diskFull(folder),
      ...(redis ? [redisRestarted(redis, folder)] : []),
      ...processKilled(folder),
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

/** kill -9 of whole processes, which go on from their checkpoints. */
function processKilled(folder: string): Fault[] {
  const jobs = makeJobs(join(folder, 'jobs'));
  return jobs.map((job) => {
    let whole: Whole | undefined;
    return {
      name: `killed and resumed: ${job.name}`,
      async inject() {
        whole ??= await runWhole(job, folder);
        // Once, so that every kind of job soon has its turn.
        const { kills, trials, equal } = await killAndResume(job, whole, 1, folder, 1);
        return { injected: kills, wrong: equal === trials ? null : `${job.name} differs` };
      },
    };
  });
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
