/** The places on this machine where the library can run: this Node, a browser, Deno. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Runtimes {
  readonly node: {
    readonly version: string;
    /** Version of the npm package `webgpu` (Dawn). */
    readonly dawn: string;
    readonly platform: string;
    readonly threads: number;
    readonly memoryBytes: number;
  };
  /** The browser that set-up found to offer an adapter; null when it has not looked. */
  readonly browser: {
    readonly version: string;
    readonly path: string;
    readonly adapter: string;
    readonly software: boolean;
  } | null;
  /** The Deno of the project or of the PATH; null without one. */
  readonly deno: { readonly version: string } | null;
}

/** Looks for them; takes no longer than starting Deno. */
export async function findRuntimes(): Promise<Runtimes> {
  return {
    node: {
      version: process.versions.node,
      dawn: dawnVersion(),
      platform: `${process.platform} ${process.arch}`,
      threads: availableParallelism(),
      memoryBytes: totalmem(),
    },
    browser: await recordedBrowser(),
    deno: findDeno(),
  };
}

function dawnVersion(): string {
  const manifest = createRequire(import.meta.url)('webgpu/package.json') as { version: string };
  return manifest.version;
}

/** Starting browsers is the business of set-up, which leaves a record of what worked. */
async function recordedBrowser(): Promise<Runtimes['browser']> {
  const records = new URL('../harness/setup/paths.mjs', import.meta.url);
  const { readRecord } = (await import(records.href)) as {
    readRecord: () => { browser?: NonNullable<Runtimes['browser']> };
  };
  const { browser } = readRecord();
  if (browser === undefined) return null;
  const { version, path, adapter, software } = browser;
  return { version, path, adapter, software };
}

function findDeno(): Runtimes['deno'] {
  const own = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
  const { status, stdout } = spawnSync('deno', ['--version'], {
    env: { ...process.env, PATH: `${own}${delimiter}${process.env.PATH ?? ''}` },
    encoding: 'utf8',
  });
  const version = status === 0 ? /^deno (\S+)/.exec(stdout)?.[1] : undefined;
  return version === undefined ? null : { version };
}
