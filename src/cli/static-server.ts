/** Serves the files of one folder on 127.0.0.1, where a browser allows WebGPU without a certificate. */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream';
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

/** What a browser that was given our address asks for. */
const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

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
    if (refuse(request, response)) return;
    const path = requestedPath(request.url);
    const file =
      path === null ? null : fileIn(folder, path.endsWith('/') ? `${path}index.html` : path);
    if (file === null) {
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end('There is no such file here.\n');
      return;
    }
    response.setHeader('content-type', contentType(file) ?? 'application/octet-stream');
    // Another build has other files under the same names.
    response.setHeader('cache-control', 'no-cache');
    sendFile(file, request, response);
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

/**
 * Answers requests that are none of a page of ours: another method than GET and HEAD, or another host than
 * this machine, as a foreign page has it whose name was made to lead here (DNS rebinding).
 *
 * @returns whether the request was answered
 */
export function refuse({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return true;
  }
  if (!OWN_HOST.test(headers.host ?? '')) {
    response.writeHead(421, { 'content-type': 'text/plain' }).end('This is 127.0.0.1.\n');
    return true;
  }
  return false;
}

/** Sends a file. An error of reading ends this answer alone; a download that is given up closes the file. */
export function sendFile(
  file: string,
  { method }: IncomingMessage,
  response: ServerResponse,
): void {
  if (method === 'HEAD') {
    response.end();
    return;
  }
  const content = createReadStream(file);
  content.once('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { 'content-type': 'text/plain' }).end('It cannot be read.\n');
  });
  content.once('open', () => {
    pipeline(content, response, () => undefined);
  });
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
  try {
    if (!statSync(file).isFile()) return null;
    // Nor must a link.
    return realpathSync(file).startsWith(realpathSync(folder) + sep) ? file : null;
  } catch {
    return null;
  }
}
