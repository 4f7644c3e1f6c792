/**
 * dist/web: the library for Node, Deno, pages and bundlers, in few files that keep apart what an app may do without.
 *
 * A module by itself is what bundlers leave out best, but 490 of them take twice their bytes on a disk. So modules share
 * a file when the same entries and the same later parts (`import()`) reach them and they lie in the same room, and
 *
 * - small pieces of a room go with others;
 * - what leads to an `import()` lies in other files than what does not: bundlers make a part of every `import()` that
 *   they read, whether or not the function around it is called;
 * - entries only name what others hold;
 * - calls at the top of modules are marked as free of effects (free-of-effects.mjs), so that bundlers also leave out
 *   statements.
 */
import { build } from 'esbuild';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';
import { freeOfEffects } from './free-of-effects.mjs';
import { matrixModules, WORKER } from './worker.mjs';

/** The package's entry points: name in dist/web and dist/types, source. */
export const entries = {
  index: 'src/index.ts',
  solver: 'src/entries/solver.ts',
  network: 'src/entries/network.ts',
  initializer: 'src/entries/initializer.ts',
  kernels: 'src/entries/kernels.ts',
  charts: 'src/entries/charts.ts',
};

/** How workers and Dawn are named is read by bundlers, comments and all, which minified text would lose. */
const platform = { source: 'src/gpu/this-platform.ts', file: 'platform.js' };
/** Bytes below which a piece of a room goes with another: a file takes whole blocks of a disk. */
const SMALL = 3400;
/** The worker's text, of which the platform's file says where it is. */
const workerSource = 'worker-source';

/** @param {string} root */
export async function buildLibrary(root) {
  const folder = join(root, 'dist', 'web');
  mkdirSync(folder, { recursive: true });
  const files = [WORKER, platform.file, `${workerSource}.js`];
  const common = {
    absWorkingDir: root,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    logLevel: 'warning',
  };
  await build({
    ...common,
    bundle: true,
    entryPoints: [platform.source],
    outfile: join(folder, platform.file),
    plugins: [
      {
        name: 'the text of the worker by itself',
        setup({ onResolve }) {
          onResolve({ filter: /worker-source\.js$/ }, () => ({
            path: `./${workerSource}.js`,
            external: true,
          }));
        },
      },
    ],
  });
  await build({
    ...common,
    entryPoints: [`src/generated/${workerSource}.ts`],
    outdir: folder,
    minify: true,
  });
  const library = await rolldown({
    cwd: root,
    input: entries,
    platform: 'browser',
    external: [/^echarts/],
    resolve: { alias: { 'ml-matrix': matrixModules } },
    treeshake: { moduleSideEffects: false },
    preserveEntrySignatures: 'allow-extension',
    checks: { bundlerTimings: false },
    plugins: [
      {
        name: 'the platform by itself',
        resolveId: (path) =>
          path.endsWith('/this-platform.js')
            ? { id: `./${platform.file}`, external: true }
            : undefined,
      },
      freeOfEffects,
    ],
  });
  const { output } = await library.write({
    dir: folder,
    format: 'esm',
    minify: true,
    chunkFileNames: ({ name }) => `${name.split('~')[0]}-[hash].js`,
    codeSplitting: { groups: groups(join(root, 'src')), includeDependenciesRecursively: false },
  });
  await library.close();
  checkCircles(output);
  files.push(...output.map(({ fileName }) => fileName));
  for (const name of readdirSync(folder))
    if (!files.includes(name)) rmSync(join(folder, name), { recursive: true });
}

/**
 * Which modules may share a file, if besides the same entries and later parts reach them. No two files then import each
 * other: rooms do not (floors.js), and within a room a module is reached by all that reaches what imports it. Where small
 * pieces go with others, `checkCircles` looks.
 */
function groups(src) {
  const entryModules = Object.values(entries).map((file) => join(dirname(src), file));
  const known = new Map();
  const loads = (id, context) => {
    if (!known.has(id)) {
      // Modules do not import in a circle, but for packages.
      known.set(id, false);
      const { importedIds, dynamicallyImportedIds } = context.getModuleInfo(id) ?? {};
      known.set(
        id,
        dynamicallyImportedIds?.length > 0 || importedIds?.some((each) => loads(each, context)),
      );
    }
    return known.get(id);
  };
  const nameOf = (id, context) => {
    if (entryModules.includes(id)) return null;
    // Packages may have effects: of each by itself nothing is kept for another's sake.
    const [, name] = /node_modules[\\/]([^\\/]+)/.exec(id) ?? [];
    // Those that only ml-matrix imports have none; in files of their own they take a block of the disk each.
    if (name) return /^(ml-array-|is-any-array)/.test(name) ? 'ml-matrix' : name;
    const [room] = relative(src, id).split(sep);
    return loads(id, context) ? `${room}-loading` : room;
  };
  // Of initializers, which load each other, pieces that shared a file would import each other.
  const isMerged = (name) => name !== null && !name.startsWith('initialize');
  return [
    {
      name: (id, context) => {
        const name = nameOf(id, context);
        return isMerged(name) ? name : null;
      },
      entriesAware: true,
      entriesAwareMergeThreshold: SMALL,
      debugName: 'rooms',
    },
    { name: nameOf, entriesAware: true, debugName: 'other rooms' },
  ];
}

/** @throws Error where files import each other: what one needs at its top would not be there */
function checkCircles(output) {
  const imports = new Map(output.map(({ fileName, imports: names = [] }) => [fileName, names]));
  const done = new Set();
  const visit = (file, path) => {
    if (path.includes(file)) throw new Error(`dist/web: ${[...path, file].join(' imports ')}`);
    if (done.has(file)) return;
    for (const name of imports.get(file) ?? []) visit(name, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
}
