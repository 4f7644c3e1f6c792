/**
 * Keeps start systems in the user's cache folder, one file each, so that the search for one (0.3 to 0.6 s for systems of
 * thousands of paths, up to a minute for mixed cells) is made once per system.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StartStore } from '../homotopy/index.js';
import { readSealed, writeSealed } from './sealed-file.js';

const SEAL = { kind: 'start system', version: 1 };
/** Of all files together; the cells of cyclic-9 take 0.1 MB. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * @param version of the package: another one searches in another way, and finds others.
 * @param note is told of files that are damaged.
 */
export function fileStartStore(
  folder: string,
  version: string,
  note: (text: string) => void,
): StartStore {
  const place = join(folder, 'starts');
  const pathOf = (key: string): string =>
    join(place, `${createHash('sha256').update(`${version}\n${key}`).digest('hex')}.start`);
  return {
    load: (key) => Promise.resolve(load(pathOf(key), note)),
    save: (key, text) => {
      try {
        writeSealed(pathOf(key), SEAL, text);
        discardOldest(place);
      } catch {
        // A folder that cannot be written costs one search at the next start.
      }
      return Promise.resolve();
    },
  };
}

function load(path: string, note: (text: string) => void): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const text = readSealed(path, SEAL);
    if (typeof text === 'string') return text;
  } catch {
    // Said below.
  }
  note(`the start system kept in "${path}" is damaged: it is searched again`);
  return undefined;
}

/** Deletes the files written first until the others are small enough together. */
function discardOldest(place: string): void {
  const files = readdirSync(place).map((name) => {
    const path = join(place, name);
    const { size, mtimeMs } = statSync(path);
    return { path, size, mtimeMs };
  });
  files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  let kept = 0;
  for (const { path, size } of files) {
    kept += size;
    if (kept > MOST_BYTES) rmSync(path, { force: true });
  }
}
