/**
 * Where set-up keeps what it makes, and the small record that makes the second start fast.
 *
 * Dependency-free on purpose: this runs before `npm ci` has ever run.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's root folder: the checkout, or the folder npm installed it into. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Whether this is a checkout with sources (which builds itself) rather than an installed package. */
export const isCheckout =
  existsSync(join(root, 'src')) && existsSync(join(root, 'package-lock.json'));

/** Folder for unpacked browsers and records. Inside node_modules for a checkout, so that deleting that folder resets everything. */
export const cacheFolder = isCheckout
  ? join(root, 'node_modules', '.cache', 'lps-webgpu')
  : join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'lps-webgpu');

const recordPath = join(cacheFolder, 'setup.json');

/** Reads the set-up record; an absent or unreadable one counts as empty, which only costs a new check. */
export function readRecord() {
  try {
    const record = JSON.parse(readFileSync(recordPath, 'utf8'));
    return typeof record === 'object' && record !== null && !Array.isArray(record) ? record : {};
  } catch {
    return {};
  }
}

/** Merges `changes` into the record. Written beside and renamed, so that two set-ups at once cannot tear it. */
export function writeRecord(changes) {
  mkdirSync(cacheFolder, { recursive: true });
  const beside = `${recordPath}.${process.pid}`;
  writeFileSync(beside, JSON.stringify({ ...readRecord(), ...changes }, null, 2));
  renameSync(beside, recordPath);
}

/** One plain line about what set-up does. Standard error, because standard output belongs to `--json`. */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/** This process's environment with changes for a child; null takes a variable away. */
export function changedEnvironment(changes) {
  const entries = Object.entries({ ...process.env, ...changes });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

/** Ctrl-C while the program is being set up and loaded: there is nothing to keep yet. The command line takes over. */
export function endOnInterrupt() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));
}

/** A set-up step that could not be done; the message says what to do and is shown without a stack trace. */
export class SetupError extends Error {
  name = 'SetupError';
}
