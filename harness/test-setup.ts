/**
 * Before tests on dist/: what they run on is installed and built, also when vitest is called directly,
 * and one browser is open for all of them.
 */
import type { TestProject } from 'vitest/node';
import { openBrowser } from './browser.js';
import { ensureSetup } from './setup.mjs';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureSetup();
  const browser = await openBrowser({ pipe: false });
  project.provide('browserEndpoint', browser.wsEndpoint());
  return () => browser.close();
}
