/** Suites in a headless page of a browser that this process starts and ends. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../../browser.mjs';
import { serve } from '../../server.mjs';
import { ensureBrowser } from '../../setup/browser.mjs';
import { SetupError, root } from '../../setup/paths.mjs';
import { buildPage } from './build-page.mjs';
import { CpuClock, hasSchedulerCounters } from './cpu-clock.mjs';
import { BenchmarkUsageError, GuestLostError } from './guest-errors.mjs';
import { services } from './services.mjs';

/** Chromium's own software adapter, whatever else there is. */
const softwareSwitch = '--use-webgpu-adapter=swiftshader';
/** So that a garbage collection can be asked for before a measurement of memory. */
const pageSwitches = ['--js-flags=--expose-gc', '--enable-precise-memory-info'];
/** A suite may compute for minutes without a word to the debugger. */
const protocolTimeout = 30 * 60_000;

/** @returns {Promise<import('./guest.mjs').Guest>} */
export async function openBrowserGuest({ adapter, port, peers, onMessage }) {
  const found = await findBrowser();
  const folder = await buildPage('browser', peers);
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  let server;
  let browser;
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
    removeFolder();
    throw error;
  }
  const { pid } = browser.process();
  let lost = false;
  let signalLost;
  const gone = new Promise((_, reject) => (signalLost = reject));
  gone.catch(() => undefined);
  browser.once('disconnected', () => {
    lost = true;
    signalLost(new GuestLostError(`the browser (process ${pid}) ended in mid-run`));
  });
  const orLost = (promise) => Promise.race([promise, gone]);
  const close = async () => {
    // What a killed browser leaves behind belongs to its process group, which is ours.
    if (lost) killGroup(pid);
    else await browser.close();
    await server.close();
    removeFolder();
  };
  try {
    const page = await orLost(browser.newPage());
    const debug = await orLost(browser.target().createCDPSession());
    const clock = new CpuClock();
    const pageErrors = [];
    page.on('pageerror', (error) => pageErrors.push(String(error?.message ?? error)));
    page.once('error', (error) =>
      signalLost(new GuestLostError(`the page crashed: ${error.message}`)),
    );
    await orLost(
      page.exposeFunction('lpsBenchSend', async (message) => {
        if (message.type === 'cpu') return cpuSeconds(debug, clock);
        if (message.type === 'call') return services[message.name](message.argument);
        onMessage(message);
        return null;
      }),
    );
    await orLost(page.goto(server.url));
    await orLost(page.waitForFunction('globalThis.lpsBench !== undefined', { timeout: 60_000 }));
    const call = (text) =>
      orLost(page.evaluate(text)).catch((error) => {
        if (lost) throw new GuestLostError(`the browser (process ${pid}) ended in mid-run`);
        throw pageErrors.length > 0
          ? new Error(`${error.message}; the page reported: ${pageErrors.join('; ')}`)
          : error;
      });
    return {
      processId: pid,
      version: await orLost(browser.version()),
      flags: browser.process().spawnargs.slice(1),
      software: found.software,
      describe: (options) => call(`lpsBench.describeRuntime(${JSON.stringify(options)})`),
      run: (suite, options) =>
        call(
          `lpsBench.runSuite(${JSON.stringify(suite)}, ${JSON.stringify(options)}, lpsBenchSend)`,
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function findBrowser() {
  try {
    return await ensureBrowser();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new BenchmarkUsageError(error.message);
  }
}

async function startServer(folder, port) {
  try {
    return await serve({
      port,
      folders: {
        '/page/': folder,
        '/peers/tfjs-wasm/': join(root, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist'),
        '/dist/': join(root, 'dist'),
      },
      pages: {
        '/': '<!doctype html><meta charset="utf-8"><title>lps bench</title><script type="module" src="/page/main.js"></script>',
      },
    });
  } catch (error) {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    throw new BenchmarkUsageError(
      `port ${port} of 127.0.0.1 ${error.code === 'EACCES' ? 'may not be opened' : 'is in use'}; give another --port, or none for any free one`,
    );
  }
}

/** Of all the browser's processes: the page, the GPU process with its software adapter, the rest. */
async function cpuSeconds(debug, clock) {
  const { processInfo } = await debug.send('SystemInfo.getProcessInfo');
  if (hasSchedulerCounters) return clock.seconds(processInfo.map(({ id }) => id));
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}
