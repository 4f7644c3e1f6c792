/**
 * src/ -> dist/: one bundle per place where the library runs.
 *
 *   dist/index.js, dist/worker.js, dist/cli.js   Node; npm dependencies stay imports
 *   dist/browser/index.js, dist/browser/worker.js   pages, bundlers and Deno; self-contained
 *
 * A worker lies beside the bundle that starts it, so `new URL('./worker.js', import.meta.url)`
 * is right in every one of them. The platform adapter is chosen by the "#platform" import.
 */
import { build } from 'esbuild';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const entries = { index: 'src/index.ts', worker: 'src/homotopy/worker.ts', cli: 'src/cli/main.ts' };

/** @param {string} root */
export async function bundle(root) {
  const present = Object.fromEntries(
    Object.entries(entries).filter(([, file]) => existsSync(join(root, file))),
  );
  const { cli: _, ...web } = present;
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    logLevel: 'warning',
    // Names of classes are part of error messages.
    keepNames: true,
  };
  const { metafile } = await build({
    ...common,
    metafile: true,
    entryPoints: present,
    outdir: 'dist',
    platform: 'node',
    packages: 'external',
    splitting: true,
    chunkNames: 'shared-[hash]',
  });
  // Shared parts have the hash of their content in their name: those of older builds would pile up.
  const dist = join(root, 'dist');
  for (const name of readdirSync(dist).filter((file) => file.startsWith('shared-')))
    if (!(`dist/${name}` in metafile.outputs)) rmSync(join(dist, name));
  // No splitting here: each file must work when it is served or copied alone.
  await build({
    ...common,
    entryPoints: web,
    outdir: 'dist/browser',
    platform: 'browser',
    conditions: ['browser'],
  });
}
