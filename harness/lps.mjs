#!/usr/bin/env node
/**
 * The `lps` of the library's package, which has no command line: runs that of lps-webgpu-cli where it is installed beside
 * it, and else says what to install.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const places = [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href];
const found = places.map(findCommandLine).find((file) => file !== null);
if (found) {
  await import(pathToFileURL(found).href);
} else {
  console.error(
    'lps: the command line is a package of its own: npm install --save-dev lps-webgpu-cli',
  );
  process.exitCode = 2;
}

function findCommandLine(place) {
  try {
    return createRequire(place).resolve('lps-webgpu-cli/harness/launch.mjs');
  } catch {
    return null;
  }
}
