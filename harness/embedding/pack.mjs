/** The package as npm would publish it, installed in a folder of its own. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pack } from '../packages.mjs';
import { root } from '../setup/paths.mjs';

let packed;

/**
 * Packs the built package, once for all that this process installs.
 * @returns {string} the archive
 */
function packedOnce() {
  if (packed === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'lps-packed-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    packed = pack(root, folder);
  }
  return packed;
}

/**
 * Unpacks the packed package into `folder`/node_modules, with the one package that it depends on.
 * @returns {string} the installed package
 */
export function installPacked(folder) {
  const installed = join(folder, 'node_modules', 'lps-webgpu');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', packedOnce(), '-C', installed, '--strip-components=1']);
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
