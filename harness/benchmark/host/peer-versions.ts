/** The npm packages that are measured beside ours, as far as the project at hand has them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PeerVersion } from '../../generated/result.js';
import { root } from '../../setup/paths.mjs';

/** All that one of them consists of; the first has its version. */
const PEERS: Readonly<Record<string, readonly string[]>> = {
  tfjs: [
    '@tensorflow/tfjs-core',
    '@tensorflow/tfjs-backend-webgpu',
    '@tensorflow/tfjs-backend-wasm',
  ],
  'jax-js': ['@jax-js/jax'],
  'gpu.js': ['gpu.js'],
};

/** Of those that are there completely. */
export function peerVersions(): PeerVersion[] {
  return Object.entries(PEERS).flatMap(([name, packages]) => {
    const folders = packages.map(packageFolder);
    const [first] = folders;
    if (!first || folders.includes(null)) return [];
    const manifest = readFileSync(join(first, 'package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { readonly version: string };
    return [{ name, version }];
  });
}

/** Packages of peers that are not there. */
export function missingPeerPackages(): string[] {
  return Object.values(PEERS)
    .flat()
    .filter((name) => packageFolder(name) === null)
    .flatMap((name) => [name, `${name}/*`]);
}

/** Where a package lies: as this package finds it, or else as the project in the working folder does. */
export function packageFolder(name: string): string | null {
  for (const start of [root, process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const place = join(folder, 'node_modules', ...name.split('/'));
      if (existsSync(join(place, 'package.json'))) return place;
      if (dirname(folder) === folder) break;
    }
  }
  return null;
}
