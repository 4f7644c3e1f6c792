/**
 * The parts of src/ that a measurement needs and the public interface does not have, bundled beside dist/index.js
 * (where the worker is).
 */
import { build } from 'esbuild';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../setup/paths.mjs';

const contents = `
export { openGpu } from './src/gpu/index.ts';
export { shaders } from './src/generated/shaders.ts';
export { GpuTracker, TrackStatus } from './src/homotopy/gpu/index.ts';
export { startHomotopy } from './src/homotopy/program/homotopy.ts';
export * from './src/homotopy/start/index.ts';
export { parseSystem, toNumeric } from './src/polynomial/index.ts';
`;

export async function loadInternals() {
  const outfile = join(root, 'dist', 'benchmark-internals.js');
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    packages: 'external',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
