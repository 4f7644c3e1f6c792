/**
 * Type declarations of the public interface, dist/types: what the entry points reach, and nothing else.
 *
 * They hold without settings and from TypeScript 5.4 on: WebGPU's types come along by reference before TypeScript
 * 6, which has its own, those of fraction.js are built in, and typed arrays are written without the type of their buffer, which TypeScript
 * knows since 5.7. Type errors are reported by `npm test`, not here.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

const require = createRequire(import.meta.url);
const bufferTypes =
  /\b((?:Int|Uint|Float|BigInt|BigUint)\d+(?:Clamped)?Array|DataView|ArrayBufferView)<ArrayBuffer(?:Like)?>/g;
const specifier = /(\bfrom |\bimport\()(['"])([^'"]+)\2/g;

/** @param {string} root @param {readonly string[]} entries sources below src/ */
export function emitTypes(root, entries) {
  const types = join(root, 'dist', 'types');
  rmSync(types, { recursive: true, force: true });
  const tsc = join(dirname(require.resolve('typescript')), '..', 'bin', 'tsc');
  spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--noCheck'], {
    stdio: ['ignore', 2, 2],
  });
  const fraction = join(types, 'vendor', 'fraction.d.ts');
  const reached = new Map();
  const visit = (file) => {
    if (reached.has(file)) return;
    const source = file === fraction ? fractionTypes() : readFileSync(file, 'utf8');
    const text = source
      .replace(bufferTypes, '$1')
      .replace(specifier, (whole, before, quote, path) =>
        path === 'fraction.js' && file !== fraction
          ? `${before}${quote}${relativePath(file, fraction)}${quote}`
          : whole,
      );
    reached.set(file, text);
    for (const [, , , path] of text.matchAll(specifier)) {
      if (path.startsWith('.')) visit(join(dirname(file), path.replace(/\.js$/, '.d.ts')));
    }
  };
  for (const entry of entries) visit(join(types, relative('src', entry).replace(/\.ts$/, '.d.ts')));
  const device = join(types, 'gpu', 'device.d.ts');
  reached.set(device, `import type {} from '#webgpu-types';\n${reached.get(device)}`);
  // What package.json lets "#webgpu-types" mean, by version of TypeScript.
  reached.set(join(types, 'webgpu.d.ts'), '/// <reference types="@webgpu/types" />\nexport {};\n');
  reached.set(join(types, 'webgpu-built-in.d.ts'), 'export {};\n');
  // The worker is started and never imported: it exports nothing.
  reached.set(join(types, 'worker.d.ts'), 'export {};\n');
  mkdirSync(dirname(fraction), { recursive: true });
  for (const [file, text] of reached) writeFileSync(file, text);
  for (const name of readdirSync(types, { recursive: true })) {
    const file = join(types, name);
    if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

function fractionTypes() {
  return readFileSync(
    join(dirname(require.resolve('fraction.js')), '..', 'fraction.d.mts'),
    'utf8',
  );
}

function relativePath(from, to) {
  const path = relative(dirname(from), to)
    .split(sep)
    .join('/')
    .replace(/\.d\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}
