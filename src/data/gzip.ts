/** Gzip in a page and in Node alike, through the platform's DecompressionStream. */
import { DatasetError } from './dataset.js';

/** The two bytes that every gzip file begins with (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses a gzip file.
 *
 * @param name of the file, for messages
 * @throws DatasetError when the bytes are not gzip, damaged or cut off
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGzip(bytes)) {
    throw new DatasetError(
      `${name} is not a gzip file: it ${bytes.length < 2 ? `has ${bytes.length} bytes` : 'does not begin with 1f 8b'}`,
    );
  }
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new DatasetError(`${name} is a damaged or truncated gzip file; fetch it again`, {
      cause: error,
    });
  }
}
