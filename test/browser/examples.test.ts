/**
 * Believed afterwards: each example runs from the packed library as it stands in examples/, and shows what it should. The
 * truth: known solutions, 0 + 1 + 4 + ... + 255^2, and losses that fall.
 */
import { build as bundle } from 'esbuild';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installPacked } from '../../harness/embedding/pack.mjs';
import { serve } from '../../harness/server.js';
import { sharedBrowser } from '../helpers/page.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const run = promisify(execFile);
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'lps-examples-'));

beforeAll(() => {
  cpSync(join(root, 'examples'), folder, { recursive: true });
  installPacked(folder);
  // What users install beside the library.
  mkdirSync(join(folder, 'node_modules', '@tensorflow'));
  for (const name of [
    'webgpu',
    ...['core', 'layers', 'backend-cpu'].map((part) => `@tensorflow/tfjs-${part}`),
  ])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What the page in a folder shows when it is done; packages lie beside it. */
async function answerOf(place: string, waiting: string): Promise<string> {
  const folders = { '/app/node_modules/': join(folder, 'node_modules'), '/app/': place };
  const server = await serve({ folders });
  const page = await (await sharedBrowser()).newPage();
  try {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${server.url}app/index.html`);
    const answer = await page.waitForFunction(
      (before) => {
        const { value } = document.querySelector<HTMLOutputElement>('#answer')!;
        return value === before ? false : value;
      },
      { timeout: 60_000 },
      waiting,
    );
    expect(errors).toEqual([]);
    return (await answer.jsonValue()) as string;
  } finally {
    await page.close();
    await server.close();
  }
}

it('page', async () => {
  expect(await answerOf(join(folder, 'page'), 'computing')).toBe('4, equal');
});

it('worker', async () => {
  const answer = await answerOf(join(folder, 'worker'), 'computing');
  expect(answer).toBe('4, of which 2 real');
});

it('vite', async () => {
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js');
  await run(process.execPath, [vite, 'build', '--base', './', '--logLevel', 'error'], {
    cwd: join(folder, 'vite'),
  });
  const answer = await answerOf(join(folder, 'vite', 'dist'), 'training');
  expect(Number(answer)).toBeLessThan(1e-2);
});

it('kernel', async () => {
  const out = join(folder, 'kernel', 'out');
  await bundle({
    entryPoints: [join(folder, 'kernel', 'main.js')],
    ...{ bundle: true, splitting: true, format: 'esm', outdir: out, logLevel: 'error' },
  });
  cpSync(join(folder, 'kernel', 'index.html'), join(out, 'index.html'));
  // Exact in f32: every sum is below 2^24.
  expect(await answerOf(out, 'computing')).toBe(String((255 * 256 * 511) / 6));
});

it('node', async () => {
  const { stdout } = await run(process.execPath, ['solve.mjs'], { cwd: join(folder, 'node') });
  expect(JSON.parse(stdout)).toEqual({ distinct: 4, nonsingular: 4, real: 2, exactCount: 'equal' });
});

it('deno', async () => {
  const map = join(folder, 'import-map.json');
  const library = './node_modules/lps-webgpu/dist/web/index.js';
  writeFileSync(map, JSON.stringify({ imports: { 'lps-webgpu': library } }));
  const deno = join(dirname(require.resolve('deno/package.json')), 'bin.cjs');
  const flags = ['run', '--allow-all', '--no-lock', '--no-check', '--unstable-webgpu'];
  const { stdout } = await run(
    process.execPath,
    [deno, ...flags, `--import-map=${map}`, 'solve.ts'],
    { cwd: join(folder, 'deno') },
  );
  expect(JSON.parse(stdout)).toEqual({ distinct: 4, nonsingular: 4, real: 2 });
});

it('tfjs', async () => {
  const { stdout } = await run(process.execPath, ['train.mjs'], { cwd: join(folder, 'tfjs') });
  const losses = JSON.parse(stdout.slice(stdout.indexOf('{"'))) as { first: number; last: number };
  expect(losses.last).toBeLessThan(losses.first / 2);
});
