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

/** Of most file systems, bytes. */
const BLOCK = 4096;

/**
 * How large a folder is, in two measures.
 * @returns {{ bytes: number, onDisk: number }} of its files, and in whole blocks, with one for each folder
 */
export function sizesIn(folder) {
  let bytes = 0;
  let blocks = 1;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const size = entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : BLOCK;
    if (entry.isFile()) bytes += size;
    blocks += Math.ceil(size / BLOCK);
  }
  return { bytes, onDisk: blocks * BLOCK };
}

/** @returns {string} both measures */
export function sizesText(folder) {
  const { bytes, onDisk } = sizesIn(folder);
  return `${(bytes / 1e6).toFixed(2)} MB, ${(onDisk / 1e6).toFixed(2)} MB in blocks of 4 KiB`;
}
