/**
 * Believed afterwards: `lps family FILE` solves a general member of any family, writes a file that it reads back, follows
 * it to members, and refuses what is none. The truth: quadratic equations solved by hand.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { SolveResult } from '../../src/index.js';
import { runCommand } from '../helpers/command.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-family-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const family = write('conic.txt', '# a circle and a line\nx^2/a + y^2 - a*b\nx - y + b^2/2\n');

it('solves a base, writes it, and follows it to members', async () => {
  const solved = join(folder, 'solved.json');
  const base = await runCommand(['family', family, '--parameters', 'a,b', '--out', solved]);
  expect([base.code, base.err]).toEqual([0, '']);
  expect(base.out).toMatch(/family {5}2 solutions of 2 paths, written to /);
  expect(JSON.parse(readFileSync(solved, 'utf8'))).toMatchObject({
    parameters: ['a', 'b'],
    variables: ['x', 'y'],
    startSolutions: [
      [[], []],
      [[], []],
    ].map(() => expect.any(Array) as unknown),
  });
  // a = 1, b = 0: x^2 + y^2 = 0, x = y. a = 4, b = 1: x^2/4 + y^2 = 4, y = x + 1/2.
  const targets = write('targets.json', [
    [4, 1],
    [[4, 0], -1],
  ]);
  const { code, out } = await runCommand(['family', solved, '--targets', targets, '--json']);
  expect(code).toBe(0);
  const [first, second] = JSON.parse(out) as [SolveResult, SolveResult];
  // 5/4 x^2 + x + 1/4 = 4 b
  for (const [result, b] of [
    [first, 1],
    [second, -1],
  ] as const) {
    const root = 1 - 5 * (0.25 - 4 * b);
    const found = result.solutions.map(({ coordinates }) => coordinates[0]!);
    for (const sign of [1, -1]) {
      const [re, im] =
        root >= 0
          ? [(-1 + sign * Math.sqrt(root)) / 2.5, 0]
          : [-0.4, (sign * Math.sqrt(-root)) / 2.5];
      expect(found.filter(([x, y]) => Math.hypot(x - re, y - im) < 1e-9)).toHaveLength(1);
    }
  }
});

it.each([
  [['family'], /which family\? give a file/],
  [['family', family], /does not say which names are parameters: give --parameters p,q/],
  [['family', family, '--parameters', 'a,b', '--arch', '1-1-1'], /a file or --arch, not both/],
  [['family', family, '--parameters', 'b'], /2 equations in 3 unknowns \(x, a, y\)/],
  [
    ['family', family, '--parameters', 'a,b', '--targets', write('short.json', [[1]])],
    /short.json": targets must be lists of 2 values, a number or \[re, im\] each, in the order a, b/,
  ],
  [
    ['family', family, '--parameters', 'a,b', '--targets', write('pole.json', [[0, 1]])],
    /equation 1 .*divides by a, which is 0/,
  ],
  [
    ['family', write('odd.json', { parameters: ['p'], equations: ['x-p'], startParameters: [1] })],
    /startParameters must be 1 pair \[re, im\]/,
  ],
])('%s', async (words, message) => {
  const { code, err } = await runCommand(words);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

it('finds the others of a member by monodromy, from one of them or from none', async () => {
  const path = join(folder, 'loops.json');
  const equations = ['x^2/a + y^2 - a*b', 'x - y + c'];
  const known = write('loops.json', { parameters: ['a', 'b', 'c'], equations });
  const { code, out } = await runCommand(['family', known, '--monodromy', '--out', path]);
  expect(code).toBe(0);
  expect(out).toContain('monodromy  2 solutions of the general member');
  expect(out).toContain('checked    trace test: no solution is missing');
  const solved = JSON.parse(readFileSync(path, 'utf8')) as { startSolutions: unknown[] };
  expect(solved.startSolutions).toHaveLength(2);
  const one = write('one.json', { ...solved, startSolutions: solved.startSolutions.slice(0, 1) });
  const again = await runCommand(['family', one, '--monodromy', '--no-trace', '--out', path]);
  expect(again.out).toContain('monodromy  2 solutions of the general member');
  expect(again.out).not.toContain('trace test');
});

it('says what is not for a network, and what does not go together', async () => {
  for (const [words, message] of [
    [['--arch', '1-1-1', '--monodromy'], '--monodromy is for a family in a file'],
    [[family, '--parameters', 'a,b', '--monodromy', '--checkpoint', 'x'], 'keeps no checkpoint'],
  ] as const) {
    const { code, err } = await runCommand(['family', ...words]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  }
});
