/**
 * Suites in a Node or Deno process of their own.
 *
 * Messages are JSON lines: on standard output from the guest (each with a mark, because libraries
 * print too), on standard input the calls and the answers.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureVulkan } from '../../setup/vulkan.mjs';
import { buildPage } from './build-page.mjs';
import { CpuClock, hasSchedulerCounters } from './cpu-clock.mjs';
import { BenchmarkUsageError, GuestLostError } from './guest-errors.mjs';
import { services } from './services.mjs';

export const MARK = 'lps bench: ';

const denoFlags = [
  'run',
  '--quiet',
  '--no-config',
  '--no-remote',
  '--allow-all',
  '--unstable-webgpu',
];

/** @returns {Promise<import('./guest.mjs').Guest>} */
export async function openProcessGuest(runtime, { peers, onMessage }) {
  const folder = await buildPage(runtime, peers);
  const script = join(folder, 'guest.mjs');
  writeFileSync(script, guestScript(runtime));
  const { environment } = ensureVulkan();
  const command = runtime === 'node' ? [script] : [denoProgram(), ...denoFlags, script];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...environment, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Deno's launcher starts the program proper.
    detached: process.platform !== 'win32',
  });
  const clock = new CpuClock();
  const calls = new Map();
  let count = 0;
  let errors = '';
  let closing = false;
  const send = (value) => child.stdin.write(`${JSON.stringify(value)}\n`);
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text) => (errors = (errors + text).slice(-4000)));
  createInterface({ input: child.stdout }).on('line', async (line) => {
    if (!line.startsWith(MARK)) return;
    const { id, message, result, error, processId } = JSON.parse(line.slice(MARK.length));
    if (message?.type === 'cpu') {
      const seconds = hasSchedulerCounters ? clock.seconds([processId]) : null;
      send({ answer: id, value: seconds });
    } else if (message?.type === 'call') {
      send({ answer: id, value: await services[message.name](message.argument) });
    } else if (message) {
      onMessage(message);
      send({ answer: id, value: null });
    } else {
      const { resolve, reject } = calls.get(id);
      calls.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    }
  });
  child.on('close', (code, signal) => {
    if (closing) return;
    for (const { reject } of calls.values())
      reject(
        new GuestLostError(
          `the ${runtime} process ${child.pid} ended (${signal ?? `code ${code}`}): ${errors.trim().split('\n').at(-1)}`,
        ),
      );
    calls.clear();
  });
  const call = (name, parameters) =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        reject(new GuestLostError(`the ${runtime} process ${child.pid} is gone`));
        return;
      }
      const id = ++count;
      calls.set(id, { resolve, reject });
      send({ call: id, name, parameters });
    });
  return {
    processId: child.pid,
    version: runtime,
    flags: command.slice(0, -1),
    describe: (options) => call('describeRuntime', [options]),
    run: (suite, options) => call('runSuite', [suite, options]),
    close() {
      closing = true;
      const ended =
        child.exitCode !== null || child.signalCode !== null
          ? Promise.resolve()
          : new Promise((resolve) => child.once('close', resolve));
      try {
        if (process.platform === 'win32') child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
      rmSync(folder, { recursive: true, force: true });
      return ended;
    },
  };
}

function denoProgram() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('deno/package.json')), 'bin.cjs');
  } catch {
    throw new BenchmarkUsageError(
      'the npm package deno is not installed; run npm ci, or choose --runtime browser or node',
    );
  }
}

/** The other end of the pipe. Plain JavaScript for both runtimes. */
function guestScript(runtime) {
  return `import process from 'node:process';
import { createInterface } from 'node:readline';
${runtime === 'node' ? "import { globals } from 'webgpu';\nObject.assign(globalThis, globals);" : ''}
await import('./main.js');
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
