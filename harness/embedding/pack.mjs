/** The package as npm would publish it, installed in a folder of its own. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pack } from '../packages.mjs';
import { root } from '../setup/paths.mjs';

/**
 * Packs the built package and unpacks it into `folder`/node_modules, with the one package that it depends on.
 * @returns {string} the installed package
 */
export function installPacked(folder) {
  const installed = join(folder, 'node_modules', 'lps-webgpu');
  mkdirSync(installed, { recursive: true });
  const tarball = pack(root, folder);
  execFileSync('tar', [...['-xzf', tarball, '-C', installed], '--strip-components=1']);
  const types = dirname(createRequire(import.meta.url).resolve('@webgpu/types/package.json'));
  cpSync(types, join(folder, 'node_modules', '@webgpu', 'types'), {
    recursive: true,
    dereference: true,
  });
  return installed;
}

/** Bytes of the files in a folder. */
export function bytesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
