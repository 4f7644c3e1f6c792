/**
 * Suites in a Node or Deno process of their own.
 *
 * Messages are JSON lines: on standard output from the guest (each with a mark, because libraries
 * print too), on standard input the calls and the answers.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../../src/cli/errors.js';
import { cacheFolder } from '../../setup/paths.mjs';
import { ensureVulkan } from '../../setup/vulkan.mjs';
import type { Message } from '../page/main.js';
import type { PageRecord } from '../page/types.js';
import { GUEST_FILE, guestProgram } from './guest-program.js';
import { CpuClock, hasSchedulerCounters } from '../../../src/cli/processes.js';
import { GuestLostError } from './guest-errors.js';
import type { Guest, GuestOptions } from './guest.js';
import { callService } from './services.js';

const MARK = 'lps bench: ';

const denoFlags = [
  'run',
  '--quiet',
  '--no-config',
  '--no-remote',
  '--allow-all',
  '--unstable-webgpu',
];

/** A line of the guest: a message that waits for an answer, or the end of a call. */
type GuestLine =
  | { readonly id: number; readonly message: Message; readonly processId: number }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export async function openProcessGuest(
  runtime: 'node' | 'deno',
  { peers, onMessage }: Pick<GuestOptions, 'peers' | 'onMessage'>,
): Promise<Guest> {
  const program = await guestProgram(runtime, peers);
  mkdirSync(cacheFolder, { recursive: true });
  const script = join(cacheFolder, `guest-${process.pid}.mjs`);
  writeFileSync(script, guestScript(runtime, pathToFileURL(join(program.folder, GUEST_FILE)).href));
  const { environment } = ensureVulkan();
  const command = runtime === 'node' ? [script] : [denoProgram(), ...denoFlags, script];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...environment, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Deno's launcher starts the program proper.
    detached: process.platform !== 'win32',
  });
  const clock = new CpuClock();
  const calls = new Map<number, PendingCall>();
  let count = 0;
  let errors = '';
  let closing = false;
  const pid = child.pid!;
  const send = (value: unknown): void => {
    child.stdin.write(`${JSON.stringify(value)}\n`);
  };
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  const answer = (message: Message, processId: number): unknown => {
    if (message.type === 'cpu') return hasSchedulerCounters ? clock.seconds([processId]) : null;
    if (message.type === 'call') return callService(message.name, message.argument);
    onMessage(message);
    return null;
  };
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith(MARK)) return;
    const line = JSON.parse(text.slice(MARK.length)) as GuestLine;
    if ('message' in line) {
      send({ answer: line.id, value: answer(line.message, line.processId) });
      return;
    }
    const { resolve, reject } = calls.get(line.id)!;
    calls.delete(line.id);
    if ('error' in line) reject(new Error(line.error));
    else resolve(line.result);
  });
  child.on('close', (code, signal) => {
    if (closing) return;
    for (const { reject } of calls.values())
      reject(
        new GuestLostError(
          `the ${runtime} process ${pid} ended (${signal ?? `code ${code}`}): ${errors.trim().split('\n').at(-1)!}`,
        ),
      );
    calls.clear();
  });
  const call = (name: string, parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        reject(new GuestLostError(`the ${runtime} process ${pid} is gone`));
        return;
      }
      const id = ++count;
      calls.set(id, { resolve, reject });
      send({ call: id, name, parameters });
    });
  return {
    processId: pid,
    version: runtime,
    flags: command.slice(0, -1),
    describe: async (options) => (await call('describeRuntime', [options])) as PageRecord,
    run: async (suite, options) => {
      await call('runSuite', [suite, options]);
    },
    close() {
      closing = true;
      const ended =
        child.exitCode !== null || child.signalCode !== null
          ? Promise.resolve()
          : new Promise<void>((resolve) =>
              child.once('close', () => {
                resolve();
              }),
            );
      try {
        if (process.platform === 'win32') child.kill('SIGKILL');
        else process.kill(-pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      rmSync(script, { force: true });
      program.remove();
      return ended;
    },
  };
}

function denoProgram(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('deno/package.json')), 'bin.cjs');
  } catch {
    throw new UsageError(
      'the npm package deno is not installed; run npm ci, or choose --runtime browser or node',
    );
  }
}

/** The other end of the pipe. Plain JavaScript for both runtimes. */
function guestScript(runtime: 'node' | 'deno', suites: string): string {
  return `import process from 'node:process';
import { createInterface } from 'node:readline';
${runtime === 'node' ? `import { globals } from ${JSON.stringify(import.meta.resolve('webgpu'))};\nObject.assign(globalThis, globals);` : ''}
await import(${JSON.stringify(suites)});
const answers = new Map();
let count = 0;
const write = (value) => process.stdout.write(${JSON.stringify(MARK)} + JSON.stringify(value) + '\\n');
const send = (message) => new Promise((resolve) => {
  const id = ++count;
  answers.set(id, resolve);
  write({ id, message, processId: process.pid });
});
for await (const line of createInterface({ input: process.stdin })) {
  const { answer, value, call, name, parameters } = JSON.parse(line);
  if (answer !== undefined) {
    answers.get(answer)(value);
    answers.delete(answer);
  } else {
    globalThis.lpsBench[name](...parameters, send).then(
      (result) => write({ id: call, result: result ?? null }),
      (error) => write({ id: call, error: String(error?.stack ?? error) }),
    );
  }
}
`;
}
