/**
 * Type declarations of the public interface, dist/types: what the entry points reach, and nothing else, in a file for
 * each entry and a few that they share.
 *
 * They hold without settings and from TypeScript 5.4 on: WebGPU's types come along by reference before TypeScript
 * 6, which has its own, those of fraction.js are built in, and typed arrays are written without the type of their buffer, which TypeScript
 * knows since 5.7. Type errors are reported by `npm test`, not here.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { entries } from './library.mjs';

const require = createRequire(import.meta.url);
const bufferTypes =
  /\b((?:Int|Uint|Float|BigInt|BigUint)\d+(?:Clamped)?Array|DataView|ArrayBufferView)<ArrayBuffer(?:Like)?>/g;

/** @param {string} root */
export async function emitTypes(root) {
  const declarations = join(root, 'dist', 'declarations');
  const tsc = join(dirname(require.resolve('typescript')), '..', 'bin', 'tsc');
  const project = join(root, 'tsconfig.build.json');
  // Initializers are public by their names; how they work is not.
  spawnSync(process.execPath, [tsc, '-p', project, '--noCheck', '--stripInternal'], {
    stdio: ['ignore', 2, 2],
  });
  const bundle = await rolldown({
    input: Object.fromEntries(
      Object.entries(entries).map(([name, source]) => [
        name,
        join(declarations, source.replace(/^src/, '').replace(/\.ts$/, '.d.ts')),
      ]),
    ),
    checks: { bundlerTimings: false },
    plugins: [
      {
        name: 'types of fraction.js',
        resolveId: (path) =>
          path === 'fraction.js'
            ? join(dirname(require.resolve('fraction.js')), '..', 'fraction.d.mts')
            : undefined,
      },
      dts({ dtsInput: true, emitDtsOnly: true, tsconfig: false }),
    ],
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  rmSync(declarations, { recursive: true });
  const types = join(root, 'dist', 'types');
  rmSync(types, { recursive: true, force: true });
  mkdirSync(types);
  const write = (name, text) => {
    writeFileSync(join(types, name), text);
  };
  for (const { fileName, code } of output)
    write(
      fileName,
      `import type {} from '#webgpu-types';\n${code
        .replace(bufferTypes, '$1')
        // Where each part comes from: files that are not in the package.
        .replace(/^\/\/.*\n/gm, '')}`,
    );
  // What package.json lets "#webgpu-types" mean, by version of TypeScript.
  write('webgpu.d.ts', '/// <reference types="@webgpu/types" />\nexport {};\n');
  write('webgpu-built-in.d.ts', 'export {};\n');
  // The worker is started and never imported: it exports nothing.
  write('worker.d.ts', 'export {};\n');
}
