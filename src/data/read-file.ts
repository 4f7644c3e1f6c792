/**
 * Data files from disk (Node only: nothing that runs in a browser page may import this module).
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** A data file that cannot be read. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError';
}

/**
 * The text of a file, decompressed when its name ends in .gz.
 *
 * @throws DataFileError when the file is missing, not readable or not valid UTF-8 or gzip
 */
export async function readTextFile(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    const content = path.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'there is no such file'
        : (error as Error).message;
    throw new DataFileError(`cannot read the data file "${path}": ${reason}`, { cause: error });
  }
}
