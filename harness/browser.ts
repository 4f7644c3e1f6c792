/** Starts the browser that set-up found, with the flags that gave it an adapter. */
import type { Browser, LaunchOptions } from 'puppeteer-core';
import { ensureBrowser } from './setup/browser.mjs';
import { changedEnvironment } from './setup/paths.mjs';

/**
 * @param options `arguments`: more command-line switches; the rest as in puppeteer
 * @returns the browser, which the caller closes
 */
export async function openBrowser({
  arguments: more = [],
  ...options
}: Omit<LaunchOptions, 'args' | 'env' | 'executablePath'> & {
  readonly arguments?: readonly string[];
} = {}): Promise<Browser> {
  const found = await ensureBrowser();
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    ...options,
    executablePath: found.path,
    args: [...found.arguments, ...more],
    env: changedEnvironment(found.environment),
  });
}
