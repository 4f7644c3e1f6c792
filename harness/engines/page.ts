/**
 * Real headless pages on 127.0.0.1 with the built library under /dist/, optionally under the
 * strictest Content-Security-Policy. Errors of a page and its workers fail what runs there.
 */
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { serve, strictPolicy } from '../server.js';
import { root } from '../setup/paths.mjs';

export interface TestPage {
  readonly page: Page;
  readonly url: string;
  /** Evaluates the text of an async function without parameters; its result is JSON. */
  evaluateModule<Result>(functionText: string): Promise<Result>;
  /** Errors reported so far; who expects one takes it out. */
  readonly errors: string[];
  /** Closes the page. @throws when the page reported an error that nobody caught. */
  close(): Promise<void>;
}

export interface PageOptions {
  /** Forbid eval, inline scripts, WebAssembly and everything from elsewhere. */
  readonly strict?: boolean;
  /** HTML of the page's body. */
  readonly body?: string;
}

export async function openPage(browser: Browser, options: PageOptions = {}): Promise<TestPage> {
  const pages: Record<string, string> = {
    '/': `<!doctype html><meta charset="utf-8"><title>test</title><body>${options.body ?? ''}</body>`,
  };
  const server = await serve({
    folders: { '/dist/': join(root, 'dist') },
    pages,
    ...(options.strict ? { policy: strictPolicy } : {}),
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) =>
    errors.push(error instanceof Error ? error.message : String(error)),
  );
  page.on('console', (message) => {
    // Chromium asks every server for an icon; ours has none.
    if (message.type() === 'error' && !message.location().url?.endsWith('/favicon.ico'))
      errors.push(message.text());
  });
  await page.goto(server.url);
  return {
    page,
    url: server.url,
    errors,
    evaluateModule: async <Result>(functionText: string) => {
      // As a script of the page, because what the debugger evaluates is exempt from the policy.
      const path = `/run-${Object.keys(pages).length}.js`;
      pages[path] = `globalThis.testResult = (${functionText})();
globalThis.testResult.catch(() => undefined);`;
      await page.addScriptTag({ url: path, type: 'module' });
      return (await page.evaluate('globalThis.testResult')) as Result;
    },
    close: async () => {
      await page.close();
      await server.close();
      if (errors.length > 0) throw new Error(`the page reported: ${errors.join('; ')}`);
    },
  };
}
