/**
 * `lps bench` behind its options: opens a guest (page, Node, Deno), runs the suites in it, starts it
 * anew once when it dies, and writes down what was measured.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';
import { BenchmarkUsageError, GuestLostError } from './host/guest-errors.mjs';
import { openGuest } from './host/guest.mjs';
import { peerVersions } from './host/peer-versions.mjs';
import { baselineRepetitions, compareWithBaseline, readBaseline } from './result/baseline.mjs';
import { SCHEMA_VERSION } from './result/document.mjs';
import { openOutput } from './result/output.mjs';
import { textReport } from './result/text.mjs';

/** In this order: start-up times are those of a browser that has compiled nothing yet. */
export const SUITES = ['startup', 'matmul', 'train', 'solver', 'liveness', 'memory'];
const ROUNDS = 7;
const QUICK_ROUNDS = 2;
const ATTEMPTS = 2;
const FAULTS = ['slow', 'wrong'];
const ExitCode = { success: 0, failed: 1, badInput: 2, interrupted: 130 };

/**
 * @param {import('../../src/cli/bench.js').BenchmarkOptions} options
 * @returns {Promise<number>} exit code
 */
export async function runBenchmark(options) {
  const note = (text) => process.stderr.write(`${text}\n`);
  try {
    return await run(options, note);
  } catch (error) {
    if (error?.name !== 'BenchmarkUsageError' && error?.name !== 'SetupError') throw error;
    note(`error: ${error.message}`);
    return ExitCode.badInput;
  }
}

async function run(options, note) {
  const suites = chooseSuites(options.suites);
  const fault = readFault(options.fault);
  const baseline = options.baseline === undefined ? null : readBaseline(options.baseline);
  const output = openOutput(options);
  const interruption = onInterrupt(note);
  const suiteOptions = {
    seed: options.seed,
    repeat: options.repeat ?? (options.quick ? QUICK_ROUNDS : ROUNDS),
    filter: options.filter,
    peers: options.peers,
    adapter: options.adapter,
    quick: options.quick,
    fault,
  };
  const document = {
    schemaVersion: SCHEMA_VERSION,
    kind: 'lps-bench',
    version: packageVersion(),
    date: new Date().toISOString(),
    options: { ...suiteOptions, suites, runtime: options.runtime },
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
      loadBefore: loadavg()[0],
      loadAfter: loadavg()[0],
    },
    runtime: null,
    peers: options.peers ? peerVersions() : [],
    suites: [],
  };
  const repetitions = baseline ? baselineRepetitions(baseline) : {};
  const bench = new Bench(options, { ...suiteOptions, repetitions }, note, interruption);
  try {
    document.runtime = await bench.describe();
    for (const name of suites) {
      const suite = await bench.suite(name);
      document.suites.push(suite);
      document.machine.loadAfter = loadavg()[0];
      // After every suite, so that whatever ends this process leaves what was measured.
      output.writeDocument(document);
      if (suite.status === 'interrupted') break;
    }
  } finally {
    await bench.close();
    interruption.close();
  }
  const comparison = baseline && compareWithBaseline(document, baseline, options.failAbove);
  output.writeReports(document, comparison);
  if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`);
  else process.stdout.write(`${textReport(document, comparison).join('\n')}\n`);
  output.note(note);
  if (interruption.signal.aborted) return ExitCode.interrupted;
  const failures = failuresOf(document, comparison);
  for (const failure of failures) note(`failed: ${failure}`);
  return failures.length > 0 ? ExitCode.failed : ExitCode.success;
}

/** One guest after the other: a suite whose guest dies is started once more in a new one. */
class Bench {
  #guest = null;
  #opened = null;
  #rows = [];

  constructor(options, suiteOptions, note, interruption) {
    this.options = options;
    this.suiteOptions = suiteOptions;
    this.note = note;
    this.interruption = interruption;
  }

  /** @returns the RuntimeRecord with the flags that the guest was started with */
  async describe() {
    const guest = await this.#open();
    const runtime = await this.#orInterrupt(guest.describe(this.suiteOptions));
    const { adapter } = runtime;
    const name = adapter.description || `${adapter.vendor} ${adapter.architecture}`;
    this.note(`adapter: ${name}`);
    if (adapter.software)
      this.note(
        `*** SOFTWARE ADAPTER: a CPU computes everything. Ratios mean something, times do not. ***${this.options.adapter === 'hardware' ? ' No hardware adapter was found.' : ''}`,
      );
    if (runtime.timestampsUnused) this.note(`GPU times are left out: ${runtime.timestampsUnused}`);
    return { ...runtime, flags: guest.flags };
  }

  async suite(name) {
    const begin = performance.now();
    this.#rows = [];
    const errors = [];
    let status = 'failed';
    let attempts = 0;
    while (attempts < ATTEMPTS && status === 'failed') {
      attempts++;
      try {
        const guest = await this.#open();
        const done = this.#rows.map(({ id }) => id);
        await this.#orInterrupt(guest.run(name, { ...this.suiteOptions, done }));
        status = 'complete';
      } catch (error) {
        if (error?.name === 'BenchmarkUsageError') throw error;
        if (this.interruption.signal.aborted) status = 'interrupted';
        else errors.push(error.message.split('\n')[0]);
        await this.close();
        if (!(error instanceof GuestLostError)) break;
        if (attempts < ATTEMPTS)
          this.note(`${name}: ${error.message}; starting it once more in a new one`);
      }
    }
    // The next suite gets a new guest: nothing that this one left behind may count.
    await this.close();
    const seconds = (performance.now() - begin) / 1000;
    this.note(`${name}: ${status}, ${this.#rows.length} rows, ${seconds.toFixed(0)} s`);
    return { name, status, attempts, errors, seconds, rows: this.#rows };
  }

  async close() {
    const opened = this.#opened;
    this.#opened = null;
    this.#guest = null;
    if (opened) await (await opened.catch(() => null))?.close();
  }

  async #open() {
    this.#opened ??= openGuest(this.options.runtime, {
      adapter: this.options.adapter,
      port: this.options.port,
      peers: this.options.peers,
      onMessage: (message) => {
        if (message.type === 'row') this.#rows.push(message.row);
        else this.note(message.text);
      },
    });
    const guest = await this.#orInterrupt(this.#opened);
    if (guest !== this.#guest) this.note(`started ${guest.version} (process ${guest.processId})`);
    this.#guest = guest;
    return guest;
  }

  #orInterrupt(promise) {
    return Promise.race([promise, this.interruption.promise]);
  }
}

