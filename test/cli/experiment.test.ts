/**
 * Believed afterwards: `lps experiment` measures, keeps what it has when it is killed, goes on to the
 * results that an uninterrupted run has, and writes its tables and pictures. The truth: a run that
 * nothing disturbs, and the born-dead probability of He networks, which theory bounds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import type { BornDeadResult } from '../../src/experiments/born-dead/definition.js';
import type { ClassificationResult } from '../../src/experiments/classification/definition.js';
import type { DeepNarrowResult } from '../../src/experiments/deep-narrow/definition.js';
import { runCommand } from '../helpers/command.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
/** 2,000 networks of one unit and two layers each, with one input and with ten. */
const ONLY = 'comparison/he/width 1/depth 2/inputs 1';

function resultsOf<R>(out: string, name: string): R[] {
  const path = join(out, `${name}.jsonl`);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(1, -1);
  return lines.map((line) => JSON.parse(line) as R);
}

it('survives being killed: the rest gives the results of a run that was not', async () => {
  const whole = join(folder, 'whole');
  const cut = join(folder, 'cut');
  const words = (out: string, only = ONLY): string[] => [
    ...['experiment', 'born-dead', '--only', only, '--out', out],
  ];
  const done = await runCommand(words(whole));
  expect(done.code).toBe(0);
  const expected = resultsOf<BornDeadResult>(whole, 'born-dead');
  expect(expected.map(({ input }) => input)).toEqual([1, 10]);

  const child = spawn(process.execPath, [program, ...words(cut)], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  while (child.exitCode === null && resultsOf(cut, 'born-dead').length < 1) await sleep(20);
  child.kill('SIGKILL');
  await exited;
  expect(resultsOf(cut, 'born-dead').length).toBeGreaterThanOrEqual(1);

  const rest = await runCommand([...words(cut), '--json']);
  expect(rest.code).toBe(0);
  const document = JSON.parse(rest.out) as { ended: string; done: number; total: number };
  expect(document.ended).toBe('finished');
  expect(document.done).toBe(document.total);
  expect(resultsOf<BornDeadResult>(cut, 'born-dead')).toEqual(expected);

  // More cells go beside those that are there. 1 - (1 - 1/2)^2 = 3/4 from above; lps is alive on its anchors.
  expect((await runCommand(words(cut, ONLY.replace('he/', 'lps/')))).code).toBe(0);
  const all = resultsOf<BornDeadResult>(cut, 'born-dead').filter(({ input }) => input === 1);
  const he = all.find(({ method }) => method === 'he')!;
  expect(he.bornDead / he.networks).toBeLessThan(0.75 + 0.03);
  expect(he.bornDead / he.networks).toBeGreaterThan(0.4);
  expect(all.find(({ method }) => method === 'lps')!.bornDead).toBe(0);
  expect(readFileSync(join(cut, 'born-dead.md'), 'utf8')).toContain('| 2x1 |');
  expect(readFileSync(join(cut, 'born-dead-curves.svg'), 'utf8')).toContain('<svg');
});

it('trains the cells that are asked for, then only reports them', async () => {
  const out = join(folder, 'train');
  const only = 'abs/10x2/adam 0.002/lps/seed 50001';
  const run = await runCommand(['experiment', 'deep-narrow', '--only', only, '--out', out]);
  expect(run.code).toBe(0);
  expect(run.out).toContain('1 of 1 cell have results');
  const [result, ...others] = resultsOf<DeepNarrowResult>(out, 'deep-narrow');
  expect(others).toEqual([]);
  expect(result).toMatchObject({ cell: only, diverged: false, deadBefore: 0 });
  expect(result!.range).toBeGreaterThan(0.5);
  rmSync(join(out, 'deep-narrow.md'));
  const report = await runCommand(['experiment', 'deep-narrow', '--out', out, '--report']);
  expect(report.code).toBe(0);
  expect(readFileSync(join(out, 'deep-narrow.md'), 'utf8')).toContain('| lps | 0 of 1');
});

it('trains on the digits that the package has', async () => {
  const out = join(folder, 'digits');
  const only = '20x16/relu/adam 0.001,/lps/,seed 501';
  const run = await runCommand(['experiment', 'digits-grid', '--only', only, '--out', out]);
  expect(run.code, run.err).toBe(0);
  const [result, ...others] = resultsOf<ClassificationResult>(out, 'digits-grid');
  expect(others).toEqual([]);
  // Of the hidden layers on all training digits, more than the 64 anchors.
  expect(result).toMatchObject({ diverged: null, bornDead: false });
  expect(result!.deadBefore).toBeLessThan(0.02);
  expect(result!.testAccuracy).toBeGreaterThan(0.8);
  const report = readFileSync(join(out, 'digits-grid.md'), 'utf8');
  expect(report).toContain('all 359 test digits');
  expect(readFileSync(join(out, 'digits-grid-20x16-relu-adam.svg'), 'utf8')).toContain('<svg');
});

it('says what is wrong with a command line', async () => {
  const refused = async (...words: string[]): Promise<string> => {
    const { code, err } = await runCommand(['experiment', ...words, '--out', join(folder, 'none')]);
    expect(code).toBe(2);
    return err;
  };
  expect(await refused('nothing')).toContain('known are digits, born-dead, hall-of-fame');
  expect(await refused('deep-narrow', '--seed', '3')).toContain('--seed is for digits');
  expect(await refused('digits', '--fresh')).toContain('not for digits');
  expect(await refused('born-dead', '--report')).toContain('no results');
  expect(await refused('deep-narrow', '--budget', '0')).toContain('minutes above 0');
});
