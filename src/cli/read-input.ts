/** Text from a file or from standard input (`-`). */
import { text as readStream } from 'node:stream/consumers';
import { readFile } from 'node:fs/promises';
import { UsageError } from './errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

/**
 * Reads everything.
 *
 * @param path of a file, or `-` for standard input
 * @throws UsageError when it cannot be read or is not UTF-8
 */
export async function readInput(path: string): Promise<string> {
  if (path === '-') return readStream(process.stdin);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `cannot read "${path}": ${REASONS[code ?? ''] ?? message}; give a file, or - for standard input`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`cannot read "${path}": it is not text in UTF-8`);
  }
}
