/**
 * Data files from disk (Node only: nothing that runs in a browser page may import this module).
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LpsError } from '../math/lps-error.js';
import { isGzip } from './gzip.js';

/** A data file that cannot be read. */
export class DataFileError extends LpsError {
  override readonly name = 'DataFileError';
  override readonly kind = 'io';
}

/** Of data, decompressed. A device, a pipe or a small gzip file may never end. */
const MOST_DATA = 192 << 20;
/** Of weights: what one buffer holds. */
const MOST_WEIGHTS = 2040 << 20;
const CHUNK = 1 << 20;

/**
 * The bytes of a file, decompressed when they are those of a gzip file.
 *
 * @param most bytes; default 192 MiB
 * @throws DataFileError when the file is missing, not readable, larger or not valid gzip
 */
export async function readBytesFile(
  path: string,
  most: number = MOST_DATA,
): Promise<Buffer<ArrayBuffer>> {
  const tooLarge = () =>
    new DataFileError(
      `cannot read "${path}": it has more than ${most >> 20} MiB${path.endsWith('.gz') ? ' when decompressed' : ''}; give it in parts`,
    );
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > most) throw tooLarge();
    }
    const bytes = Buffer.concat(chunks);
    // A browser may have unpacked what is still called .gz, and a program packed what is not.
    if (!isGzip(bytes)) return bytes;
    return await promisify<Buffer, { maxOutputLength: number }, Buffer<ArrayBuffer>>(gunzip)(
      bytes,
      { maxOutputLength: most },
    );
  } catch (error) {
    if (error instanceof DataFileError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw unreadable(path, error);
  }
}

/**
 * The bytes of a file of weights, which may be large, and so must be a file and not a device.
 *
 * @throws DataFileError as above
 */
export async function readWeightsFile(path: string): Promise<Buffer<ArrayBuffer>> {
  try {
    if ((await stat(path)).isFile()) return await readBytesFile(path, MOST_WEIGHTS);
  } catch (error) {
    throw error instanceof DataFileError ? error : unreadable(path, error);
  }
  throw new DataFileError(`cannot read "${path}": it is no file of weights`);
}

/**
 * The text of a file, decompressed when it is gzip.
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
  const unknown = (cause?: unknown): DataFileError =>
    new DataFileError(
      `cannot read "${path}": it is neither text in ${encoding} nor a known kind of file; save it as CSV in UTF-8, .npy or IDX`,
      { cause },
    );
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw unknown(error);
  }
  // UTF-16 without its mark and UTF-32 would pass for text.
  if (text.includes('\0')) throw unknown();
  return text;
}

function unreadable(path: string, error: unknown): DataFileError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR'
        ? `it is a damaged or truncated gzip file (${message})`
        : message;
  return new DataFileError(`cannot read "${path}": ${reason}`, { cause: error });
}
