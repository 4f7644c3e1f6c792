/**
 * Believed afterwards: the page server gives out what it was told to and nothing else, under the
 * policy it was told. The truth is plain HTTP.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { serve, strictPolicy } from '../../../harness/server.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-server-'));
mkdirSync(join(folder, 'public'));
writeFileSync(join(folder, 'public', 'a.js'), 'export const a = 1;');
writeFileSync(join(folder, 'secret.txt'), 'secret');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Asks without normalising the path, as fetch would. */
function ask(
  url: string,
  path: string,
): Promise<{ status: number; type: string; policy: string; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          type: String(response.headers['content-type']),
          policy: String(response.headers['content-security-policy']),
          text,
        });
      });
    }).on('error', reject);
  });
}

it('serves files and pages with their types and the policy', async () => {
  const server = await serve({
    folders: { '/dist/': join(folder, 'public') },
    pages: { '/': '<p>page</p>', '/run.js': '1' },
    policy: strictPolicy,
  });
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await ask(server.url, '/')).toEqual({
    status: 200,
    type: 'text/html; charset=utf-8',
    policy: strictPolicy,
    text: '<p>page</p>',
  });
  expect(await ask(server.url, '/run.js')).toMatchObject({ type: 'text/javascript', text: '1' });
  expect(await ask(server.url, '/dist/a.js?x=1')).toMatchObject({
    status: 200,
    type: 'text/javascript',
    text: 'export const a = 1;',
  });
  await server.close();
});

it('does not leave its folders', async () => {
  const server = await serve({ folders: { '/dist/': join(folder, 'public') } });
  for (const path of [
    '/dist/../secret.txt',
    '/dist/%2e%2e/secret.txt',
    '/dist/..%2fsecret.txt',
    '/dist//etc/passwd',
    '/dist/',
    '/none',
    '/%ff',
  ])
    expect((await ask(server.url, path)).status, path).toBe(404);
  await server.close();
});

it('says when its port is taken', async () => {
  const first = await serve({});
  await expect(serve({ port: Number(new URL(first.url).port) })).rejects.toThrow(/EADDRINUSE/);
  await first.close();
});
