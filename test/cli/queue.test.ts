/**
 * Believed afterwards: a solve that goes through a queue in parts, while a worker is killed and Redis with it, ends with
 * the result of a single run; addresses and passwords are said nowhere; what fails is told and tried again. Truth: the
 * single run. Where no Redis can be had the tests are skipped and say why.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SolveResult } from 'lps-webgpu';
import { solveThroughQueue } from '../../harness/faults/queue.js';
import { coupledQuadrics } from '../../harness/faults/jobs.js';
import { startLps } from '../../harness/faults/processes.js';
import { RedisServer } from '../../harness/faults/redis-server.js';
import { blocksRunBy, lpsCommandsIn } from '../helpers/code-blocks.js';
import { runCommand } from '../helpers/command.js';

const SECRET = 'p4ss-w0rd';
const folder = mkdtempSync(join(tmpdir(), 'lps-queue-'));
const redis = await RedisServer.begin(join(folder, 'redis'), SECRET).catch((error: unknown) => {
  console.warn(`skipped, tests of the queue: ${(error as Error).message}`);
  return null;
});
afterAll(async () => {
  await redis?.kill();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['nonsense', /no address: give redis:/],
  [`http://user:${SECRET}@host`, /no address of Redis/],
  [`redis://:${SECRET}@127.0.0.1:1`, /cannot use the queue at 127\.0\.0\.1:1: .*ECONNREFUSED/],
])('refuses %s, and says no secret', async (address, message) => {
  const { code, out, err } = await runCommand(['status', '--queue', address]);
  expect({ code: code > 0, out }).toEqual({ code: true, out: '' });
  expect(err).toMatch(message);
  expect(err).not.toContain(SECRET);
});

describe.skipIf(redis === null)('with a Redis', () => {
  it('ends with the result of a single run, whoever is killed', async () => {
    const { kills, restarts, isEqual, said } = await solveThroughQueue(redis!, folder, {
      ...{ workers: 2, parts: 4, killMs: 2500, mostKills: 1, variables: 14 },
    });
    expect({ restarts, isEqual }).toEqual({ restarts: 1, isEqual: true });
    expect(kills).toBeGreaterThan(0);
    expect(said).not.toContain(SECRET);
  });

  it('tells what waits, gives parts back, and drops what is submitted twice', async () => {
    const environment = { LPS_QUEUE: redis!.address };
    const system = join(folder, 'conics.txt');
    writeFileSync(system, 'x^2 + y^2 - 4\nx*y - 1\n');
    const detached = ['submit', system, '--parts', '3', '--detach', '--json'];
    const first = await runCommand(detached, { environment });
    expect(await runCommand(detached, { environment })).toEqual(first);
    const ask = async () => {
      const { out } = await runCommand(['status', '--json'], { environment });
      return JSON.parse(out) as { jobs: { name: string; parts: number; waiting: number }[] };
    };
    expect((await ask()).jobs).toMatchObject([{ name: 'conics.txt', parts: 3, waiting: 3 }]);

    const worker = startLps(['worker', '--idle', '2', '--json'], { folder, environment });
    const { code, out } = await runCommand(['submit', system, '--parts', '3', '--json'], {
      environment,
    });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ counts: { distinct: 4 }, paths: { tracked: 4 } });
    expect(JSON.parse((await worker.ended).out)).toEqual({ done: 3, failed: 0, givenBack: 0 });
    expect((await ask()).jobs).toEqual([]);
  });

  it('does what the guide shows', async () => {
    const [block] = blocksRunBy('test/cli/queue.test.ts', 'docs/long-runs.md');
    const environment = { LPS_QUEUE: redis!.address };
    writeFileSync(join(folder, 'large.txt'), coupledQuadrics(6).join('\n'));
    const [work, submit, status] = lpsCommandsIn(block!);
    const worker = startLps(work!, { folder, environment });
    const done = await runCommand(submit!, { folder, environment });
    expect(done.code, done.err).toBe(0);
    const { counts } = JSON.parse(
      readFileSync(join(folder, 'solutions.json'), 'utf8'),
    ) as SolveResult;
    expect(counts.distinct).toBe(64);
    expect((await runCommand(status!, { environment })).code).toBe(0);
    worker.child.kill('SIGINT');
    expect((await worker.ended).code).toBe(130);
  });

  it('gives the part at work back when it is asked to stop', async () => {
    const environment = { LPS_QUEUE: redis!.address };
    const large = join(folder, 'large.txt');
    // Minutes of work: it is still going on when it is first told of.
    writeFileSync(large, coupledQuadrics(18).join('\n'));
    const words = [
      'submit',
      large,
      '--parts',
      '1',
      '--precision',
      'f64',
      '--no-certify',
      '--detach',
    ];
    expect((await runCommand(words, { environment })).code).toBe(0);
    const stopped = startLps(['worker', '--json'], { folder, environment });
    stopped.child.stderr!.on('data', (text: string) => {
      if (text.includes('large.txt 1/1')) stopped.child.kill('SIGTERM');
    });
    const { code, out } = await stopped.ended;
    expect({ code, tally: JSON.parse(out) as unknown }).toEqual({
      code: 130,
      tally: { done: 0, failed: 0, givenBack: 1 },
    });
    const waiting = await runCommand(['status', '--json'], { environment });
    expect(JSON.parse(waiting.out)).toMatchObject({ jobs: [{ waiting: 1, failed: [] }] });
  });

  it('keeps what cannot be done as failed, and tells', async () => {
    await redis!.forget();
    const environment = { LPS_QUEUE: redis!.address };
    const system = join(folder, 'refused.txt');
    writeFileSync(system, 'x^3 - 2\ny^3 - x\n');
    const worker = startLps(['worker'], { folder, environment });
    const words = ['submit', system, '--parts', '1', '--max-paths', '8', '--start', 'total-degree'];
    const { code, out, err } = await runCommand(words, { environment });
    worker.child.kill('SIGTERM');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /1 part of 1 failed, part 1 by this: .*9 paths, more than the 8 that can be tracked/,
    );
    const status = await runCommand(['status', '--json'], { environment });
    expect(JSON.parse(status.out)).toMatchObject({ jobs: [{ failed: [{ index: 1 }] }] });
    await worker.ended;
  });
});
