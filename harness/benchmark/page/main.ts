/**
 * The part of the benchmark that runs where the GPU is: a headless page, Node, or Deno.
 *
 * It measures and reports row by row; everything else (files, reports, baselines, starting anew)
 * is the host's.
 */
import { platform } from '../../../src/gpu/this-platform.js';
import { isFine, Probes } from './probes.js';
import { SuiteContext } from './suite.js';
import { livenessSuite } from './suites/liveness.js';
import { matmulSuite } from './suites/matmul.js';
import { memorySuite } from './suites/memory.js';
import { solverSuite } from './suites/solver.js';
import { startupSuite } from './suites/startup.js';
import { trainSuite } from './suites/train.js';
import type { Host, PageRecord, Row, SuiteOptions } from './types.js';

/** What the host is told, one message each. */
export type Message =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'row'; readonly row: Row }
  | { readonly type: 'cpu' }
  | { readonly type: 'call'; readonly name: string; readonly argument: unknown };

/** Sends a message to the host; its answer is for 'cpu' and 'call'. */
export type Send = (message: Message) => Promise<unknown>;

const SUITES: Readonly<Record<string, (context: SuiteContext) => Promise<void>>> = {
  startup: startupSuite,
  matmul: matmulSuite,
  train: trainSuite,
  solver: solverSuite,
  liveness: livenessSuite,
  memory: memorySuite,
};

function hostOf(send: Send): Host {
  return {
    cpuSeconds: () => send({ type: 'cpu' }) as Promise<number | null>,
    call: <Answer>(name: string, argument: unknown = null) =>
      send({ type: 'call', name, argument }) as Promise<Answer>,
    note(text) {
      void send({ type: 'note', text });
    },
    async row(row) {
      await send({ type: 'row', row });
    },
  };
}

/** Runs one suite; its rows went to the host when it resolves. */
export async function runSuite(name: string, options: SuiteOptions, send: Send): Promise<void> {
  const suite = SUITES[name];
  if (!suite) throw new Error(`there is no suite "${name}"`);
  const context = new SuiteContext(hostOf(send), options);
  try {
    await suite(context);
  } finally {
    context.close();
  }
}

/** Opens the GPU once and says what it is. */
export async function describeRuntime(options: SuiteOptions): Promise<PageRecord> {
  const context = new SuiteContext(
    hostOf(() => Promise.resolve(null)),
    options,
  );
  try {
    const gpu = await context.gpu();
    const probes = await Probes.create(gpu);
    const step = await probes.timestampStep();
    probes.close();
    return {
      name: platform.runtime,
      version: versionOf(),
      adapter: gpu.info,
      precision: gpu.precision.mode,
      timestampStepNs: step,
      timestampsUnused:
        step === null
          ? 'the adapter has no timestamp queries'
          : isFine(step)
            ? null
            : `GPU timestamps come in steps of ${step} ns`,
    };
  } finally {
    context.close();
  }
}

function versionOf(): string {
  const scope = globalThis as {
    readonly Deno?: { readonly version: { readonly deno: string } };
    readonly process?: { readonly version: string };
  };
  if (platform.runtime === 'deno') return scope.Deno!.version.deno;
  if (platform.runtime === 'node') return scope.process!.version;
  return navigator.userAgent.replace(/.*((?:Headless)?Chrome\/[\d.]+|Firefox\/[\d.]+).*/, '$1');
}

// The host calls these by name: in a page through the debugger, in Node and Deno after importing.
Object.assign(globalThis, { lpsBench: { runSuite, describeRuntime } });
