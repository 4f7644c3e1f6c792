/** Pages that do the jobs of page-jobs.js, in an app that esbuild made of the packed package, and summaries of what they measure. */
import { build } from 'esbuild';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from '../build/stamp.mjs';
import { root } from '../setup/paths.mjs';
import { installPacked } from './pack.mjs';

/** The jobs of page-jobs.js, and what must come before each. */
export const jobs = {
  open: [],
  'solve cyclic-7, f64': ['open'],
  'solve cyclic-7, auto': ['open'],
  'solve cyclic-7, gpu': ['open'],
  'minima 1-2-1, polynomial': ['open'],
  'minima 1-2-1, ReLU': ['open'],
  'initialize 20x64': ['open'],
  'train 20x64': ['open', 'initialize 20x64'],
};

/**
 * @param {{ isNamed?: boolean, policy?: string }} options whether functions keep their names, for profiles; a
 *   Content-Security-Policy
 * @returns `newPage(job, options)`, where `globalThis.app` is page-jobs.js and what comes before the job was done (`open`
 *   with the options), and `close`
 */
export async function openApp({ isNamed = false, policy } = {}) {
  ensureBuild();
  // The build makes these.
  const { openBrowser } = await import('../../dist/internals/browser.js');
  const { serve } = await import('../../dist/internals/server.js');
  const folder = mkdtempSync(join(tmpdir(), 'lps-app-'));
  installPacked(folder);
  for (const name of ['page-jobs.js', 'program.js'])
    cpSync(join(root, 'harness', 'embedding', name), join(folder, name));
  await build({
    stdin: {
      contents: `import * as app from './page-jobs.js'; globalThis.app = app;`,
      resolveDir: folder,
    },
    bundle: true,
    splitting: true,
    minify: !isNamed,
    alias: isNamed ? { 'lps-webgpu': join(root, 'dist', 'internals', 'browser', 'index.js') } : {},
    format: 'esm',
    outdir: join(folder, 'out'),
    logLevel: 'error',
  });
  const server = await serve({
    folders: { '/app/': join(folder, 'out') },
    ...(policy && { policy }),
    pages: {
      '/': '<!doctype html><title>app</title><script type="module" src="/app/stdin.js"></script>',
    },
  });
  const browser = await openBrowser();
  return {
    async newPage(job, options = {}) {
      const page = await browser.newPage();
      await page.goto(server.url);
      await page.waitForFunction('globalThis.app !== undefined');
      for (const needed of jobs[job])
        await page.evaluate(
          (needed, options) => globalThis.app.jobs[needed](options),
          needed,
          needed === 'open' ? options : {},
        );
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

/** "median (least-most)" */
export function summary(list) {
  const [least, most] = [Math.min(...list), Math.max(...list)].map((value) => value.toFixed(0));
  return `${median(list).toFixed(0).padStart(4)} (${least}-${most})`;
}
