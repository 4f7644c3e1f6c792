/**
 * Finds a browser whose pages can use WebGPU, and the flags it needs for that.
 *
 * Order: PUPPETEER_EXECUTABLE_PATH (honoured, never replaced by another), a Chrome or Chromium of
 * the system, the embedded one. Each is started and asked for an adapter, first with the flags that
 * let headless Chrome use the real GPU, then with its own software adapter. What worked is recorded,
 * so that the next start only compares the record with the machine.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { ensureEmbedded } from './embedded.mjs';
import { SetupError, changedEnvironment, readRecord, say, writeRecord } from './paths.mjs';
import { driverFingerprint } from './vulkan.mjs';

const namesOnPath = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
];
const fixedPaths = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]),
};

/** Keep a headless browser from looking for updates: on a closed network that only costs time. */
const quiet = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
];
/** Headless Chrome on Linux uses the real GPU only through Vulkan and without a window surface. */
const hardwareFlags = [
  '--enable-unsafe-webgpu',
  ...(process.platform === 'linux'
    ? [
        '--enable-features=Vulkan',
        '--use-angle=vulkan',
        '--disable-vulkan-surface',
        '--ignore-gpu-blocklist',
      ]
    : []),
];
const softwareFlags = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
/** A choice of driver made for other programs hides the browser's own SwiftShader; so does an empty one. */
const softwareEnvironment = { VK_DRIVER_FILES: null, VK_ICD_FILENAMES: null };

/**
 * @typedef {{ path: string, arguments: string[], environment: Record<string, string | null>, adapter: string,
 *   software: boolean, version: string }} Browser  How to start it and what it offered.
 * @returns {Promise<Browser>}
 * @throws {SetupError} when no browser here offers an adapter.
 */
export async function ensureBrowser() {
  const wanted = process.env.PUPPETEER_EXECUTABLE_PATH;
  const fingerprint = JSON.stringify([wanted, systemBrowsers().map(stamp), driverFingerprint()]);
  const known = readRecord().browser;
  if (known?.fingerprint === fingerprint && isBrowser(known)) return known;

  const refusals = [];
  for (const candidate of candidates(wanted)) {
    try {
      const found = await tryBrowser(candidate());
      const browser = { fingerprint, ...found };
      writeRecord({ browser });
      say(
        `browser: ${found.version} at ${found.path}, adapter ${found.adapter}${found.software ? ' (software)' : ''}`,
      );
      return browser;
    } catch (error) {
      refusals.push(error.message);
    }
  }
  throw new SetupError(
    `no browser here offers a WebGPU adapter; install Chrome or Chromium, or set PUPPETEER_EXECUTABLE_PATH. Tried: ${refusals.join('; ')}`,
  );
}

/** Whether a record says how to start a browser that is there. */
function isBrowser({ path, arguments: flags, environment }) {
  return (
    typeof path === 'string' &&
    existsSync(path) &&
    Array.isArray(flags) &&
    typeof environment === 'object' &&
    environment !== null
  );
}

function* candidates(wanted) {
  if (wanted) {
    yield () => ({ path: wanted, environment: {} });
    return;
  }
  for (const path of systemBrowsers()) yield () => ({ path, environment: {} });
  yield () => {
    const { browser, environment } = ensureEmbedded();
    return { path: browser, environment };
  };
}

function systemBrowsers() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => namesOnPath.map((name) => join(folder, name)));
  return [...onPath, ...(fixedPaths[process.platform] ?? [])].filter((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function stamp(path) {
  const { mtimeMs, size } = statSync(path);
  return [path, mtimeMs, size];
}

/** Starts the browser with each set of flags until one gives an adapter. */
async function tryBrowser({ path, environment }) {
  if (!existsSync(path)) throw new SetupError(`${path} does not exist`);
  // Chromium's sandbox cannot start for root, nor in most containers; we only open our own pages.
  const sandboxes = process.getuid?.() === 0 ? [['--no-sandbox']] : [[], ['--no-sandbox']];
  let software;
  let refusal = 'no WebGPU adapter';
  for (const sandbox of sandboxes) {
    for (const [flags, extra] of [
      [hardwareFlags, {}],
      [softwareFlags, softwareEnvironment],
    ]) {
      const ownEnvironment = { ...environment, ...extra };
      const launchArguments = [...sandbox, ...quiet, ...flags];
      try {
        const answer = await askBrowser(path, launchArguments, ownEnvironment);
        if (!answer.adapter) continue;
        const found = { path, arguments: launchArguments, environment: ownEnvironment, ...answer };
        if (!answer.software) return found;
        software ??= found;
      } catch (error) {
        refusal = error.message.split('\n')[0];
      }
    }
    if (software) return software;
  }
  throw new SetupError(
    `${path}: ${refusal}, neither with ${hardwareFlags.join(' ')} nor with ${softwareFlags.join(' ')}`,
  );
}

/** A driver that hangs must not hang set-up. */
const answerTimeout = 30_000;

/** Starts the browser once and asks a page of it; the answer is empty when there is no adapter. */
async function askBrowser(path, launchArguments, environment) {
  // Imported here: the package is only there once ensurePackages has run.
  const { default: puppeteer } = await import('puppeteer-core');
  // WebGPU needs a secure context, which 127.0.0.1 is and about:blank is not.
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<title>set-up</title>'),
  );
  let browser;
  let timer;
  try {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await puppeteer.launch({
      executablePath: path,
      args: launchArguments,
      env: changedEnvironment(environment),
      timeout: answerTimeout,
    });
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('requestAdapter does not answer')), answerTimeout);
    });
    const answer = await Promise.race([page.evaluate(describeAdapter), timeout]);
    return { ...answer, version: await browser.version() };
  } finally {
    clearTimeout(timer);
    await browser?.close();
    server.close();
    server.closeAllConnections();
  }
}

/** Runs in the page. */
async function describeAdapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return {};
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  return {
    adapter: description || [vendor, architecture].filter(Boolean).join(' '),
    // Chrome marks SwiftShader as a fallback adapter; Mesa's lavapipe only shows in its name.
    software:
      isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(`${architecture} ${description}`),
  };
}
