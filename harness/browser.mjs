/** Starts the browser that set-up found, with the flags that gave it an adapter. */
import { ensureBrowser } from './setup/browser.mjs';
import { changedEnvironment } from './setup/paths.mjs';

/**
 * @param {{ arguments?: string[] }} [options] more command-line switches
 * @returns {Promise<import('puppeteer-core').Browser>} the caller closes it
 */
export async function openBrowser(options = {}) {
  const found = await ensureBrowser();
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    executablePath: found.path,
    args: [...found.arguments, ...(options.arguments ?? [])],
    env: changedEnvironment(found.environment),
  });
}
