/** Serves the files of one folder on 127.0.0.1, where a browser allows WebGPU without a certificate. */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { UsageError } from './errors.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
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
    const path = requestedPath(request.url);
    const file =
      path === null ? null : fileIn(folder, path.endsWith('/') ? `${path}index.html` : path);
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
      'content-type': contentType(file) ?? 'application/octet-stream',
      // Another build has other files under the same names.
      'cache-control': 'no-cache',
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  try {
    return await listen(server, port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${message})`;
    throw new UsageError(`port ${port} ${reason}: choose another with --port, or leave it out`);
  }
}

/**
 * Lets a server listen on 127.0.0.1.
 *
 * @param port 0 takes any free one
 * @throws the system's error when the port is taken or forbidden
 */
export async function listen(server: Server, port: number): Promise<StaticServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
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

/** What a browser is told of a file; undefined for endings that are not known. */
export function contentType(path: string): string | undefined {
  return CONTENT_TYPES[extname(path)];
}

/** The path of an address, decoded; null when it cannot be. */
export function requestedPath(address = '/'): string | null {
  try {
    return decodeURIComponent(new URL(address, 'http://127.0.0.1').pathname);
  } catch {
    return null;
  }
}

/** The file at a path in a folder; null when there is none. */
export function fileIn(folder: string, path: string): string | null {
  const file = normalize(join(folder, path));
  // "../" must not lead out of the folder.
  if (!file.startsWith(normalize(folder) + sep) || path.includes('\0')) return null;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}
