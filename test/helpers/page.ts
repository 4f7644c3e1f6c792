/** Pages in the browser of all tests, which harness/test-setup.ts opened. */
import puppeteer, { type Browser } from 'puppeteer-core';
import { inject } from 'vitest';
import {
  openPage as openPageIn,
  type PageOptions as OptionsOfPages,
  type TestPage,
} from '../../harness/engines/page.js';

export type { TestPage } from '../../harness/engines/page.js';

export interface PageOptions extends OptionsOfPages {
  /** Default: that of all tests. */
  readonly browser?: Browser;
}

declare module 'vitest' {
  interface ProvidedContext {
    browserEndpoint: string;
  }
}

let browser: Promise<Browser> | undefined;

/** The browser of all tests. */
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

export async function openPage({ browser, ...options }: PageOptions = {}): Promise<TestPage> {
  return openPageIn(browser ?? (await sharedBrowser()), options);
}
