/**
 * Believed afterwards: `lps bench` measures in a real headless page, catches what became slower or
 * wrong, survives a killed browser without leaving processes behind, refuses bad input with exit
 * code 2, and its report shows the numbers of its JSON. The truth: kernels slowed and spoilt on
 * purpose, the schema, the report opened in a browser.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { significant } from '../../harness/benchmark/result/numbers.js';
import type { Row } from '../../harness/benchmark/page/types.js';
import { blocksRunBy, lpsCommandsIn } from '../helpers/code-blocks.js';
import { runCommand, type CommandResult } from '../helpers/command.js';
import { sharedBrowser } from '../helpers/page.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-bench-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Document {
  readonly suites: readonly {
    readonly name: string;
    readonly status: string;
    readonly attempts: number;
    readonly errors: readonly string[];
    readonly rows: readonly Row[];
  }[];
}

const read = (name: string): Document =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Document;

/** Of our first sample of the first comparison. */
const repetitionsIn = (name: string): number | undefined => {
  const rows = read(name).suites.flatMap((suite) => suite.rows);
  return rows.find((row) => row.kind === 'comparison')?.contenders[0]!.samples[0]!.repetitions;
};

/** One tiny product, ours alone. */
const bench = (...words: string[]): Promise<CommandResult> =>
  runCommand(['bench', 'matmul', '--quick', '--no-peers', ...words]);

const toFile = (name: string): string[] => ['--json', join(folder, name)];

/** Two suites with peers, as the guide runs them, once for all tests that look at it. */
let whole: Promise<CommandResult> | undefined;
const wholeRun = (): Promise<CommandResult> =>
  (whole ??= runCommand(
    lpsCommandsIn(blocksRunBy('test/browser/bench.test.ts', 'docs/benchmarks.md')[0]!)[0]!,
    { folder },
  ));

describe('a run with peers', () => {
  it('gives a valid document and a report with its numbers', async () => {
    const { code, err } = await wholeRun();
    expect(code, err).toBe(0);
    const text = readFileSync(
      new URL('../../harness/benchmark/schema/result-2.schema.json', import.meta.url),
      'utf8',
    );
    const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(text) as object);
    const document = read('today.json');
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);

    const rows = document.suites.flatMap((suite) => suite.rows);
    const product = rows.find((row) => row.kind === 'comparison')!;
    const names = product.contenders.map(({ name }) => name);
    expect(names).toEqual([
      'lps-webgpu',
      'tfjs webgpu',
      'jax-js webgpu',
      'gpu.js webgpu',
      'gpu.js webgl2',
      'tfjs wasm',
      'jax-js wasm',
    ]);
    for (const { status, reason } of product.contenders) expect(status, reason).toBe('measured');
    expect(product.contenders[0]!.calls).toMatchObject({ dispatches: 1, passes: 1, bindGroups: 0 });

    const page = await (await sharedBrowser()).newPage();
    try {
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.setViewport({ width: 1240, height: 900 });
      const url = pathToFileURL(join(folder, 'today.html')).href;
      await page.goto(url);
      const shown = (await page.evaluate(`(() => ({
        cells: [...document.querySelectorAll('td')].map((cell) => cell.innerText),
        charts: document.querySelectorAll('svg').length,
        width: document.documentElement.scrollWidth,
        raw: JSON.parse(document.querySelector('#result').textContent),
        overlaps: [...document.querySelectorAll('svg text')].map((text) => text.getBoundingClientRect())
          .filter((a, k, all) => all.some((b, l) => l > k && a.width > 0 && b.width > 0 &&
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)).length,
      }))()`)) as {
        cells: string[];
        charts: number;
        width: number;
        raw: Document;
        overlaps: number;
      };
      expect(problems).toEqual([]);
      expect(requests.filter((request) => request !== url && !request.startsWith('data:'))).toEqual(
        [],
      );
      expect(shown.raw).toEqual(document);
      expect(shown.charts).toBe(1);
      expect(shown.width).toBeLessThanOrEqual(1240);
      expect(shown.overlaps).toBe(0);
      for (const { wallMs } of product.contenders)
        expect(
          shown.cells.some((cell) => cell.startsWith(`${significant(wallMs!.median)} ms`)),
        ).toBe(true);
      for (const row of rows)
        if (row.kind === 'number')
          expect(shown.cells).toContain(`${significant(row.value)} ${row.unit}`);
    } finally {
      await page.close();
    }
  });
});

const isRunning = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
};

/** Kills the first `kills` browsers of the suite as soon as it measures. */
const killing = async (kills: number, words: readonly string[]) => {
  const killed: number[] = [];
  const result = await runCommand(['bench', '--quick', '--no-peers', ...words], {
    onError(err) {
      const rounds = err.split('\n').filter((line) => line.startsWith('matmul/64: round')).length;
      const pids = [...err.matchAll(/^started .* \(process (\d+)\)$/gm)].map((match) =>
        Number(match[1]),
      );
      const pid = pids.at(-1);
      if (pid === undefined || killed.includes(pid) || killed.length === kills || rounds === 0)
        return;
      // Only once this browser has measured something.
      const since = err.slice(err.lastIndexOf(`(process ${pid})`));
      if (!since.includes('matmul/64: round')) return;
      killed.push(pid);
      process.kill(pid, 'SIGKILL');
    },
  });
  expect(killed).toHaveLength(kills);
  for (const pid of killed) expect(isRunning(pid)).toBe(false);
  // Nor is any process of a killed browser's group left, once each has seen that its browser is gone.
  for (const pid of killed)
    await vi.waitFor(
      () => {
        expect(() => process.kill(-pid, 0)).toThrow(/ESRCH/);
      },
      { timeout: 20_000, interval: 100 },
    );
  return result;
};

