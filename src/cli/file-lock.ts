/** Two runs that write the same files would do the same work twice and spoil each other's results. */
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { UsageError } from './errors.js';
import { reasonOf } from './output.js';
import { isRunning } from './processes.js';

/**
 * Keeps a file (or folder) for this process until the process ends. A lock whose process has died on this
 * machine is taken over at once, that of another machine two minutes after its last sign of life.
 *
 * @param path what is kept; the lock lies beside it as PATH.lock
 * @throws UsageError while another run keeps it
 */
export function lock(path: string): void {
  const place = `${path}.lock`;
  if (held.has(place)) return;
  for (let attempt = 0; ; attempt++) {
    try {
      create(place, JSON.stringify({ process: process.pid, machine: hostname() }));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new UsageError(`cannot write "${place}": ${reasonOf(error)}`);
      const owner = readOwner(place);
      if (attempt > 0 || !isGone(owner, place)) {
        throw new UsageError(
          `another run (${describe(owner)}) is at work on "${path}": wait for it or choose another place; if there is none, delete "${place}", or try again in two minutes`,
        );
      }
      rmSync(place, { force: true });
    }
  }
  held.add(place);
  heartbeat ??= setInterval(giveSigns, SIGN_MS).unref();
}

/** Makes a file with its content in one step. @throws Error of the file system, EEXIST when it is there */
function create(path: string, content: string): void {
  const part = `${path}.${process.pid}`;
  try {
    writeFileSync(part, content);
    linkSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

interface Owner {
  readonly process: number;
  readonly machine: string;
}

const held = new Set<string>();
/** Between two signs of life of a lock, and how old the last one is of a process that has died. */
const SIGN_MS = 20_000;
const SILENT_MS = 120_000;
let heartbeat: NodeJS.Timeout | undefined;

function giveSigns(): void {
  const now = new Date();
  for (const place of held) {
    try {
      utimesSync(place, now, now);
    } catch {
      // Somebody has deleted it: theirs to answer for.
    }
  }
}

process.on('exit', () => {
  for (const place of held) rmSync(place, { force: true });
});

/** Null for what is no lock of ours, or is being written. */
function readOwner(place: string): Owner | null {
  try {
    const value = JSON.parse(readFileSync(place, 'utf8')) as Partial<Owner> | null;
    return typeof value?.process === 'number' && typeof value.machine === 'string'
      ? { process: value.process, machine: value.machine }
      : null;
  } catch {
    return null;
  }
}

function isGone(owner: Owner | null, place: string): boolean {
  if (owner?.machine !== hostname()) {
    const sign = statSync(place, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - sign > SILENT_MS;
  }
  return !isRunning(owner.process);
}

function describe(owner: Owner | null): string {
  return owner === null ? 'unknown' : `process ${owner.process} on ${owner.machine}`;
}
