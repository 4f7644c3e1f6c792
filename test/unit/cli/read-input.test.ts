// Believed afterwards: files and devices are read up to a bound and refused with their name. Truth: the operating system's own files.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readInput } from '../../../src/cli/read-input.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-read-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('reads text in UTF-8, whole, characters across chunks included', async () => {
  const path = join(folder, 'text');
  const text = `x${'é中'.repeat(60_000)}`;
  writeFileSync(path, text);
  expect(await readInput(path)).toBe(text);
});

it.each([
  ['/dev/zero', /"\/dev\/zero": it has more than 64 MiB/],
  [folder, /it is a folder/],
  [join(folder, 'none'), /there is no such file/],
])('refuses %s', async (path, message) => {
  await expect(readInput(path)).rejects.toThrow(message);
});

it('refuses a link to itself and text that is not UTF-8', async () => {
  const loop = join(folder, 'loop');
  symlinkSync(loop, loop);
  await expect(readInput(loop)).rejects.toThrow(/cannot read/);
  const latin = join(folder, 'latin');
  writeFileSync(latin, Buffer.from([0x78, 0xff, 0xfe]));
  await expect(readInput(latin)).rejects.toThrow(/not text in UTF-8/);
});
