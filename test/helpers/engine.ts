/**
 * The engines that run the library, behind one call: a function and its argument go in, JSON comes out.
 *
 * The function is sent as text to the page and to Deno, so it must be self-contained: everything it
 * uses comes from its two parameters. Any error that WebGPU reports to nobody fails the run.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe } from 'vitest';
import { ensureVulkan } from '../../harness/setup/vulkan.mjs';
import { openPage } from './page.js';

export type Library = typeof import('../../harness/internals.js');
export type Body<Argument, Result> = (lps: Library, argument: Argument) => Result | Promise<Result>;

export interface Engine {
  readonly name: 'node' | 'chromium' | 'deno';
  /** Runs `body` there; its argument and result are JSON. */
  run<Result, Argument = undefined>(
    body: Body<Argument, Result>,
    argument?: Argument,
  ): Promise<Result>;
}

/** Registers the same tests for every engine. */
export function forEachEngine(register: (engine: Engine) => void): void {
  for (const engine of [nodeEngine, chromiumEngine, denoEngine])
    describe(engine.name, () => {
      register(engine);
    });
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const nodeLibrary = join(root, 'dist', 'internals', 'index.js');
const webLibrary = join(root, 'dist', 'internals', 'browser', 'index.js');

/**
 * Runs a body while listening to the uncaptured errors of every device it opens. Self-contained,
 * because it travels as text together with the body.
 */
async function watched(
  lps: unknown,
  body: (lps: never, argument: never) => unknown,
  argument: unknown,
): Promise<unknown> {
  const errors: string[] = [];
  const prototype = (globalThis as { GPUAdapter?: { prototype: GPUAdapter } }).GPUAdapter
    ?.prototype;
  const requestDevice = prototype?.requestDevice;
  if (prototype && requestDevice)
    prototype.requestDevice = async function (...parameters) {
      const device = await requestDevice.apply(this, parameters);
      device.addEventListener('uncapturederror', (event) => errors.push(event.error.message));
      return device;
    };
  try {
    const result = await body(lps as never, argument as never);
    // The event comes after the call that caused it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (errors.length > 0) throw new Error(`uncaptured GPU error: ${errors.join('; ')}`);
    return result ?? null;
  } finally {
    if (prototype && requestDevice) prototype.requestDevice = requestDevice;
  }
}

export const nodeEngine: Engine = {
  name: 'node',
  async run<Result, Argument>(body: Body<Argument, Result>, argument?: Argument) {
    const lps = (await import(pathToFileURL(nodeLibrary).href)) as Library;
    // Dawn's classes only become global when a device is first opened.
    const { globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    return (await watched(lps, body, argument)) as Result;
  },
};

export const chromiumEngine: Engine = {
  name: 'chromium',
  async run<Result, Argument>(body: Body<Argument, Result>, argument?: Argument) {
    const page = await openPage();
    try {
      return await page.evaluateModule<Result>(
        callText(body, argument, '/dist/internals/browser/index.js'),
      );
    } finally {
      await page.close();
    }
  },
};

export const denoEngine: Engine = {
  name: 'deno',
  async run<Result, Argument>(body: Body<Argument, Result>, argument?: Argument) {
    const marker = 'result of the test: ';
    const script = `const result = await (${callText(body, argument, pathToFileURL(webLibrary).href)})();
console.log(${JSON.stringify(marker)} + JSON.stringify(result));
Deno.exit(0);`;
    const output = await runDeno(script);
    const line = output.split('\n').find((candidate) => candidate.startsWith(marker));
    if (line === undefined) throw new Error(`Deno gave no result: ${output}`);
    return JSON.parse(line.slice(marker.length)) as Result;
  },
};

/** The text of an async function without parameters that imports the library and runs the body. */
function callText(body: unknown, argument: unknown, library: string): string {
  return `async () => (${watched.toString()})(await import(${JSON.stringify(library)}), ${String(body)}, ${JSON.stringify(argument) ?? 'undefined'})`;
}

function runDeno(script: string): Promise<string> {
  const deno = join(
    dirname(createRequire(import.meta.url).resolve('deno/package.json')),
    'bin.cjs',
  );
  const { environment } = ensureVulkan();
  const child = spawn(
    process.execPath,
    [deno, 'run', '--quiet', '--no-config', '--no-remote', '--allow-all', '--unstable-webgpu', '-'],
    { env: { ...process.env, ...environment, NO_COLOR: '1' }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  child.stdin.end(script);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`Deno ended with code ${code}: ${errors || output}`));
    });
  });
}
