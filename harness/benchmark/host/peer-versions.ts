/** Versions of the npm packages that are measured beside ours. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeerVersion } from '../../generated/result.js';
import { root } from '../../setup/paths.mjs';

const PEERS = {
  tfjs: '@tensorflow/tfjs-core',
  'jax-js': '@jax-js/jax',
  'gpu.js': 'gpu.js',
};

export function peerVersions(): PeerVersion[] {
  return Object.entries(PEERS).flatMap(([name, folder]) => {
    const manifest = join(root, 'node_modules', ...folder.split('/'), 'package.json');
    if (!existsSync(manifest)) return [];
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
    return [{ name, version }];
  });
}
