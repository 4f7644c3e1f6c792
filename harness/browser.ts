/** Starts the browser that set-up found, with the flags that gave it an adapter. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, LaunchOptions } from 'puppeteer-core';
import { isRunning } from '../src/cli/processes.js';
import { ensureBrowser } from './setup/browser.mjs';
import { SetupError, changedEnvironment } from './setup/paths.mjs';

const PROFILE = 'lps-browser-';
/** Pages are put together by the software adapter, too: without a graphics card canvases of WebGPU stay empty otherwise. */
const SHOWING = ['--enable-features=Vulkan', '--use-vulkan=swiftshader', '--use-angle=swiftshader'];
/** Profiles that are there. */
const profiles = new Set<string>();
let isListening = false;

/**
 * @param options `arguments`: more command-line switches; `pipe`: false lets other processes connect to it;
 *   `shows`: whether what a software adapter draws on a canvas is seen, which slows all pages down; the rest as in puppeteer
 * @returns the browser, which the caller closes; unless others may connect, it ends with this process, however
 *   that ends
 */
export async function openBrowser({
  arguments: more = [],
  pipe = true,
  shows = false,
  ...options
}: Omit<LaunchOptions, 'args' | 'env' | 'executablePath' | 'userDataDir'> & {
  readonly arguments?: readonly string[];
  readonly shows?: boolean;
} = {}): Promise<Browser> {
  const found = await ensureBrowser();
  const puppeteer = await loadPuppeteer();
  removeAbandonedProfiles();
  const profile = mkdtempSync(join(tmpdir(), `${PROFILE}${process.pid}-`));
  profiles.add(profile);
  removeAtExit();
  const removeProfile = (): void => {
    if (remove(profile)) profiles.delete(profile);
  };
  try {
    const browser = await puppeteer.launch({
      ...options,
      executablePath: found.path,
      args: [...found.arguments, ...(shows && found.software ? SHOWING : []), ...more],
      env: changedEnvironment(found.environment),
      userDataDir: profile,
      // A browser ends when its pipe does, even when this process is killed.
      pipe,
    });
    browser.once('disconnected', removeProfile);
    return browser;
  } catch (error) {
    removeProfile();
    throw error;
  }
}

/** @throws SetupError when it is not installed, as in projects that only embed the library. */
async function loadPuppeteer(): Promise<typeof import('puppeteer-core')> {
  try {
    return (await import('puppeteer-core')).default;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new SetupError(
      `a headless page needs the package puppeteer-core and what it depends on: run npm install puppeteer-core (${(error as Error).message})`,
    );
  }
}

function removeProfiles(): void {
  profiles.forEach(remove);
}

/** At the end of the process, after puppeteer's listener, which it adds whenever it starts a browser, and which kills that. */
function removeAtExit(): void {
  if (isListening) return;
  isListening = true;
  process.on('newListener', (event, listener) => {
    if (event !== 'exit' || listener === removeProfiles) return;
    queueMicrotask(() => {
      process.off('exit', removeProfiles);
      process.on('exit', removeProfiles);
    });
  });
}

/** Profiles of processes that were killed: they had no time to remove them. */
function removeAbandonedProfiles(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PROFILE)) continue;
    const owner = Number(name.slice(PROFILE.length).split('-')[0]);
    if (Number.isSafeInteger(owner) && owner > 0 && !isRunning(owner)) remove(join(tmpdir(), name));
  }
}

/** @returns whether it is gone */
function remove(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
    return true;
  } catch {
    // Somebody else's, or still being written to: the end of the process and the next start try again.
    return false;
  }
}
