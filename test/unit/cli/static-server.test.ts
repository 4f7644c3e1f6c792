/**
 * Believed afterwards: `lps serve` hands out the files of its folder and nothing else, and says what to do when
 * a port cannot be had.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder, type StaticServer } from '../../../src/cli/static-server.js';

const outer = mkdtempSync(join(tmpdir(), 'lps-serve-'));
const folder = join(outer, 'page');
let server: StaticServer;

beforeAll(async () => {
  mkdirSync(join(folder, 'families'), { recursive: true });
  writeFileSync(join(outer, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'main.js'), 'export {};');
  server = await serveFolder(folder, 0);
});
afterAll(async () => {
  await server.close();
  rmSync(outer, { recursive: true });
});

/** Unlike fetch, sends the path as it is. */
function get(
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string; body: string }> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode!, type, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

it('hands out files with their types', async () => {
  expect(await get('/')).toMatchObject({ status: 200, body: '<p>page</p>' });
  expect((await get('/index.html?x=1')).type).toMatch(/^text\/html/);
  expect((await get('/main.js')).type).toMatch(/^text\/javascript/);
  expect(await get('/main.js', 'HEAD')).toMatchObject({ status: 200, body: '' });
});

it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/families', '/nothing', '/%00', '/%zz'])(
  'has nothing at %s',
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);

it('takes no other method', async () => {
  expect((await get('/', 'POST')).status).toBe(405);
  expect((await get('/', 'DELETE')).status).toBe(405);
});

it('says that a port is taken', async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveFolder(folder, port)).rejects.toThrow(
    `port ${port} is taken: choose another with --port`,
  );
});

it('answers only those who ask for this machine, and follows no link out of its folder', async () => {
  expect((await get('/', 'GET', { host: 'elsewhere.example' })).status).toBe(421);
  expect((await get('/', 'GET', { host: 'localhost:80' })).status).toBe(200);
  symlinkSync(join(outer, 'secret.txt'), join(folder, 'link.txt'));
  expect((await get('/link.txt')).status).toBe(404);
});
