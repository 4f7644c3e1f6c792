/**
 * src/ -> dist/: what the packages consist of, one form per place where it runs.
 *
 *   dist/web/       the library for Node, Deno, pages and bundlers (library.mjs). With dist/shaders/ and dist/types/ it
 *     is the package lps-webgpu
 *   dist/           the command line (cli.js) and what it loads (harness/tools.mjs) for Node. With dist/page/ it is the
 *     package lps-webgpu-cli (harness/packages.mjs)
 *   dist/shaders/   the kernels as WGSL, with comments and with what they include; of the rest what nothing includes
 *   dist/internals/, dist/internals/browser/   for tests and measurements, not published: everything that
 *     harness/internals.ts exports, for Node and bundled for pages; the first also has the tools of harness/tools.mjs
 *   dist/page/   the live page (page.mjs)
 *
 * Only echarts (lps-webgpu/charts) and Dawn (npm package webgpu, in Node) come from elsewhere, and only when
 * they are asked for. The worker, lps-worker.js, is one file without imports beside each module that starts it.
 */
import { build } from 'esbuild';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { published, tools } from '../tools.mjs';
import { benchmarkGuest, copyPage, pageEntries, peers } from './page.mjs';
import { readableShaders } from './shaders.mjs';
import { matrixModules, WORKER } from './worker.mjs';

const internals = { index: 'harness/internals.ts' };

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
  legalComments: 'none',
};
/** Programs, native code, and what is needed at times only. Small packages are bundled: Node takes 0.15 CPU seconds to read ml-matrix. */
const loadedFromPackages = ['webgpu', 'echarts', 'puppeteer-core', 'bullmq', 'ioredis'];
/** What the tools load beside these. */
const loadedByTools = ['esbuild', 'fast-check', 'simple-statistics'];

const forNode = {
  ...common,
  platform: 'node',
  external: loadedFromPackages,
  // Bundled CommonJS (commander) asks for Node's modules by require, which ES modules do not have.
  banner: {
    js: "import { createRequire as lpsCreateRequire } from 'node:module'; const require = lpsCreateRequire(import.meta.url);",
  },
};
const forPages = {
  ...common,
  platform: 'browser',
  alias: { 'ml-matrix': matrixModules },
};

/**
 * @param {string} root
 * @param {string} worker the text of the worker
 */
export async function bundle(root, worker) {
  const putWorker = (folder) => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, WORKER), worker);
  };
  // Source maps stay in the checkout: package.json leaves them out.
  const node = { ...forNode, sourcemap: true };
  const page = { ...forPages, sourcemap: true };
  await buildInto(root, 'dist', {
    ...node,
    minify: true,
    external: [...loadedFromPackages, 'esbuild', ...peers],
    entryPoints: {
      cli: 'src/cli/main.ts',
      ...published,
      'benchmark-guest': benchmarkGuest,
    },
    plugins: [unbundled(join(root, 'dist'))],
  });
  putWorker('dist');
  putWorker('dist/web');
  await buildInto(root, 'dist/internals', {
    ...node,
    external: [...loadedFromPackages, ...loadedByTools],
    entryPoints: { ...internals, ...tools },
    plugins: [unbundled(join(root, 'dist/internals'))],
  });
  putWorker('dist/internals');
  await buildInto(root, 'dist/internals/browser', { ...page, entryPoints: internals });
  putWorker('dist/internals/browser');
  await buildInto(root, 'dist/page', {
    ...page,
    minify: true,
    sourcemap: false,
    external: peers,
    entryPoints: pageEntries,
  });
  putWorker('dist/page');
  copyPage(root);
  writeShaders(root);
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
    absWorkingDir: root,
    ...options,
    outdir,
    metafile: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
  });
  // What older builds left: shared parts, for one, have the hash of their content in their name.
  for (const name of readdirSync(join(root, outdir)))
    if (/\.js(\.map)?$/.test(name) && name !== WORKER && !(`${outdir}/${name}` in metafile.outputs))
      rmSync(join(root, outdir, name));
}

function writeShaders(root) {
  const folder = join(root, 'dist', 'shaders');
  rmSync(folder, { recursive: true, force: true });
  for (const [file, text] of Object.entries(readableShaders(join(root, 'shaders')))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}
