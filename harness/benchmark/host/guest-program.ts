/**
 * What a guest runs: the suites as they are built (dist/page/benchmark-guest.js for pages and Deno,
 * dist/benchmark-guest.js for Node), without the libraries that ours is measured beside. Those are taken from the
 * project at hand, and pages need them bundled: esbuild does that into a cache folder, so that they never come near
 * dist/, which is published.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import type { RunOptions } from '../../generated/result.js';
import { isRunning } from '../../../src/cli/processes.js';
import { cacheFolder, root } from '../../setup/paths.mjs';
import { note } from '../../tool.js';
import { missingPeerPackages, peerVersions } from './peer-versions.js';

export const GUEST_FILE = 'benchmark-guest.js';

export interface GuestProgram {
  /** With GUEST_FILE and what it imports. */
  readonly folder: string;
  /** Removes what was made for this guest alone. */
  remove(): void;
}

/** Node's modules, which peers name in branches that a page never takes. */
const ofNode = /^(fs|path|worker_threads|os|perf_hooks|util|crypto)$/;

/** @param peers whether they may be asked for */
export async function guestProgram(
  runtime: RunOptions['runtime'],
  peers: boolean,
): Promise<GuestProgram> {
  // Node finds packages by itself.
  const built = join(root, 'dist', ...(runtime === 'node' ? [] : ['page']));
  if (runtime === 'node' || !peers || peerVersions().length === 0)
    return { folder: built, remove: () => undefined };
  const esbuild = await loadEsbuild();
  if (esbuild === null) return { folder: built, remove: () => undefined };
  // One folder per process, so that two benchmarks at once do not build over each other.
  const all = join(cacheFolder, 'benchmark');
  const folder = join(all, `${runtime}-${process.pid}`);
  removeStale(all);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [join(built, GUEST_FILE)],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['browser'],
    nodePaths: [join(process.cwd(), 'node_modules')],
    external: ['node:*', ...missingPeerPackages()],
    plugins: [emptyModules],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  cpSync(join(built, 'lps-worker.js'), join(folder, 'lps-worker.js'));
  return {
    folder,
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function loadEsbuild(): Promise<typeof import('esbuild') | null> {
  try {
    return await import('esbuild');
  } catch {
    note(
      'the other libraries are left out of pages: esbuild, which bundles them, is not installed (npm install --save-dev esbuild)',
    );
    return null;
  }
}

const emptyModules: Plugin = {
  name: 'empty modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: ofNode }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: 'export default {};' }));
  },
};

/** Folders of benchmarks that were killed before they could clean up. */
function removeStale(all: string): void {
  for (const name of existsSync(all) ? readdirSync(all) : []) {
    const pid = Number(name.split('-').at(-1));
    if (!(Number.isSafeInteger(pid) && isRunning(pid)))
      rmSync(join(all, name), { recursive: true, force: true });
  }
}
