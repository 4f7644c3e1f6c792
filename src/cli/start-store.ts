/**
 * Keeps start systems in the user's cache folder, one file each, so that the search for one (0.3 to 0.6 s for systems of
 * thousands of paths) is made once per system.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StartStore } from '../homotopy/index.js';

/** @param version of the package: another one searches in another way, and finds others. */
export function fileStartStore(folder: string, version: string): StartStore {
  const pathOf = (key: string): string =>
    join(
      folder,
      'starts',
      `${createHash('sha256').update(`${version}\n${key}`).digest('hex')}.json`,
    );
  return {
    load: async (key) => {
      try {
        return await readFile(pathOf(key), 'utf8');
      } catch {
        return undefined;
      }
    },
    save: async (key, text) => {
      const path = pathOf(key);
      try {
        await mkdir(dirname(path), { recursive: true });
        // In one step, because another process may be reading.
        const part = `${path}.${process.pid}`;
        await writeFile(part, text);
        await rename(part, path);
      } catch {
        // A folder that cannot be written costs one search at the next start.
      }
    },
  };
}
