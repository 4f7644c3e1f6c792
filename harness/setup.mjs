/**
 * Set-up of a fresh machine: packages, browser, adapter, build. `npm start` and `npm test` call it.
 *
 * Needs nothing but Node itself, no root and no apt; every step says what it does and is skipped
 * when its result is already there (the second run only compares a record with the machine).
 */
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './setup/packages.mjs';
import { SetupError, say } from './setup/paths.mjs';

/** Oldest Node that every dependency accepts (see "engines" in package.json). */
const oldestNode = [20, 19];

/**
 * @returns {Promise<{ browser: import('./setup/browser.mjs').Browser, vulkan: { adapter: string,
 *   software: boolean, environment: Record<string, string> } }>}
 * @throws {SetupError} naming the step that failed and what to do.
 */
export async function ensureSetup() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
    throw new SetupError(
      `Node ${oldestNode.join('.')} or newer is needed, this is ${process.versions.node}`,
    );
  ensurePackages();
  const { ensureVulkan } = await import('./setup/vulkan.mjs');
  const { ensureBrowser } = await import('./setup/browser.mjs');
  const { ensureBuild } = await import('./build/stamp.mjs');
  const vulkan = ensureVulkan();
  const browser = await ensureBrowser();
  ensureBuild();
  return { browser, vulkan };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const { browser, vulkan } = await ensureSetup();
    say(`ready: ${vulkan.adapter} for Node, ${browser.version} for pages`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
