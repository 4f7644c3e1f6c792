/**
 * Data files from disk (Node only: nothing that runs in a browser page may import this module).
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LpsError } from '../math/lps-error.js';

/** A data file that cannot be read. */
export class DataFileError extends LpsError {
  override readonly name = 'DataFileError';
  override readonly kind = 'io';
}

/**
 * The bytes of a file, decompressed when its name ends in .gz.
 *
 * @throws DataFileError when the file is missing, not readable or not valid gzip
 */
export async function readBytesFile(path: string): Promise<Buffer> {
  try {
    const bytes = await readFile(path);
    return path.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The text of a file, decompressed when its name ends in .gz.
 *
 * @throws DataFileError when the file is missing, not readable or not valid UTF-8 or gzip
 */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readBytesFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): DataFileError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR'
        ? `it is a damaged or truncated gzip file (${message})`
        : message;
  return new DataFileError(`cannot read the data file "${path}": ${reason}`, { cause: error });
}
