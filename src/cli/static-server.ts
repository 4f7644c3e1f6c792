/** Serves the files of one folder on 127.0.0.1, where a browser allows WebGPU without a certificate. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { UsageError } from './errors.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

export interface StaticServer {
  /** Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the server.
 *
 * @param port 0 takes any free one
 * @throws UsageError when the port is taken or forbidden
 */
export async function serveFolder(folder: string, port: number): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const file = fileOf(folder, request.url ?? '/');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    if (file === null) {
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end('There is no such file here.\n');
      return;
    }
    response.writeHead(200, {
      'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
      // Another build has other files under the same names.
      'cache-control': 'no-cache',
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.message})`;
      reject(new UsageError(`port ${port} ${reason}: choose another with --port, or leave it out`));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** The file of an address; null when there is none in the folder. */
function fileOf(folder: string, address: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(new URL(address, 'http://127.0.0.1').pathname);
  } catch {
    return null;
  }
  if (path.endsWith('/')) path += 'index.html';
  const file = normalize(join(folder, path));
  // "../" must not lead out of the folder.
  if (!file.startsWith(normalize(folder) + sep) || path.includes('\0')) return null;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}