/** Ctrl-C, or a polite kill: the first keeps what was measured, the second ends at once. */
function onInterrupt(note) {
  const controller = new AbortController();
  let reject;
  const promise = new Promise((_, refuse) => (reject = refuse));
  promise.catch(() => undefined);
  const listener = () => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    note('stopping; press Ctrl-C again to stop without a result');
    controller.abort();
    reject(new Error('interrupted'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, listener);
  return {
    signal: controller.signal,
    promise,
    close: () => signals.forEach((signal) => process.off(signal, listener)),
  };
}

function chooseSuites(names) {
  const unknown = names.filter((name) => !SUITES.includes(name));
  if (unknown.length > 0)
    throw new BenchmarkUsageError(
      `there is no suite "${unknown.join('", "')}"; there are ${SUITES.join(', ')}`,
    );
  return names.length > 0 ? SUITES.filter((name) => names.includes(name)) : SUITES;
}

function readFault(text) {
  if (text === undefined) return null;
  const [kind, rows = ''] = text.split(':');
  if (!FAULTS.includes(kind))
    throw new BenchmarkUsageError(
      `--fault is "${text}"; give ${FAULTS.join(' or ')}, then ":ROWS"`,
    );
  return { kind, rows };
}

/** What makes the exit code 1. */
function failuresOf(document, comparison) {
  return [
    ...document.suites.flatMap((suite) => [
      ...(suite.status === 'failed' ? [`suite ${suite.name}: ${suite.errors.join('; ')}`] : []),
      ...suite.rows.flatMap((row) =>
        row.kind === 'number'
          ? row.correct
            ? []
            : [`${row.id}: the result was wrong`]
          : row.contenders
              .filter(({ role, status }) => role === 'ours' && status !== 'measured')
              .map(({ name, reason }) => `${row.id}: ${name}: ${reason}`),
      ),
    ]),
    ...(comparison?.rows ?? [])
      .filter(({ verdict }) => verdict === 'slower' || verdict === 'missing')
      .map(({ id, explanation }) => `${id}: ${explanation}`),
  ];
}

function packageVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}
