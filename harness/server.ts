/**
 * A small file server on 127.0.0.1 for the headless pages: WebGPU needs a secure context, which
 * that address is and a file: page is not.
 */
import { createServer } from 'node:http';
import {
  contentType,
  fileIn,
  listen,
  refuse,
  requestedPath,
  sendFile,
  type StaticServer,
} from '../src/cli/static-server.js';

/**
 * The strictest policy the library must work under: only files of this server, no eval, no inline
 * script, no WebAssembly, no blob workers.
 */
export const strictPolicy =
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'";

export interface ServerOptions {
  /** A path prefix such as '/dist/' and the folder behind it. */
  readonly folders?: Readonly<Record<string, string>>;
  /** A path and its text, HTML unless the path has another extension; may grow later. */
  readonly pages?: Readonly<Record<string, string>>;
  /** A Content-Security-Policy for every answer. */
  readonly policy?: string;
  /** More headers for every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 0: any free one. */
  readonly port?: number;
}

/** Serves folders and single pages. */
export async function serve({
  folders = {},
  pages = {},
  policy,
  headers = {},
  port = 0,
}: ServerOptions): Promise<StaticServer> {
  const server = createServer((request, response) => {
    if (refuse(request, response)) return;
    if (policy) response.setHeader('content-security-policy', policy);
    response.setHeader('cache-control', 'no-store');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const path = requestedPath(request.url) ?? '/';
    const page = pages[path];
    if (page !== undefined) {
      response.setHeader('content-type', contentType(path) ?? contentType('page.html')!).end(page);
      return;
    }
    const file = fileFor(path, folders);
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`${path} is not here\n`);
      return;
    }
    response.setHeader('content-type', contentType(file) ?? 'application/octet-stream');
    sendFile(file, request, response);
  });
  return listen(server, port);
}

function fileFor(path: string, folders: Readonly<Record<string, string>>): string | undefined {
  for (const [prefix, folder] of Object.entries(folders)) {
    if (!path.startsWith(prefix)) continue;
    const file = fileIn(folder, path.slice(prefix.length));
    if (file !== null) return file;
  }
  return undefined;
}
