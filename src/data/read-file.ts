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
export async function readBytesFile(path: string): Promise<Buffer<ArrayBuffer>> {
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
 * @throws DataFileError when the file is missing, not readable or not valid text or gzip
 */
export async function readTextFile(path: string): Promise<string> {
  return decodeText(await readBytesFile(path), path);
}

/**
 * Text from bytes: UTF-8, or UTF-16 with a byte order mark, as spreadsheets write it.
 *
 * @param path for messages
 * @throws DataFileError when the bytes are neither
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  const start = `${bytes[0]},${bytes[1]}`;
  const encoding = start === '255,254' ? 'utf-16le' : start === '254,255' ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
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
