/**
 * Downloads a file once (Node only).
 *
 * The bytes go into a partial file that takes its name only when they are complete and their
 * checksum is right: what is in the cache under its name is good, whatever interrupts a download.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LpsError } from '../math/lps-error.js';
import type { SourceFile } from './catalogue.js';

/** What one address answered, or why it did not. */
export class DownloadError extends LpsError {
  override readonly name = 'DownloadError';
  override readonly kind = 'io';
}

/** How far a download is. */
export interface DownloadProgress {
  readonly url: string;
  readonly received: number;
  /** Null when the server does not say. */
  readonly total: number | null;
}

export interface DownloadOptions {
  readonly checksum?: SourceFile['checksum'];
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the server counts as silent. Default 30,000. */
  readonly patience?: number;
}

const PATIENCE = 30_000;

/**
 * Downloads `url` to `path`, creating its folder.
 *
 * @throws DownloadError for a server that cannot be reached, answers with an error, falls silent,
 *   sends fewer bytes than it promised or other bytes than the checksum's
 * @throws the signal's reason when it is aborted
 */
export async function downloadFile(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { checksum, signal } = options;
  signal?.throwIfAborted();
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const digest = await receive(url, partial, options);
    if (checksum !== undefined && digest !== checksum.hex) {
      throw new DownloadError(
        `${url}: the ${checksum.algorithm} checksum is ${digest}, ${checksum.hex} is needed; the file was damaged on its way or has changed`,
      );
    }
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Writes what the server sends into `partial` and returns its digest. */
async function receive(url: string, partial: string, options: DownloadOptions): Promise<string> {
  const { checksum, signal, onProgress, patience = PATIENCE } = options;
  const silence = new AbortController();
  const silent = new DownloadError(`${url}: no answer for ${patience / 1000} s`);
  const watch = setTimeout(() => silence.abort(silent), patience);
  const hash = createHash(checksum?.algorithm ?? 'sha256');
  const file = await open(partial, 'wx');
  let received = 0;
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
      // A compressed transfer would make the length below another one's.
      headers: { 'accept-encoding': 'identity' },
    });
    if (!response.ok || response.body === null) {
      throw new DownloadError(`${url}: the server answers ${response.status}`);
    }
    const length = response.headers.get('content-length');
    const total = length === null ? null : Number(length);
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      watch.refresh();
      hash.update(chunk);
      await file.writeFile(chunk);
      received += chunk.length;
      onProgress?.({ url, received, total });
    }
    if (total !== null && received !== total) {
      throw new DownloadError(`${url}: ended after ${received} of ${total} bytes`);
    }
    return hash.digest('hex');
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DownloadError) throw error;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new DownloadError(`${url}: ${reason}${received > 0 ? ` after ${received} bytes` : ''}`, {
      cause: error,
    });
  } finally {
    clearTimeout(watch);
    await file.close();
  }
}
