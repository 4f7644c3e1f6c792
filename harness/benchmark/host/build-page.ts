/**
 * Bundles page/ for one runtime, from the sources, into a cache folder: the peers must never come
 * near dist/, which is published.
 */
import { build } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunOptions } from '../../generated/result.js';
import { cacheFolder, root } from '../../setup/paths.mjs';

/**
 * @param peers whether they may be asked for; most of the bundle's megabytes are theirs
 * @returns the folder with main.js and lps-worker.js
 */
export async function buildPage(runtime: RunOptions['runtime'], peers: boolean): Promise<string> {
  const platform = runtime === 'node' ? 'node' : 'browser';
  // One folder per process, so that two benchmarks at once do not build over each other.
  const all = join(cacheFolder, 'benchmark');
  const folder = join(all, `${runtime}-${process.pid}`);
  removeStale(all);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'harness/benchmark/page/main.ts',
      // Beside the bundle that starts it, as in dist/.
      'lps-worker': 'src/entries/worker.ts',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform,
    // Without peers the modules that import these are bundled, and never asked for.
    external: [
      ...(platform === 'node' ? [] : ['node:*']),
      ...(peers ? [] : ['@tensorflow/*', '@jax-js/*', 'gpu.js']),
    ],
    ...(platform === 'node' ? { packages: 'external' } : { conditions: ['browser'] }),
    loader: { '.json': 'json' },
    // Peers name Node's modules in branches that a page never takes.
    ...(platform === 'browser'
      ? {
          alias: {
            fs: emptyModule,
            path: emptyModule,
            worker_threads: emptyModule,
            os: emptyModule,
            perf_hooks: emptyModule,
            util: emptyModule,
            crypto: emptyModule,
          },
        }
      : {}),
    define: platform === 'browser' ? { 'process.env.NODE_ENV': '"production"' } : {},
    logLevel: 'error',
  });
  return folder;
}

const emptyModule = join(root, 'harness', 'benchmark', 'host', 'empty.ts');

/** Folders of benchmarks that were killed before they could clean up. */
function removeStale(all: string): void {
  for (const name of existsSync(all) ? readdirSync(all) : []) {
    const pid = Number(name.split('-').at(-1));
    if (!isRunning(pid)) rmSync(join(all, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
