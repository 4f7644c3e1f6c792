/**
 * The engines that run the library, behind one call: a function and its argument go in, JSON comes out.
 *
 * The function is sent as text to the page and to Deno, so it must be self-contained: everything it
 * uses comes from its parameters. Each engine is started once and has one device for all tests
 * (harness/engines/runner.ts); any error that WebGPU reports to nobody fails the run.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe } from 'vitest';
import { runInDeno } from '../../harness/engines/deno.js';
import {
  callText,
  createRunner,
  type Body,
  type Library,
  type Runner,
} from '../../harness/engines/runner.js';
import { runInPage } from './page.js';

export type { Body, Library } from '../../harness/engines/runner.js';

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

let nodeRunner: Promise<Runner> | undefined;

async function openNodeRunner(): Promise<Runner> {
  const lps = (await import(pathToFileURL(nodeLibrary).href)) as Library;
  // Dawn's classes only become global when a device is first opened.
  const { globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  return createRunner(lps);
}

export const nodeEngine: Engine = {
  name: 'node',
  async run<Result, Argument>(body: Body<Argument, Result>, argument?: Argument) {
    nodeRunner ??= openNodeRunner();
    return (await (
      await nodeRunner
    )(body, argument)) as Result;
  },
};

export const chromiumEngine: Engine = {
  name: 'chromium',
  async run<Result, Argument>(body: Body<Argument, Result>, argument?: Argument) {
    return (await runInPage(
      callText(body, argument, '/dist/internals/browser/index.js'),
    )) as Result;
  },
};

export const denoEngine: Engine = {
  name: 'deno',
  async run<Result, Argument>(body: Body<Argument, Result>, argument?: Argument) {
    return (await runInDeno(callText(body, argument, pathToFileURL(webLibrary).href))) as Result;
  },
};
