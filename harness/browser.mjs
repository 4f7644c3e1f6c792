/** Starts the browser that set-up found, with the flags that gave it an adapter. */
import { ensureBrowser } from './setup/browser.mjs';
import { changedEnvironment } from './setup/paths.mjs';

/**
 * @param {{ arguments?: string[], protocolTimeout?: number, handleSIGINT?: boolean, handleSIGTERM?: boolean,
 *   handleSIGHUP?: boolean }} [options] more command-line switches; the rest as in puppeteer
 * @returns {Promise<import('puppeteer-core').Browser>} the caller closes it
 */
export async function openBrowser({ arguments: more = [], ...options } = {}) {
  const found = await ensureBrowser();
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    ...options,
    executablePath: found.path,
    args: [...found.arguments, ...more],
    env: changedEnvironment(found.environment),
  });
}