describe('our side spoilt on purpose', () => {
  it('an unchanged kernel passes the baseline, also after its browser was killed; a slowed one does not', async () => {
    const before = await wholeRun();
    expect(before.code, before.err).toBe(0);
    // What else the machine does may double a time, and not make it eight times as long.
    const baseline = ['--baseline', join(folder, 'today.json'), '--fail-above', '3'];
    // The second browser measures all of them.
    const words = ['matmul', '--repeat', '12', ...baseline, ...toFile('same.json')];
    const same = await killing(1, words);
    expect(same.code, same.out + same.err).toBe(0);
    expect(same.err).toMatch(
      /matmul: the browser \(process \d+\) ended in mid-run; starting it once more/,
    );
    expect(read('same.json').suites[0]).toMatchObject({ status: 'complete', attempts: 2 });
    const repetitions = repetitionsIn('today.json');
    expect(repetitions).toBeGreaterThan(0);
    expect(repetitionsIn('same.json')).toBe(repetitions);
    const slow = await bench(
      '--repeat',
      '5',
      ...baseline,
      '--fault',
      'slow:matmul',
      ...toFile('slow.json'),
    );
    expect(slow.code, slow.out).toBe(1);
    expect(slow.err).toMatch(/failed: matmul\/64: takes [\d.]+ times the baseline/);
  });

  it('a wrong kernel is refused and has no time', async () => {
    const { code, out } = await bench('--fault', 'wrong:matmul', ...toFile('wrong.json'));
    expect(code).toBe(1);
    expect(out).toMatch(/lps-webgpu\s+WRONG: its result is off/);
    expect(out).not.toMatch(/\d ms/);
    const [row] = read('wrong.json').suites[0]!.rows;
    expect(row).toMatchObject({ contenders: [{ status: 'wrong', samples: [], wallMs: null }] });
  });
});

describe('a browser that is killed twice', () => {
  it('has failed the suite, and the others are kept', async () => {
    const words = [
      ...['matmul', 'memory', '--filter', 'matmul,memory/solve', '--repeat', '12'],
      ...toFile('failed.json'),
    ];
    const { code, err } = await killing(2, words);
    expect(code).toBe(1);
    expect(err).toMatch(/failed: suite matmul: the browser/);
    const { suites } = read('failed.json');
    expect(suites).toMatchObject([
      { name: 'matmul', status: 'failed', attempts: 2 },
      { name: 'memory', status: 'complete' },
    ]);
    expect(suites[1]!.rows.length).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'failed.html'))).toBe(true);
  });
});

describe('bad input is exit code 2 and one line', () => {
  const refused = async (
    message: RegExp,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const { code, out, err } = await runCommand(['bench', '--quick', '--no-peers', ...words], {
      environment,
    });
    expect(code, err).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^ {4}at /m);
  };

  it('an unknown suite', () =>
    refused(/there is no suite "matmull"; there are startup, matmul, train/, ['matmull']));

  it('a baseline that is not there, and one of another version', async () => {
    await refused(/cannot read the baseline/, ['matmul', '--baseline', join(folder, 'none.json')]);
    const old = join(folder, 'old.json');
    writeFileSync(old, '{"schemaVersion": 1}');
    await refused(/has schemaVersion 1, and this program reads 2/, ['matmul', '--baseline', old]);
  });

  it('a folder that cannot be written to', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await refused(/cannot write into the folder/, ['matmul', '--out', join(file, 'below')]);
    if (existsSync('/proc/self'))
      await refused(/cannot write into the folder/, ['matmul', '--out', '/proc/lps-webgpu/below']);
  });

  it('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const words = ['matmul', '--port', String(port), '--out', folder];
      await refused(new RegExp(`port ${port} of 127.0.0.1 is in use`), words);
    } finally {
      server.close();
    }
  });

  it('no browser, and a browser without WebGPU: with the flags that were tried', async () => {
    const words = ['matmul', '--out', folder];
    await refused(
      /no browser here offers a WebGPU adapter.*\/nowhere\/chrome does not exist/,
      words,
      {
        PUPPETEER_EXECUTABLE_PATH: '/nowhere/chrome',
      },
    );
    // Says it is a browser and is none.
    const fake = join(folder, 'chrome');
    writeFileSync(fake, '#!/bin/sh\nexit 1\n');
    chmodSync(fake, 0o755);
    await refused(
      /neither with --enable-unsafe-webgpu .* nor with .*--use-webgpu-adapter=swiftshader/,
      words,
      {
        PUPPETEER_EXECUTABLE_PATH: fake,
      },
    );
  });
});
