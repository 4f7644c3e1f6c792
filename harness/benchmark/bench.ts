/**
 * `lps bench` behind its options: opens a guest (page, Node, Deno), runs the suites in it, starts it
 * anew once when it dies, and writes down what was measured.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchmarkOptions } from '../../src/cli/bench.js';
import { ExitCode, InterruptedError, UsageError } from '../../src/cli/errors.js';
import { abortOnInterrupt } from '../../src/cli/interrupt.js';
import { packageVersion } from '../../src/cli/package.js';
import { printJson, printLines } from '../../src/cli/output.js';
import type {
  BenchmarkResult,
  Fault,
  Machine,
  RuntimeRecord,
  SuiteRecord,
} from '../generated/result.js';
import { note, asTool } from '../tool.js';
import { GuestLostError } from './host/guest-errors.js';
import type { Guest } from './host/guest.js';
import { openGuest } from './host/open-guest.js';
import { peerVersions } from './host/peer-versions.js';
import type { Row, SuiteOptions } from './page/types.js';
import {
  baselineRepetitions,
  compareWithBaseline,
  readBaseline,
  type BaselineComparison,
} from './result/baseline.js';
import { adapterName, SCHEMA_VERSION } from './result/document.js';
import { Output } from './result/output.js';
import { textReport } from './result/text.js';

/** In this order: start-up times are those of a browser that has compiled nothing yet. */
const SUITES = ['startup', 'matmul', 'train', 'solver', 'liveness', 'memory'];
const ROUNDS = 7;
const QUICK_ROUNDS = 2;
const ATTEMPTS = 2;
const FAULTS = ['slow', 'wrong'] as const;
/** Ctrl-C goes to our children, too: what fails by it waits so long for us to hear of it. */
const EARLIER_MS = 100;
/** So long a guest may take to close after Ctrl-C; the end of this process ends it, too. */
const CLOSING_MS = 500;

export const runBenchmark = asTool(run);

async function run(options: BenchmarkOptions): Promise<ExitCode> {
  const suites = chooseSuites(options.suites);
  const fault = readFault(options.fault);
  const baseline = options.baseline === undefined ? null : readBaseline(options.baseline);
  const output = new Output(options);
  const signal = abortOnInterrupt(note);
  const recorded = {
    seed: options.seed,
    repeat: options.repeat ?? (options.quick ? QUICK_ROUNDS : ROUNDS),
    filter: options.filter,
    peers: options.peers,
    adapter: options.adapter,
    quick: options.quick,
    fault,
  };
  const repetitions = baseline ? baselineRepetitions(baseline) : {};
  const date = new Date().toISOString();
  const before = machine();
  const bench = new Bench(options, { ...recorded, repetitions }, signal);
  let document: BenchmarkResult;
  try {
    document = {
      schemaVersion: SCHEMA_VERSION,
      kind: 'lps-bench',
      version: packageVersion(),
      date,
      options: { ...recorded, suites, runtime: options.runtime },
      machine: before,
      runtime: await bench.describe(),
      peers: options.peers ? peerVersions() : [],
      suites: [],
    };
    for (const name of suites) {
      const suite = await bench.suite(name);
      document = {
        ...document,
        suites: [...document.suites, suite],
        machine: { ...before, loadAfter: loadavg()[0]! },
      };
      // After every suite, so that whatever ends this process leaves what was measured.
      await output.writeDocument(document);
      if (suite.status === 'interrupted') break;
    }
  } finally {
    await bench.close();
  }
  const comparison = baseline && compareWithBaseline(document, baseline, options.failAbove);
  await output.writeReports(document, comparison);
  if (options.json || !output.isComplete) await printJson(document);
  else printLines(textReport(document, comparison));
  if (output.isComplete) note(output.description);
  output.finish();
  if (signal.aborted) return ExitCode.interrupted;
  const failures = failuresOf(document, comparison);
  for (const failure of failures) note(`failed: ${failure}`);
  return failures.length > 0 ? ExitCode.failed : ExitCode.success;
}

/** One guest after the other: a suite whose guest dies is started once more in a new one. */
class Bench {
  #guest: Guest | null = null;
  #opened: Promise<Guest> | null = null;
  #rows: Row[] = [];
  readonly #interrupted: Promise<never>;

