/**
 * Believed afterwards: `lps` finds the known solutions and minima, prints the documented JSON and
 * nothing else, follows families, and stops at Ctrl-C with a partial result. The truth: systems
 * solved by hand, and the counts and losses of test/data/networks (independent program, Macaulay2).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { PrecisionVerdict, SolveResult } from '../../src/index.js';
import type { TrackerCosts } from '../../src/homotopy/gpu/index.js';
import type { MinimaDocument } from '../../src/cli/network-solve.js';
import type { ExactDocument } from '../../src/minima/relu/exact-report.js';
import { runCommand } from '../helpers/command.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
/** No cache of this machine's user may decide a test. */
const environment = { LPS_CACHE: join(folder, 'cache') };

const threePoints = join(folder, 'three.csv');
writeFileSync(threePoints, 'x,t\n-1,0.5\n0.5,-0.25\n1,1\n');
const fourPoints = join(folder, 'four.csv');
writeFileSync(fourPoints, `x,t\n-1,1\n-0.5,0.2\n0.5,${-1 / 3}\n1,0.75\n`);

interface Truth {
  readonly isolated_complex_found: number;
  readonly real_critical_points: { readonly loss: number; readonly morse_index: number }[];
}

function truth(name: string): Truth {
  const path = fileURLToPath(new URL(`../data/networks/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8')) as Truth;
}

/** What holds for every result, complete or not. */
function expectSound(result: SolveResult): void {
  const { paths, counts, solutions, system } = result;
  expect(result.schemaVersion).toBe(1);
  expect(paths.tracked).toBe(paths.regular + paths.singular + paths.atInfinity + paths.failed);
  expect(result.failedPaths).toHaveLength(paths.failed);
  expect(counts.distinct).toBe(solutions.length);
  expect(counts.nonsingular).toBe(solutions.filter(({ singular }) => !singular).length);
  expect(counts.real).toBe(solutions.filter(({ real }) => real).length);
  expect(result.precision.selfTest?.passed).toBe(true);
  expect(result.adapter.runtime).toBe('node');
  for (const solution of solutions) {
    expect(solution.coordinates).toHaveLength(system.variables.length);
    expect(solution.coordinates.flat().every(Number.isFinite)).toBe(true);
    expect(solution.residual).toBeLessThanOrEqual(1e-12);
  }
}

async function solveJson(input: string, ...options: string[]): Promise<SolveResult> {
  const { code, out, err } = await runCommand(['solve', '-', '--json', ...options], { input });
  // A machine that is busy takes the three seconds after which progress is told.
  const notes = err.replaceAll(
    /^(compiling|starting|tracking|auditing|refining|counting).*\n/gm,
    '',
  );
  expect({ code, notes }).toEqual({ code: 0, notes: '' });
  return JSON.parse(out) as SolveResult;
}

async function minimaJson(...words: string[]): Promise<MinimaDocument> {
  const { code, out, err } = await runCommand(['minima', '--json', '--raw', ...words], {
    environment,
  });
  expect(err).not.toContain('error');
  expect(code).toBe(0);
  return JSON.parse(out) as MinimaDocument;
}

/** The document against the independent program's counts, losses and indices. */
function expectTruth(document: MinimaDocument, expected: Truth): void {
  expectSound(document);
  expect(document.counts.distinct).toBe(expected.isolated_complex_found);
  const order = (a: { loss: number }, b: { loss: number }): number => a.loss - b.loss;
  const known = [...expected.real_critical_points].sort(order);
  const found = [...document.criticalPoints].sort(order);
  expect(found).toHaveLength(known.length);
  found.forEach(({ loss, morseIndex }, k) => {
    expect(loss).toBeCloseTo(known[k]!.loss, 9);
    expect(morseIndex).toBe(known[k]!.morse_index);
  });
  expect(document.eulerSum).toBe(1);
  expect(document.minima.map((index) => document.criticalPoints[index]!.morseIndex)).toEqual(
    document.minima.map(() => 0),
  );
}

describe('lps info', () => {
  it('names the adapter, its limits and the verdict of the self-test', async () => {
    const { code, out, err } = await runCommand(['info', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const info = JSON.parse(out) as {
      runtimes: { node: { version: string }; deno: { version: string } | null };
      adapters: {
        software: boolean;
        limits: Record<string, number>;
        precision: PrecisionVerdict;
        tracker: TrackerCosts;
      }[];
    };
    expect(info.runtimes.node.version).toBe(process.versions.node);
    expect(info.runtimes.deno!.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(info.adapters.length).toBeGreaterThan(0);
    for (const { limits, precision } of info.adapters) {
      expect(limits.maxStorageBufferBindingSize).toBe(134217728);
      expect(precision.passed).toBe(true);
    }
    const text = await runCommand(['info']);
    expect(text.out).toMatch(/^self-test {2}double-single arithmetic: passed/m);
    const { mostUnknowns, choices } = info.adapters[0]!.tracker;
    expect(text.out).toMatch(new RegExp(`^tracker {4}up to ${mostUnknowns} unknowns`, 'm'));
    for (const { operations, fewestPaths } of choices)
      expect(text.out.replaceAll(',', '')).toContain(
        `${operations} operations: ${fewestPaths === null ? 'f64 alone' : `on the GPU from ${fewestPaths} paths`}`,
      );
  });
});

describe('lps solve', () => {
  it('prints one JSON document with the solutions', async () => {
    // x^2 is a root of t^2 - 3 t + 1: four real solutions with xy = 1.
    const result = await solveJson('x*y - 1\nx^2 + y^2 - 3');
    expectSound(result);
    expect(result.counts).toEqual({ distinct: 4, nonsingular: 4, real: 4 });
    expect(result.system.variables).toEqual(['x', 'y']);
    const found = result.solutions
      .map(({ coordinates }) => coordinates[0]![0])
      .sort((a, b) => a - b);
    const golden = (1 + Math.sqrt(5)) / 2;
    [-golden, -1 / golden, 1 / golden, golden].forEach((value, k) => {
      expect(found[k]).toBeCloseTo(value, 12);
    });
  });

  it('takes a start, a structure, a partition and a seed', async () => {
    const system = 'x*y - 1\nx^2 + y^2 - 3';
    const results = [
      await solveJson(system, '--start', 'total-degree', '--seed', '9'),
      await solveJson(system, '--structure', '{x y}{x y}; {x y}{x y}'),
      await solveJson(system, '--partition', '{x}{y}'),
    ];
    expect(results.map(({ start }) => start.paths)).toEqual([4, 4, 4]);
    expect(results.map(({ counts }) => counts.distinct)).toEqual([4, 4, 4]);
    expect(results[0]!.seed).toBe(9);
    expect(results[2]!.start.kind).toBe('multihomogeneous');
  });

  it('reads files of every format and writes the document', async () => {
    const files = {
      'a.txt': 'x^2 = 4\ny = x',
      'a.json': '{"variables":["y","x"],"equations":["x^2 - 4","y - x"]}',
      'a.phc': '2\nx^2 - 4;\ny - x;\n',
    };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text);
      const { code, out, err } = await runCommand(['solve', name, '--out', 'r/a.json'], { folder });
      expect({ name, code }).toEqual({ name, code: 0 });
      expect(out).toContain('2 distinct, 2 nonsingular, 2 real');
      expect(err).toContain('written to');
      const result = JSON.parse(readFileSync(join(folder, 'r', 'a.json'), 'utf8')) as SolveResult;
      expectSound(result);
      expect(result.system.name).toBe('a');
    }
  });

  it('shows only the real solutions when asked', async () => {
    // t^3 = 1 has one real root.
    const { out } = await runCommand(['solve', '-', '--real'], { input: 'x^3 - 1' });
    const rows = out.split('\n').filter((line) => /^ *[123] .*(real|complex)/.test(line));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^[123] +1 .*real/);
    const all = await runCommand(['solve', '-', '--show', '1'], { input: 'x^3 - 1' });
    expect(all.out).toContain('... and 2 more');
  });

  it('warns of a positive-dimensional solution set', async () => {
    // The curve xy = 1 and the origin.
    const { code, out } = await runCommand(['solve', '-'], { input: 'x^2*y - x\nx*y^2 - y' });
    expect(code).toBe(0);
    expect(out).toMatch(/^warning: .*positive-dimensional/m);
  });
});

describe('lps starts', () => {
  it('lists every start system and which is chosen', async () => {
    const input = 'x*y - 1\nx^2 + y^2 - 3';
    const { code, out } = await runCommand(['starts', '-', '--json'], { input });
    expect(code).toBe(0);
    const { starts } = JSON.parse(out) as {
      starts: { kind: string; paths: number; ms: number; chosen: boolean }[];
    };
    expect(starts.map(({ kind, paths }) => [kind, paths])).toEqual(
      expect.arrayContaining([
        ['polyhedral', 4],
        ['total-degree', 4],
      ]),
    );
    expect(starts.filter(({ chosen }) => chosen)).toMatchObject([{ kind: 'total-degree' }]);
    expect(starts.every(({ ms }) => ms >= 0)).toBe(true);
    const table = await runCommand(['starts', '-'], { input });
    expect(table.out).toMatch(/^total-degree +4 .*chosen$/m);
  });
});

describe('lps stream', () => {
  const header = 'M_1,M_2,M_3,M_4,Q_1_0,Q_1_1,Q_1_2,lambda,T';
  // The points (-1, 0.5), (0.5, -0.25), (1, 1), each a third, and these with the targets doubled.
  const rows = [1, 2].map((factor) => {
    const data = [
      [-1, 0.5 * factor],
      [0.5, -0.25 * factor],
      [1, factor],
    ] as const;
    const mean = (value: (x: number, t: number) => number) =>
      data.reduce((sum, [x, t]) => sum + value(x, t) / 3, 0);
    const moments = [1, 2, 3, 4].map((power) => mean((x) => x ** power));
    const targets = [0, 1, 2].map((power) => mean((x, t) => t * x ** power));
    return [...moments, ...targets, 0.01, mean((_, t) => t * t)].join();
  });

  it('writes the minima of every row of moments', async () => {
    const moments = join(folder, 'moments.csv');
    writeFileSync(moments, [header, ...rows].join('\n'));
    const { code, out } = await runCommand(['stream', moments, '--arch', '1-1-1']);
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { row: number; minima: { loss: number }[] });
    expect(lines).toMatchObject([1, 2].map((row) => ({ row, solutions: 33, eulerSum: 1 })));
    const alone = await minimaJson(
      '--data',
      threePoints,
      '--x',
      'x',
      '--y',
      't',
      '--arch',
      '1-1-1',
    );
    const losses = alone.minima.map((index) => alone.criticalPoints[index]!.loss);
    lines[0]!.minima.forEach(({ loss }, k) => {
      expect(loss).toBeCloseTo(losses[k]!, 10);
    });
  });

  it('names the moments that a file lacks', async () => {
    const moments = join(folder, 'few-moments.csv');
    writeFileSync(moments, 'M_1,M_2\n0,1\n');
    const { code, err } = await runCommand(['stream', moments, '--arch', '1-1-1']);
    expect(code).toBe(2);
    expect(err).toMatch(/M_3/);
  });
});

describe('lps minima', () => {
  const network = ['--x', 'x', '--y', 't'];

  it('finds all critical points of s2 with all paths', async () => {
    const document = await minimaJson(
      '--data',
      threePoints,
      ...network,
      '--arch',
      '1-1-1',
      '--full',
    );
    expectTruth(document, truth('s2_111_relu2'));
    expect(document.start.paths).toBe(113);
    expect(document.family).toBeNull();
    expect(document.data).toEqual({ rows: 3, columns: ['x', 't'], standardized: false });
    expect(document.polished!.loss).toBeLessThanOrEqual(document.polished!.lossBefore);
    expect(Object.keys(document.criticalPoints[0]!.parameters)).toEqual([
      'layers.0.weight',
      'layers.0.bias',
      'layers.2.weight',
      'layers.2.bias',
    ]);
  });

  it.each([
    ['s1_111_square', '1-1-1', 'square', threePoints, 33],
    ['s2_111_relu2', '1-1-1', 'relu', threePoints, 33],
  ])('follows the shipped family to %s', async (name, arch, activation, data, paths) => {
    const document = await minimaJson(
      ...['--data', data, ...network, '--arch', arch, '--activation', activation],
    );
    expectTruth(document, truth(name));
    expect(document.start).toMatchObject({ kind: 'parameters', paths });
    expect(document.family).toContain('families');
  });

  it('does not call missing what rounding makes: data of two values has solutions at infinity', async () => {
    const { out } = await runCommand(
      [
        ...['minima', '--json', '--data', 'data/diabetes.csv', '--x', 'sex'],
        ...['--y', 'progression', '--arch', '1-2-1'],
      ],
      { environment },
    );
    const { solutions, warnings, eulerSum } = JSON.parse(out) as MinimaDocument;
    const [determined, others] = [true, false].map((want) =>
      solutions.filter(({ condition }) => condition! <= 1e13 === want),
    );
    expect(others!.length).toBeGreaterThan(0);
    expect(determined!.every(({ condition, certified }) => certified && condition! < 1e6)).toBe(
      true,
    );
    const lonely = determined!.filter(
      ({ coordinates: x }) =>
        !determined!.some(({ coordinates: y }) =>
          x.every(
            ([re, im], j) => Math.hypot(re - y[j]![0], im + y[j]![1]) < 1e-6 * (1 + Math.abs(re)),
          ),
        ),
    );
    expect(lonely).toEqual([]);
    expect(eulerSum).toBe(1);
    expect(warnings.join()).not.toMatch(/solutions are missing|may be missing|are missing/);
    expect(warnings.join()).toContain(
      `${others!.length} solutions have condition numbers above 1e13`,
    );
  });

  it('follows it to s8, lists the minima of the true network first, and verifies the document', async () => {
    const path = join(folder, 'true.json');
    const arguments_ = ['--data', fourPoints, ...network, '--raw', '--arch'];
    const { code, out } = await runCommand(['minima', ...arguments_, '1-2-1', '--out', path], {
      environment,
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^true {7}\d+ local minima of the relu network itself/);
    const document = JSON.parse(readFileSync(path, 'utf8')) as ExactDocument & MinimaDocument;
    expectTruth(document, truth('s8_121_relu2_full'));
    expect(document.start).toMatchObject({ kind: 'parameters', paths: 465 });
    expect(document.family).toContain('families');
    expect(document.exact.undecided).toBe(0);
    expect(document.criticalPoints.length).toBeGreaterThan(0);
    const exact = await runCommand(['minima', ...arguments_, '1-2-1', '--exact', '--json']);
    const alone = JSON.parse(exact.out) as ExactDocument;
    expect(alone.exact.minima).toEqual(document.exact.minima);
    expect(alone.completeness[0]!.proves).toMatch(/the list is complete/);
    const right = await runCommand(['verify', path]);
    expect(right).toMatchObject({ code: 0, err: '' });
    expect(right.out).toMatch(
      /^ok {5}residuals +465 solutions[^]*\nok {5}true: minima[^]*verified\n$/,
    );
    const wrong = await runCommand(['verify', '-', '--json'], {
      input: JSON.stringify({ ...alone, exact: { ...alone.exact, combinations: 1 } }),
    });
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain('the combinations add up to');
  });

  it.each([
    ['gelu', '1-2-1', 'gelu is not positively homogeneous'],
    ['relu', '1-2-2-1', 'the enumeration takes one hidden layer and one output'],
    ['relu', '1-5-1', 'use at most'],
    ['leaky-relu(-0.5)', '1-2-1', 'slopes in [0, 1)'],
  ])('--exact refuses %s in %s', async (activation, arch, reason) => {
    const { code, err } = await runCommand([
      ...['minima', '--data', fourPoints, ...network, '--raw', '--exact'],
      ...['--arch', arch, '--activation', activation],
    ]);
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });

  it('follows a family of its own making, from the cache and by name', async () => {
    const made = await runCommand(
      ['family', '--arch', '1-1-1', '--no-bias', '--json', '--seed', '5', '--confirm', '1'],
      { environment },
    );
    expect(made.code).toBe(0);
    const { path, solutions } = JSON.parse(made.out) as { path: string; solutions: number };
    expect(path.startsWith(environment.LPS_CACHE)).toBe(true);
    expect(solutions).toBe(9);
    const words = ['--data', threePoints, ...network, '--arch', '1-1-1', '--no-bias'];
    const cached = await minimaJson(...words);
    expectTruth(cached, truth('s0_111_relu2_nobias'));
    expect(cached.start.paths).toBe(9);
    const named = await minimaJson(...words, '--from', path);
    expectTruth(named, truth('s0_111_relu2_nobias'));
    expect(named.family).toBe(path);
  });

  it('draws the fits', async () => {
    const picture = join(folder, 'fit.svg');
    const { code, out } = await runCommand(
      ['minima', '--data', threePoints, ...network, '--arch', '1-1-1', '--picture', picture],
      { environment },
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^Euler +the sum of \(-1\)\^index is 1/m);
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg[^]*<\/svg>\s*$/);
  });
});

describe('Ctrl-C', () => {
  const data = join(folder, 'plane.csv');
  writeFileSync(data, 'a,b,t\n-1,0.3,0.5\n0.5,2,-0.25\n1,1,1\n-2,0.1,0.7\n');
  // 323,649 paths: minutes of work. The first progress line comes after three seconds.
  const words = ['minima', '--data', data, '--x', 'a,b', '--y', 't', '--arch', '2-2-1', '--full'];
  const long = [...words, '--precision', 'f64', '--json'];

  it('prints the partial result, marked partial, and exits with 130', async () => {
    let stopped = false;
    const { code, out, err } = await runCommand(long, {
      environment,
      onError: (text, kill) => {
        if (!stopped && text.includes('tracking')) {
          stopped = true;
          kill('SIGINT');
        }
      },
    });
    expect(code).toBe(130);
    expect(err).toContain('press Ctrl-C again');
    const document = JSON.parse(out) as MinimaDocument;
    expect(document.partial).toBe(true);
    expect(document.start.paths).toBe(323649);
    expect(document.paths.tracked).toBeLessThan(323649);
    expectSound(document);
  });

  it('leaves the main job with partial files', async () => {
    const out = join(folder, 'main');
    let stopped = false;
    const { code } = await runCommand(['start', '--json', '--out', out], {
      environment,
      onError: (text, kill) => {
        if (stopped || !text.includes('tracking')) return;
        stopped = true;
        kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    const document = JSON.parse(readFileSync(join(out, 'start.json'), 'utf8')) as MinimaDocument;
    expectSound(document);
    expect(document).toMatchObject({
      partial: true,
      comparison: null,
      columns: {},
      training: null,
    });
    expect(document.start.paths).toBe(12225);
    expect(document.data).toEqual({
      rows: 442,
      columns: ['bmi', 'progression'],
      standardized: true,
    });
    expect(readFileSync(join(out, 'minima.svg'), 'utf8')).toMatch(/^<svg/);
  });

  it('ends the process when it comes twice', async () => {
    let stopped = false;
    const { code } = await runCommand(long, {
      environment,
      onError: (text, kill) => {
        if (stopped || !text.includes('tracking')) return;
        stopped = true;
        kill('SIGINT');
        // Later than the two signals that npm makes of one key press.
        setTimeout(() => {
          kill('SIGINT');
        }, 300);
      },
    });
    expect(code).toBe(130);
  });
});

it('reads a script of HomotopyContinuation.jl, writes solutions as a table and the system for PHCpack', async () => {
  const script = join(folder, 'pair.jl');
  writeFileSync(script, '@var x y\nF = System([x^2 - 2y, y^2 - 4])\nsolve(F)\n');
  const table = join(folder, 'pair.csv');
  const solved = await runCommand(['solve', script, '--precision', 'f64', '--out', table]);
  expect(solved.code).toBe(0);
  const [header, ...rows] = readFileSync(table, 'utf8').trimEnd().split('\r\n');
  expect(header).toMatch(/^x_re,x_im,y_re,y_im,residual,/);
  // y = 2 and x = 2, -2; y = -2 and x = 2i, -2i.
  const points = rows.map((row) =>
    row
      .split(',')
      .slice(0, 4)
      .map((part) => Math.round(Number(part))),
  );
  expect(points.sort().map(String)).toEqual(
    [
      [-2, 0, 2, 0],
      [0, -2, -2, 0],
      [0, 2, -2, 0],
      [2, 0, 2, 0],
    ].map(String),
  );
  const written = await runCommand(['convert', script, '--to', 'phc']);
  expect([written.code, written.out]).toEqual([0, '2\nx^2 - 2*y;\ny^2 - 4;\n']);
});
