/** The built command line as processes that can be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Ended {
  /** Null after a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  readonly milliseconds: number;
}

/** dist/cli.js, beside this code, a folder above, or where tests find it from here. */
export const program = ['./cli.js', '../cli.js', '../../dist/cli.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))!;

/** A process that runs. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

interface Surroundings {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Signals to the negative of its number go to its children, too, and none goes to both it and us. */
  readonly ownGroup?: boolean;
}

/** None outlives whoever started it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `lps` with these words. */
export function startLps(
  words: readonly string[],
  { folder, environment, ownGroup = false }: Surroundings,
): Started {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
  });
  running.add(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, out, err, milliseconds: performance.now() - begin });
    });
  });
  return { child, ended };
}

/**
 * Runs `lps` with these words.
 *
 * @param killAfter milliseconds to SIGKILL; never when left out
 */
export async function runLps(
  words: readonly string[],
  { killAfter, ...surroundings }: Surroundings & { readonly killAfter?: number },
): Promise<Ended> {
  const { child, ended } = startLps(words, surroundings);
  const timer =
    killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  const end = await ended;
  clearTimeout(timer);
  return end;
}

/** So long after Ctrl-C a process may take to end. */
const LIMIT_MS = 1000;

/** What Ctrl-C came to. */
export interface Interrupted {
  /** Null for a process that goes on after two. */
  readonly ended: Ended | null;
  readonly presses: number;
  /** From the last Ctrl-C to the end. */
  readonly milliseconds: number;
}

/**
 * Presses Ctrl-C, and again when that has not ended the process within a second.
 *
 * @param started in a group of its own
 * @param moment milliseconds until then
 */
export async function interruptLps(
  { child, ended }: Started,
  moment: number,
): Promise<Interrupted> {
  await pause(moment);
  for (let presses = 1; ; presses++) {
    const begin = performance.now();
    try {
      process.kill(-child.pid!, 'SIGINT');
    } catch {
      // It has just ended.
    }
    const end = await Promise.race([ended, pause(LIMIT_MS, null)]);
    const milliseconds = performance.now() - begin;
    if (end !== null || presses === 2) return { ended: end, presses, milliseconds };
  }
}
