/**
 * `node harness/run.mjs queue-faults`: one solve through a queue by several workers, of which one after the other is
 * killed (SIGKILL) and replaced, while Redis is killed and started again; the merged result must be that of a single run.
 *
 *   --workers N    default 3
 *   --parts N      default 24
 *   --kill S       seconds between two kills of a worker, default 10
 *   --variables N  2^N paths, default 16
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, JobError } from '../../src/cli/errors.js';
import { asTool, countFrom, note } from '../tool.js';
import { coupledQuadrics, withoutTiming } from './jobs.js';
import { runLps, startLps, type Started } from './processes.js';
import { RedisServer } from './redis-server.js';

export const main = asTool(run);

/** Short, so that the parts of the dead soon go to others. */
const LEASE_SECONDS = 4;

async function run(words: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: words,
    options: {
      workers: { type: 'string', default: '3' },
      parts: { type: 'string', default: '24' },
      kill: { type: 'string', default: '10' },
      variables: { type: 'string', default: '16' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'lps-queue-'));
  const redis = await RedisServer.begin(join(folder, 'redis'), 'a-secret');
  try {
    const outcome = await solveThroughQueue(redis, folder, {
      workers: countFrom('--workers', values.workers),
      parts: countFrom('--parts', values.parts),
      killMs: 1000 * countFrom('--kill', values.kill),
      mostKills: Infinity,
      variables: countFrom('--variables', values.variables),
    });
    note(
      `${outcome.kills} workers and ${outcome.restarts} Redis killed: ${outcome.isEqual ? 'the merged result is that of a single run' : 'THE RESULTS DIFFER'}`,
    );
    if (!outcome.isEqual) throw new JobError('the merged result is not that of a single run');
    return ExitCode.success;
  } finally {
    await redis.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface QueueFaults {
  readonly workers: number;
  readonly parts: number;
  readonly killMs: number;
  /** Workers that are killed at most: on a busy machine a new one takes its time. */
  readonly mostKills: number;
  readonly variables: number;
}

export interface QueueOutcome {
  readonly kills: number;
  readonly restarts: number;
  readonly isEqual: boolean;
  /** All that any process said, to be searched for secrets. */
  readonly said: string;
}

/** Also what the test does, with smaller numbers. */
export async function solveThroughQueue(
  redis: RedisServer,
  folder: string,
  { workers, parts, killMs, mostKills, variables }: QueueFaults,
): Promise<QueueOutcome> {
  const system = join(folder, 'quadrics.txt');
  writeFileSync(system, coupledQuadrics(variables).join('\n'));
  const options = [system, '--precision', 'f64', '--seed', '7', '--json'];
  const single = await runLps(['solve', ...options], { folder });
  if (single.code !== 0) throw new JobError(`the single run fails: ${single.err}`);

  const environment = { LPS_QUEUE: redis.address };
  const said: string[] = [];
  const begin = (): Started =>
    startLps(['worker', '--lease', String(LEASE_SECONDS)], { folder, environment });
  const running = Array.from({ length: workers }, begin);
  const replaced: Started[] = [];
  const submitted = startLps(['submit', ...options, '--parts', String(parts)], {
    folder,
    environment,
  });
  let isOver = false;
  void submitted.ended.then(() => (isOver = true));
  let [kills, restarts] = [0, 0];
  try {
    for (let next = 0; !isOver && kills < mostKills; next = (next + 1) % workers) {
      await Promise.race([submitted.ended, new Promise((end) => setTimeout(end, killMs))]);
      if (isOver) break;
      running[next]!.child.kill('SIGKILL');
      kills++;
      replaced.push(running[next]!);
      if (restarts === 0) {
        await redis.kill();
        await redis.start();
        restarts++;
      }
      running[next] = begin();
    }
    await submitted.ended;
  } finally {
    for (const { child } of running) child.kill('SIGTERM');
  }
  const ended = await submitted.ended;
  for (const each of await Promise.all([...running, ...replaced].map((one) => one.ended)))
    said.push(each.out, each.err);
  said.push(ended.err);
  if (ended.code !== 0) throw new JobError(`lps submit fails: ${ended.err}\n${said.join('\n')}`);
  const isEqual = withoutTiming(ended.out) === withoutTiming(single.out);
  return { kills, restarts, isEqual, said: said.join('\n') };
}
