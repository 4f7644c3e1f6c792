/**
 * Packs the package, makes apps of it outside of the checkout, and runs them in the headless browser.
 *
 * node harness/embedding/check.mjs [NAME...]   those named (apps.mjs has the names), or all that need nothing
 *                                              from the npm registry
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from '../build/stamp.mjs';
import { installPacked, sizesText } from './pack.mjs';

const named = process.argv.slice(2);
ensureBuild();
// The build makes these.
const { openBrowser } = await import('../../dist/internals/browser.js');
const { apps, runApp } = await import('./apps.mjs');
const names = named.length > 0 ? named : Object.keys(apps).filter((name) => !apps[name].needs);
const unknown = names.find((name) => !Object.hasOwn(apps, name));
if (unknown !== undefined) {
  console.error(`there is no app "${unknown}"; there are ${Object.keys(apps).join(', ')}`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'lps-size-'));
console.log(`installed: ${sizesText(installPacked(folder))}`);
rmSync(folder, { recursive: true, force: true });
const browser = await openBrowser();
for (const name of names) {
  const { wrong, warnings, longestTaskMs, messages } = await runApp(name, browser);
  if (wrong.length > 0) process.exitCode = 1;
  console.log(`${name}: ${wrong.length > 0 ? 'WRONG' : 'right'}, longest task ${longestTaskMs} ms`);
  for (const line of [...wrong, ...warnings, ...messages]) console.log(`  ${line}`);
}
await browser.close();
