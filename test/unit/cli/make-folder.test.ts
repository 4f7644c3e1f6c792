/** Believed afterwards: folders are made with those above them, and a place without room for one is an error. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from '../../../src/cli/make-folder.js';

const base = mkdtempSync(join(tmpdir(), 'lps-folder-'));
afterAll(() => {
  rmSync(base, { recursive: true });
});

it('makes the folders above it, and takes one that is there', () => {
  const deep = join(base, 'a', 'b', 'c');
  makeFolder(deep);
  expect(existsSync(deep)).toBe(true);
  makeFolder(deep);
});

it('throws where a file is in the way', () => {
  const file = join(base, 'file');
  writeFileSync(file, '');
  expect(() => {
    makeFolder(join(file, 'below'));
  }).toThrow(/ENOTDIR/);
});

it.runIf(existsSync('/proc/self'))('throws below /proc, and ends', () => {
  expect(() => {
    makeFolder('/proc/lps-webgpu/below');
  }).toThrow(/ENOENT/);
});
