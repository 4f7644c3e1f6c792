/**
 * Believed afterwards: choices of kernels survive in a file, one text per adapter, and no file that
 * is missing, damaged or not writable stops a command. The truth is what was saved.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileTuningStore } from '../../../src/cli/tuning-store.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-tuning-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('keeps one text per adapter', async () => {
  const store = fileTuningStore(join(folder, 'new', 'folder'));
  expect(await store.load('a')).toBeUndefined();
  await store.save('a', 'first');
  await store.save('b', 'second');
  await store.save('a', 'third');
  const again = fileTuningStore(join(folder, 'new', 'folder'));
  expect(await again.load('a')).toBe('third');
  expect(await again.load('b')).toBe('second');
});

it.each(['', '{', 'null', '7', '{"a":1}'])('makes nothing of a damaged file: %j', async (text) => {
  writeFileSync(join(folder, 'tuning.json'), text);
  const store = fileTuningStore(folder);
  expect(await store.load('a')).toBeUndefined();
  await store.save('a', 'text');
  expect(await store.load('a')).toBe('text');
});

it('goes on where nothing can be written', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const store = fileTuningStore(join(folder, 'a-file'));
  await expect(store.save('a', 'text')).resolves.toBeUndefined();
  expect(await store.load('a')).toBeUndefined();
});
