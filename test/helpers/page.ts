/**
 * Real headless pages on 127.0.0.1 with the built library under /dist/, optionally under the
 * strictest Content-Security-Policy. Errors of a page and its workers fail the test.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { inject } from 'vitest';
import { serve, strictPolicy } from '../../harness/server.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface TestPage {
  readonly page: Page;
  readonly url: string;
  /** Evaluates the text of an async function without parameters; its result is JSON. */
  evaluateModule<Result>(functionText: string): Promise<Result>;
  /** Errors reported so far; a test that expects one takes it out. */
  readonly errors: string[];
  /** Closes the page. @throws when the page reported an error that nobody caught. */
  close(): Promise<void>;
}

export interface PageOptions {
  /** Forbid eval, inline scripts, WebAssembly and everything from elsewhere. */
  readonly strict?: boolean;
  /** HTML of the page's body. */
  readonly body?: string;
  /** Default: that of all tests. */
  readonly browser?: Browser;
}

declare module 'vitest' {
  interface ProvidedContext {
    browserEndpoint: string;
  }
}

let browser: Promise<Browser> | undefined;

/** The browser of all tests, which harness/test-setup.ts opened. */
export function sharedBrowser(): Promise<Browser> {
  browser ??= puppeteer.connect({ browserWSEndpoint: inject('browserEndpoint') });
  return browser;
}

let shared: Promise<TestPage> | undefined;

/**
 * Evaluates the text of an async function without parameters in a page that stays open for the
 * next; its result is JSON. A page that reported an error is given up.
 */
export async function runInPage(functionText: string): Promise<unknown> {
  shared ??= openPage();
  const page = await shared;
  try {
    return await page.evaluateModule(functionText);
  } finally {
    if (page.errors.length > 0 || page.page.isClosed()) {
      shared = undefined;
      await page.close();
    }
  }
}

export async function openPage(options: PageOptions = {}): Promise<TestPage> {
  const pages: Record<string, string> = {
    '/': `<!doctype html><meta charset="utf-8"><title>test</title><body>${options.body ?? ''}</body>`,
  };
  const server = await serve({
    folders: { '/dist/': join(root, 'dist') },
    pages,
    ...(options.strict ? { policy: strictPolicy } : {}),
  });
  const page = await (options.browser ?? (await sharedBrowser())).newPage();
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
