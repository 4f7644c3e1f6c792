/**
 * What an app loads of the package, in bytes of gzip: an app that imports one thing, bundled and minified by
 * esbuild from dist/web.
 *
 * node harness/embedding/sizes.mjs [MODULE]   prints a table; with a module's name what it is made of
 */
import { build } from 'esbuild';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root } from '../setup/paths.mjs';

const web = join(root, 'dist', 'web');
const everything = (...entries) =>
  entries.map((entry) => `export * from '${join(web, `${entry}.js`)}';`).join('\n');
/** What holds the data sets, their readers and the parser of CSV. */
const data = /^(data|papaparse)(-loading)?-/;

/** What apps import. */
export const apps = {
  './solver': everything('solver'),
  './network': everything('network'),
  './initializer': everything('initializer'),
  'one kernel': `export { networkMatmulRegister } from '${join(web, 'kernels.js')}';`,
  dense: `export { dense } from '${join(web, 'index.js')}';`,
  '. without data': everything('index'),
};

/**
 * @param {keyof typeof apps} app
 * @returns {Promise<{ first: number, later: number, parts: Record<string, number> }>} `first` is loaded with
 *   the app, `later` when something asks for it; of `first`, parts in bytes before compression.
 */
export async function sizeOf(app) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: apps[app], resolveDir: root, sourcefile: 'app.js' },
    bundle: true,
    // One function in one file: what is split keeps together what later parts share.
    splitting: app !== 'dense',
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: ['echarts'],
    outdir: join(root, 'unused'),
    absWorkingDir: root,
    logLevel: 'error',
    plugins: [
      {
        name: 'without data',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.js$/ }, ({ path }) =>
            app.endsWith('without data') && dirname(path) === web && data.test(basename(path))
              ? { contents: 'module.exports = {}', loader: 'js' }
              : undefined,
          );
        },
      },
    ],
  });
  const gzip = (path) =>
    gzipSync(outputFiles.find((file) => file.path === join(root, path)).contents, { level: 9 })
      .length;
  const first = new Set();
  const visit = (path) => {
    if (first.has(path)) return;
    first.add(path);
    for (const { path: to, kind } of metafile.outputs[path].imports)
      if (kind === 'import-statement' && to in metafile.outputs) visit(to);
  };
  visit(
    Object.keys(metafile.outputs).find(
      (path) => metafile.outputs[path].entryPoint === 'app.js' || path.endsWith('stdin.js'),
    ),
  );
  const sum = (paths) => paths.reduce((total, path) => total + gzip(path), 0);
  const all = Object.keys(metafile.outputs);
  const parts = {};
  for (const path of first)
    for (const [input, { bytesInOutput }] of Object.entries(metafile.outputs[path].inputs)) {
      const part = input.replace(/^.*dist\/web\//, '');
      parts[part] = (parts[part] ?? 0) + bytesInOutput;
    }
  return { first: sum([...first]), later: sum(all.filter((path) => !first.has(path))), parts };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kib = (bytes) => (bytes / 1024).toFixed(1);
  const asked = process.argv[2];
  for (const app of Object.keys(apps)) {
    const { first, later, parts } = await sizeOf(app);
    console.log(`${app.padEnd(16)} ${kib(first).padStart(6)} KiB, later ${kib(later)}`);
    if (asked === app)
      for (const [part, bytes] of Object.entries(parts)
        .sort((a, b) => b[1] - a[1])
        .slice(0, 40))
        console.log(`  ${kib(bytes).padStart(6)} ${part}`);
  }
}
