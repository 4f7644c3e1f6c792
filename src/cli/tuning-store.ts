/**
 * Keeps the choices of matrix kernels in the user's cache folder, so that a GPU is asked once and not
 * at every start. Software adapters are never asked and so never write here.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TuningStore } from '../network/index.js';

/** A store in `tuning.json` of a folder: an object of one text per adapter. */
export function fileTuningStore(folder: string): TuningStore {
  const path = join(folder, 'tuning.json');
  const read = async (): Promise<Record<string, string>> => {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'));
      return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {};
    } catch {
      // None yet, or damaged: a trial replaces it.
      return {};
    }
  };
  return {
    load: async (key) => {
      const text = (await read())[key];
      return typeof text === 'string' ? text : undefined;
    },
    save: async (key, text) => {
      const all = { ...(await read()), [key]: text };
      try {
        await mkdir(dirname(path), { recursive: true });
        // In one step, because another process may be reading.
        const part = `${path}.${process.pid}`;
        await writeFile(part, `${JSON.stringify(all, null, 1)}\n`);
        await rename(part, path);
      } catch {
        // A folder that cannot be written costs one trial at the next start.
      }
    },
  };
}
