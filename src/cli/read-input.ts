/** Text from a file or from standard input (`-`). */
import { createReadStream } from 'node:fs';
import { UsageError } from './errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

/** More is no system: a million terms are 20 MB. A device or pipe may never end. */
const MOST_BYTES = 64 << 20;

/**
 * Reads everything.
 *
 * @param path of a file, or `-` for standard input
 * @throws UsageError when it cannot be read, has more than 64 MiB or is not UTF-8
 */
export async function readInput(path: string): Promise<string> {
  const name = path === '-' ? 'standard input' : `"${path}"`;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > MOST_BYTES) break;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `cannot read ${name}: ${REASONS[code ?? ''] ?? message}; give a file, or - for standard input`,
    );
  }
  if (size > MOST_BYTES) {
    throw new UsageError(`cannot read ${name}: it has more than ${MOST_BYTES >> 20} MiB`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new UsageError(`cannot read ${name}: it is not text in UTF-8`);
  }
}
