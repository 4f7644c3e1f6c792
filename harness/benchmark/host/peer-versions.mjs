/** Versions of the npm packages that are measured beside ours. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/paths.mjs';

const PEERS = {
  tfjs: '@tensorflow/tfjs-core',
  'jax-js': '@jax-js/jax',
  'gpu.js': 'gpu.js',
};

/** @returns {{ name: string, version: string }[]} */
export function peerVersions() {
  return Object.entries(PEERS).flatMap(([name, folder]) => {
    const manifest = join(root, 'node_modules', ...folder.split('/'), 'package.json');
    return existsSync(manifest)
      ? [{ name, version: JSON.parse(readFileSync(manifest, 'utf8')).version }]
      : [];
  });
}
