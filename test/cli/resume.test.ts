/**
 * Believed afterwards: a solve that is killed at random moments and resumed prints what one that nothing
 * stopped prints, parts of it merge to the same, a second run keeps out of its folder, and full outputs
 * are told. The truth: the run that nothing stopped.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SolveResult } from '../../src/index.js';
import { makeJobs, withoutTiming } from '../../harness/faults/jobs.js';
import { runCommand } from '../helpers/command.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-resume-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const system = join(folder, 'nine.txt');
const n = 9;
writeFileSync(
  system,
  Array.from({ length: n }, (_, k) => `x${k}^2 + 0.3*x${(k + 1) % n} - ${k + 2}`).join('\n'),
);
const options = ['--precision', 'f64', '--seed', '5'];
let expected: unknown;

/** Without what differs from run to run. */
function resultOf(text: string): unknown {
  const { timing: _, ...rest } = JSON.parse(text) as SolveResult;
  return { ...rest, precision: rest.precision.mode };
}

beforeAll(async () => {
  const { code, out } = await runCommand(['solve', system, ...options, '--json']);
  expect(code).toBe(0);
  expected = resultOf(out);
});

/** Runs and kills without warning. */
function killed(words: readonly string[], milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...words], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

it('goes on after kill -9 at random moments', async () => {
  for (let trial = 0; trial < 2; trial++) {
    const checkpoint = join(folder, `killed-${trial}`);
    const words = ['solve', system, ...options, '--checkpoint', checkpoint];
    await killed(words, 300 + 700 * Math.random());
    if (existsSync(join(checkpoint, 'job.json')))
      await killed(['resume', checkpoint], 300 + 700 * Math.random());
    else await runCommand(words);
    const { code, out, err } = await runCommand(['resume', checkpoint, '--json']);
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(resultOf(out)).toEqual(expected);
  }
});

it.each(['family', 'exact'])('%s goes on, too, and takes no options of others', async (name) => {
  const { words } = makeJobs(join(folder, 'jobs')).find((job) => job.name === name)!;
  const whole = await runCommand([...words, '--json']);
  const checkpoint = join(folder, name);
  const begin = [...words, '--checkpoint', checkpoint];
  await killed(begin, 500 + 1000 * Math.random());
  if (!existsSync(join(checkpoint, 'job.json'))) await runCommand(begin);
  const { code, out, err } = await runCommand(['resume', checkpoint, '--json']);
  expect({ code, err }).toMatchObject({ code: 0 });
  expect(withoutTiming(out)).toBe(withoutTiming(whole.out));
  expect(await runCommand(['resume', checkpoint, '--real'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/has no --real/) as string,
  });
});

it('joins parts, and says which is missing', async () => {
  const parts = [1, 2].map((index) => join(folder, `part-${index}`));
  for (const [k, part] of parts.entries()) {
    const { code, out } = await runCommand([
      'solve',
      system,
      ...options,
      '--shard',
      `${k + 1}/2`,
      '--out',
      part,
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/256 paths followed/);
  }
  const file = join(folder, 'merged.json');
  expect(await runCommand(['merge', ...parts, '--out', file])).toMatchObject({ code: 0 });
  expect(resultOf(readFileSync(file, 'utf8'))).toEqual(expected);
  expect(await runCommand(['merge', parts[0]!])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/1 part of 2 missing: 2/) as string,
  });
  expect(await runCommand(['merge', parts[0]!, parts[0]!])).toMatchObject({ code: 2 });
});

it('refuses another job in its folder, a damaged one, and no folder at all', async () => {
  const checkpoint = join(folder, 'other');
  expect(
    await runCommand(['solve', '-', '--checkpoint', checkpoint], { input: 'x^2 - 2' }),
  ).toMatchObject({ code: 0 });
  expect(await runCommand(['resume', checkpoint])).toMatchObject({ code: 0 });
  expect(await runCommand(['solve', system, '--checkpoint', checkpoint])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/checkpoint of another job/) as string,
  });
  const job = join(checkpoint, 'job.json');
  writeFileSync(job, readFileSync(job, 'utf8').replace('x^2', 'x^3'));
  expect(await runCommand(['resume', checkpoint])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/is damaged/) as string,
  });
  expect(await runCommand(['resume', folder])).toMatchObject({ code: 2 });
});

it.runIf(existsSync('/dev/full'))(
  'prints what its file cannot take, with exit code 1',
  async () => {
    const { code, out, err } = await runCommand([
      'solve',
      system,
      ...options,
      '--out',
      '/dev/full',
    ]);
    expect(code).toBe(1);
    expect(err).toMatch(
      /cannot write "\/dev\/full": no space is left .* went to standard output\n$/,
    );
    expect(resultOf(out)).toEqual(expected);
  },
);