  constructor(
    private readonly options: BenchmarkOptions,
    private readonly suiteOptions: SuiteOptions,
    private readonly signal: AbortSignal,
  ) {
    this.#interrupted = new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new InterruptedError('stopped before anything was measured'));
      });
    });
    this.#interrupted.catch(() => undefined);
  }

  /** The runtime, with the flags that the guest was started with. */
  async describe(): Promise<RuntimeRecord> {
    const guest = await this.#open();
    const page = await this.#orInterrupt(guest.describe(this.suiteOptions));
    const runtime = { ...page, flags: guest.flags };
    note(`adapter: ${adapterName({ runtime })}`);
    if (runtime.adapter.software)
      note(
        `*** SOFTWARE ADAPTER: a CPU computes everything. Ratios mean something, times do not. ***${this.options.adapter === 'hardware' ? ' No hardware adapter was found.' : ''}`,
      );
    if (runtime.timestampsUnused) note(`GPU times are left out: ${runtime.timestampsUnused}`);
    return runtime;
  }

  async suite(name: string): Promise<SuiteRecord> {
    const begin = performance.now();
    this.#rows = [];
    const errors: string[] = [];
    let status: SuiteRecord['status'] = 'failed';
    let attempts = 0;
    while (attempts < ATTEMPTS && status === 'failed') {
      attempts++;
      try {
        const guest = await this.#open();
        const done = this.#rows.map(({ id }) => id);
        await this.#orInterrupt(guest.run(name, { ...this.suiteOptions, done }));
        status = 'complete';
      } catch (error) {
        if (error instanceof UsageError) throw error;
        const { message } = error as Error;
        if (this.signal.aborted) status = 'interrupted';
        else errors.push(message.split('\n')[0]!);
        await this.close();
        if (!(error instanceof GuestLostError)) break;
        if (attempts < ATTEMPTS) note(`${name}: ${message}; starting it once more in a new one`);
      }
    }
    // The next suite gets a new guest: nothing that this one left behind may count.
    await this.close();
    const seconds = (performance.now() - begin) / 1000;
    note(`${name}: ${status}, ${this.#rows.length} rows, ${seconds.toFixed(0)} s`);
    return { name, status, attempts, errors, seconds, rows: this.#rows };
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    this.#guest = null;
    if (!opened) return;
    const closed = opened.then(
      (guest) => guest.close(),
      () => undefined,
    );
    await (this.signal.aborted ? Promise.race([closed, pause(CLOSING_MS)]) : closed);
  }

  async #open(): Promise<Guest> {
    this.#opened ??= openGuest(this.options.runtime, {
      adapter: this.options.adapter,
      port: this.options.port,
      peers: this.options.peers,
      onMessage: (message) => {
        if (message.type === 'row') this.#rows.push(message.row);
        else note(message.text);
      },
    });
    const guest = await this.#orInterrupt(this.#opened);
    if (guest !== this.#guest) note(`started ${guest.version} (process ${guest.processId})`);
    this.#guest = guest;
    return guest;
  }

  #orInterrupt<Result>(promise: Promise<Result>): Promise<Result> {
    const late = promise.catch(async (error: unknown) => {
      await pause(EARLIER_MS);
      throw error;
    });
    return Promise.race([late, this.#interrupted]);
  }
}

function chooseSuites(names: readonly string[]): string[] {
  const unknown = names.filter((name) => !SUITES.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `there is no suite "${unknown.join('", "')}"; there are ${SUITES.join(', ')}`,
    );
  return names.length > 0 ? SUITES.filter((name) => names.includes(name)) : SUITES;
}

function readFault(text: string | undefined): Fault | null {
  if (text === undefined) return null;
  const [word, rows = ''] = text.split(':');
  const kind = FAULTS.find((fault) => fault === word);
  if (!kind)
    throw new UsageError(`--fault is "${text}"; give ${FAULTS.join(' or ')}, then ":ROWS"`);
  return { kind, rows };
}

/** What makes the exit code 1. */
function failuresOf(document: BenchmarkResult, comparison: BaselineComparison | null): string[] {
  return [
    ...document.suites.flatMap((suite) => [
      ...(suite.status === 'failed' ? [`suite ${suite.name}: ${suite.errors.join('; ')}`] : []),
      ...suite.rows.flatMap(failuresOfRow),
    ]),
    ...(comparison?.rows ?? [])
      .filter(({ verdict }) => verdict === 'slower' || verdict === 'missing')
      .map(({ id, explanation }) => `${id}: ${explanation}`),
  ];
}

function failuresOfRow(row: Row): string[] {
  if (row.kind === 'number') return row.correct ? [] : [`${row.id}: the result was wrong`];
  return row.contenders
    .filter(({ role, status }) => role === 'ours' && status !== 'measured')
    .map(({ name, reason }) => `${row.id}: ${name}: ${reason ?? 'not measured'}`);
}

/** This machine as it is now. */
function machine(): Machine {
  const [load] = loadavg();
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadBefore: load!,
    loadAfter: load!,
  };
}
