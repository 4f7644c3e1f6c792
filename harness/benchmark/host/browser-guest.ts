/** Suites in a headless page of a browser that this process starts and ends. */
import { join } from 'node:path';
import type { Browser, CDPSession } from 'puppeteer-core';
import { UsageError } from '../../../src/cli/errors.js';
import { openBrowser } from '../../browser.js';
import type { StaticServer } from '../../../src/cli/static-server.js';
import { serve } from '../../server.js';
import { ensureBrowser } from '../../setup/browser.mjs';
import { SetupError, root } from '../../setup/paths.mjs';
import type { Message } from '../page/main.js';
import type { PageRecord } from '../page/types.js';
import { CpuClock, hasSchedulerCounters } from '../../../src/cli/processes.js';
import { GuestLostError } from './guest-errors.js';
import { GUEST_FILE, guestProgram } from './guest-program.js';
import type { Guest, GuestOptions } from './guest.js';
import { packageFolder } from './peer-versions.js';
import { callService } from './services.js';

/** Chromium's own software adapter, whatever else there is. */
const softwareSwitch = '--use-webgpu-adapter=swiftshader';
/** So that a garbage collection can be asked for before a measurement of memory. */
const pageSwitches = ['--js-flags=--expose-gc', '--enable-precise-memory-info'];
/** A suite may compute for minutes without a word to the debugger. */
const protocolTimeout = 30 * 60_000;

export async function openBrowserGuest({
  adapter,
  port,
  peers,
  onMessage,
}: GuestOptions): Promise<Guest> {
  await requireBrowser();
  const { folder, remove } = await guestProgram('browser', peers);
  let server: StaticServer | undefined;
  let browser: Browser;
  try {
    server = await startServer(folder, port);
    browser = await openBrowser({
      arguments: [...pageSwitches, ...(adapter === 'software' ? [softwareSwitch] : [])],
      protocolTimeout,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (error) {
    await server?.close();
    remove();
    throw error;
  }
  const program = browser.process()!;
  const pid = program.pid!;
  let lost = false;
  let signalLost!: (error: GuestLostError) => void;
  const gone = new Promise<never>((_, reject) => (signalLost = reject));
  gone.catch(() => undefined);
  browser.once('disconnected', () => {
    lost = true;
    signalLost(new GuestLostError(`the browser (process ${pid}) ended in mid-run`));
  });
  const orLost = <Result>(promise: Promise<Result>): Promise<Result> =>
    Promise.race([promise, gone]);
  const close = async (): Promise<void> => {
    // What a killed browser leaves behind belongs to its process group, which is ours.
    if (lost) killGroup(pid);
    else await browser.close();
    await server?.close();
    remove();
  };
  try {
    const page = await orLost(browser.newPage());
    const debug = await orLost(browser.target().createCDPSession());
    const clock = new CpuClock();
    const pageErrors: string[] = [];
    page.on('pageerror', (error) =>
      pageErrors.push(error instanceof Error ? error.message : String(error)),
    );
    page.once('error', (error) => {
      signalLost(new GuestLostError(`the page crashed: ${error.message}`));
    });
    await orLost(
      page.exposeFunction('lpsBenchSend', (message: Message): unknown => {
        if (message.type === 'cpu') return cpuSeconds(debug, clock);
        if (message.type === 'call') return callService(message.name, message.argument);
        onMessage(message);
        return null;
      }),
    );
    await orLost(page.goto(server.url));
    await orLost(page.waitForFunction('globalThis.lpsBench !== undefined', { timeout: 60_000 }));
    const call = (text: string): Promise<unknown> =>
      orLost(page.evaluate(text)).catch((error: Error) => {
        if (lost) throw new GuestLostError(`the browser (process ${pid}) ended in mid-run`);
        throw pageErrors.length > 0
          ? new Error(`${error.message}; the page reported: ${pageErrors.join('; ')}`)
          : error;
      });
    return {
      processId: pid,
      version: await orLost(browser.version()),
      flags: program.spawnargs.slice(1),
      describe: async (options) =>
        (await call(`lpsBench.describeRuntime(${JSON.stringify(options)})`)) as PageRecord,
      run: async (suite, options) => {
        await call(
          `lpsBench.runSuite(${JSON.stringify(suite)}, ${JSON.stringify(options)}, lpsBenchSend)`,
        );
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function requireBrowser(): Promise<void> {
  try {
    await ensureBrowser();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new UsageError(error.message);
  }
}

async function startServer(folder: string, port: number): Promise<StaticServer> {
  const wasm = packageFolder('@tensorflow/tfjs-backend-wasm');
  try {
    return await serve({
      port,
      folders: {
        '/page/': folder,
        ...(wasm && { '/peers/tfjs-wasm/': join(wasm, 'dist') }),
        '/dist/': join(root, 'dist'),
      },
      pages: {
        '/': `<!doctype html><meta charset="utf-8"><title>lps bench</title><script type="module" src="/page/${GUEST_FILE}"></script>`,
      },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new UsageError(
      `port ${port} of 127.0.0.1 ${code === 'EACCES' ? 'may not be opened' : 'is in use'}; give another --port, or none for any free one`,
    );
  }
}

/** Of all the browser's processes: the page, the GPU process with its software adapter, the rest. */
async function cpuSeconds(debug: CDPSession, clock: CpuClock): Promise<number> {
  const { processInfo } = await debug.send('SystemInfo.getProcessInfo');
  if (hasSchedulerCounters) return clock.seconds(processInfo.map(({ id }) => id));
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
