/**
 * Node, Chromium or Deno as what runs a self-contained function with the library and a device, for tools.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBrowser } from '../browser.js';
import * as lps from '../internals.js';
import { root } from '../setup/paths.mjs';
import { closeDeno, runInDeno } from './deno.js';
import { openPage } from './page.js';
import { callText, createRunner, type Body } from './runner.js';

export const ENGINES = ['node', 'chromium', 'deno'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface OpenEngine {
  /** Runs `body` there, which is sent as text: all that it uses comes from its parameters. Its argument and result are JSON. */
  run<Argument, Result>(body: Body<Argument, Result>, argument: Argument): Promise<Result>;
  close(): Promise<void>;
}

/** @throws SetupError when there is no browser */
export async function openEngine(name: EngineName): Promise<OpenEngine> {
  if (name === 'node') return openNode();
  if (name === 'deno') {
    const library = pathToFileURL(join(root, 'dist', 'internals', 'browser', 'index.js')).href;
    return {
      run: async (body, argument) =>
        (await runInDeno(callText(body, argument, library))) as Awaited<ReturnType<typeof body>>,
      close: () => {
        closeDeno();
        return Promise.resolve();
      },
    };
  }
  // A solve takes as long as it takes.
  const browser = await openBrowser({ protocolTimeout: 0 });
  const page = await openPage(browser);
  return {
    run: (body, argument) =>
      page.evaluateModule(callText(body, argument, '/dist/internals/browser/index.js')),
    close: async () => {
      await page.close();
      await browser.close();
    },
  };
}

async function openNode(): Promise<OpenEngine> {
  // Dawn's classes are global from the first device on, and the runner asks for them.
  (await lps.openGpu()).close();
  const runner = createRunner(lps);
  return {
    run: async (body, argument) =>
      (await runner(body, argument)) as Awaited<ReturnType<typeof body>>,
    close: () => runner((_, gpu) => gpu.close(), null).then(() => undefined),
  };
}
