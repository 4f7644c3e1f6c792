/**
 * src/ -> dist/: one bundle per place where the library runs.
 *
 *   dist/index.js, dist/*worker.js, dist/cli.js   Node; large npm dependencies stay imports
 *   dist/browser/index.js, dist/browser/*worker.js   pages, bundlers and Deno; nothing from elsewhere
 *   dist/internals/, dist/internals/browser/   the same two with harness/internals.ts as their index: for
 *     tests and measurements, not published; the first also has the tools of harness/tools.mjs
 *
 * What is only needed at times (charts, data sets) lies in files of its own, loaded on demand.
 *
 * A worker lies beside the bundle that starts it, so `new URL('./worker.js', import.meta.url)`
 * is right in every one of them. The platform adapter is chosen by the "#platform" import.
 */
import { build } from 'esbuild';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { tools } from '../tools.mjs';

const entries = {
  index: 'src/index.ts',
  worker: 'src/homotopy/track/worker.ts',
  'relu-minima-worker': 'src/minima/relu/worker.ts',
  cli: 'src/cli/main.ts',
};

/**
 * Packages that Node loads from node_modules: programs, native code, CommonJS that asks for Node's modules, and what is
 * needed at times only. The small ones that always load are bundled: Node takes 0.15 CPU seconds to read ml-matrix.
 */
const loadedFromPackages = [
  'commander',
  'echarts',
  'esbuild',
  'puppeteer-core',
  'simple-statistics',
  'webgpu',
];

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
  const node = { ...common, platform: 'node', external: loadedFromPackages };
  const page = {
    ...common,
    platform: 'browser',
    conditions: ['browser'],
    minifyWhitespace: true,
    minifySyntax: true,
  };
  const internals = { ...web, index: 'harness/internals.ts' };
  await buildInto(root, 'dist', { ...node, entryPoints: present });
  await buildInto(root, 'dist/browser', { ...page, entryPoints: web });
  await buildInto(root, 'dist/internals', {
    ...node,
    entryPoints: { ...internals, ...tools },
    plugins: [unbundled(join(root, 'dist/internals'))],
  });
  await buildInto(root, 'dist/internals/browser', { ...page, entryPoints: internals });
}

/** What runs as it is, before anything is built: set-up, which the tools load from where it lies. */
function unbundled(outdir) {
  return {
    name: 'unbundled',
    setup({ onResolve }) {
      onResolve({ filter: /^\..*\.mjs$/ }, ({ path, resolveDir }) => ({
        path: relative(outdir, resolve(resolveDir, path)).replaceAll('\\', '/'),
        external: true,
      }));
    },
  };
}

async function buildInto(root, outdir, options) {
  const { metafile } = await build({
    ...options,
    outdir,
    metafile: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
  });
  // Shared parts have the hash of their content in their name: those of older builds would pile up.
  for (const name of readdirSync(join(root, outdir)).filter((file) => file.startsWith('shared-')))
    if (!(`${outdir}/${name}` in metafile.outputs)) rmSync(join(root, outdir, name));
}
