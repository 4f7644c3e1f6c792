/**
 * `lps verify` behind its options: solves everything whose answer is known and compares. Sections of
 * test/data (systems, structures, networks, main job, families), or generated systems, or the cases
 * of test/data/cases.
 */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ExitCode, UsageError } from '../../src/cli/errors.js';
import { printJson, printLines, writeOutput } from '../../src/cli/output.js';
import { runSession } from '../../src/cli/session.js';
import type { VerifyOptions } from '../../src/cli/verify.js';
import * as lps from '../../src/index.js';
import { asTool } from '../tool.js';
import { systemNames } from './expectations.js';
import { verifyFamilies } from './members.js';
import { verifyMainJob, verifyNetworks } from './networks.js';
import {
  heading,
  line,
  markdown,
  summarise,
  type VerificationDocument,
  type VerificationRow,
} from './report.js';
import { parseSeeds } from './seeds.js';
import { caseText, readCases } from './strangers/cases.js';
import { kindNames } from './strangers/generate.js';
import type { Known } from './strangers/judge.js';
import { describeFailures, describeStrangers, summariseStrangers } from './strangers/report.js';
import { solveAndJudge, strangersOf, strangerSeeds, type Judged } from './strangers/run.js';
import { verifyStructures, verifySystems } from './systems.js';

/** Where the document of the sections goes when no file is named. */
const DOCUMENT = join('results', 'verify.json');
const SEEDS = { sections: '1-5', cases: '1-5', strangers: '1-2' };

/** What a verification runs with. */
interface Context {
  readonly gpu: lps.GpuDevice;
  readonly signal: AbortSignal;
  /** Lines for standard output. */
  readonly print: (lines: readonly string[]) => void;
  /** How far it is; the text is only made when it is due. */
  readonly status: (describe: () => string) => void;
}

/** Runs a verification and tells whether everything passed. */
type Verification = (context: Context) => Promise<boolean>;

export const runVerification = asTool(run);

async function run(options: VerifyOptions): Promise<ExitCode> {
  const verification = planVerification(options);
  let passed = false;
  const code = await runSession({ adapter: options.adapter }, async ({ gpu, signal, terminal }) => {
    passed = await verification({
      gpu,
      signal,
      print: (lines) => {
        terminal.clear();
        printLines(lines);
      },
      status: (describe) => {
        terminal.status(describe);
      },
    });
  });
  return code === ExitCode.success && !passed ? ExitCode.failed : code;
}

/**
 * Checks the options before anything is opened.
 *
 * @throws UsageError naming the option that is wrong
 */
function planVerification(options: VerifyOptions): Verification {
  const unknown = options.kinds.filter((kind) => !kindNames.includes(kind));
  if (unknown.length > 0)
    throw new UsageError(`no kind ${unknown.join(', ')}; there are ${kindNames.join(', ')}`);
  if (options.strangers === undefined && !options.cases) {
    if (options.kinds.length > 0 || options.firstSeed !== undefined)
      throw new UsageError(
        '--kind and --first-seed choose generated systems: give --strangers, too',
      );
    return planSections(options);
  }
  if (options.files || options.networks || options.main || options.families)
    throw new UsageError(
      '--strangers and --cases cannot be combined with --files, --networks, --main or --families',
    );
  return planStrangers(options);
}

function planStrangers(options: VerifyOptions): Verification {
  const caseSeeds = parseSeeds(options.seeds ?? SEEDS.cases);
  const runSeeds = parseSeeds(options.seeds ?? SEEDS.strangers);
  const systemSeeds =
    options.strangers === undefined
      ? []
      : strangerSeeds({
          strangers: options.strangers,
          firstSeed: options.firstSeed ?? 1,
          kinds: options.kinds,
        });
  const cases = options.cases ? readCases() : [];
  return async ({ gpu, signal, print, status }) => {
    const common = {
      limitMs: 1000 * options.limitSeconds,
      precision: options.precision,
      signal,
    };
    const expected = cases.length + systemSeeds.length;
    const entries: Judged[] = [];
    const collect = async (
      systems: Iterable<Known> | AsyncIterable<Known>,
      seeds: readonly number[],
    ): Promise<void> => {
      const begin = ({ name }: Known, seed: number): void => {
        status(() => `${entries.length} of ${expected} systems: ${name}, seed ${seed}`);
      };
      for await (const entry of solveAndJudge(lps, gpu, systems, { ...common, seeds }, begin)) {
        entries.push(entry);
        // At once, so that a long run shows what goes wrong while it goes on.
        if (options.json !== true) print(describeFailures(entry));
      }
    };
    await collect(cases, caseSeeds);
    await collect(strangersOf(lps, systemSeeds), runSeeds);
    const date = today();
    const failures = entries.filter(
      ({ system, runs }) =>
        system.kind !== 'case' && runs.some(({ verdict }) => verdict !== 'right'),
    );
    for (const { system, runs } of failures) {
      const wrong = runs.filter(({ verdict }) => verdict !== 'right');
      await writeOutput(join(options.out, `${system.name}.json`), caseText(system, wrong, date));
    }
    const summary = summariseStrangers(entries);
    const document = {
      schemaVersion: 1,
      kind: 'strangers',
      date,
      adapter: gpu.info,
      precision: options.precision,
      summary,
      systems: entries.map(({ system: { name, kind, seed }, runs }) => ({
        name,
        kind,
        ...(seed !== undefined && { seed }),
        runs,
      })),
    };
    if (options.json === true) await printJson(document);
    else {
      if (options.json) await writeOutput(options.json, `${JSON.stringify(document, null, 1)}\n`);
      print(describeStrangers([], summary));
      if (expected > entries.length)
        print([
          signal.aborted
            ? `stopped after ${entries.length} of ${expected} systems`
            : `${expected - entries.length} systems left out: nothing counts their solutions`,
        ]);
      if (failures.length > 0)
        print([`${failures.length} failed systems written to ${options.out}`]);
    }
    return !summary.failed;
  };
}

function planSections(options: VerifyOptions): Verification {
  const seeds = parseSeeds(options.seeds ?? SEEDS.sections);
  const names = systemNames(options.files);
  const limitMs = 1000 * options.limitSeconds;
  const everything = !options.files && !options.networks && !options.main && !options.families;
  return async ({ gpu, signal, print, status }) => {
    const rows: VerificationRow[] = [];
    const show = (text: string): void => {
      if (options.json !== true) print([text]);
    };
    show(heading());
    const collect = async (
      section: Iterable<VerificationRow> | AsyncIterable<VerificationRow>,
    ): Promise<void> => {
      if (signal.aborted) return;
      for await (const row of section) {
        // Rows that are only computed would never let a Ctrl-C through.
        await setImmediate();
        // What was interrupted has no verdict.
        if (signal.aborted) return;
        rows.push(row);
        show(line(row));
        status(() => `${rows.length} rows`);
      }
    };
    const begin = performance.now();
    const common = { seeds, limitMs, signal };
    if (everything || options.files) {
      await collect(verifyStructures(names));
      await collect(verifySystems(gpu, { ...common, names, large: options.large }));
    }
    if (everything || options.networks) await collect(verifyNetworks(gpu, common));
    if (everything || options.main) await collect(verifyMainJob(gpu, common));
    if (everything || options.families) {
      const counts = { small: options.members, large: options.wideMembers };
      await collect(verifyFamilies(gpu, counts, signal));
    }
    const summary = summarise(rows);
    const document: VerificationDocument = {
      schemaVersion: 1,
      date: today(),
      seeds,
      adapter: gpu.info,
      precision: gpu.precision.mode,
      seconds: (performance.now() - begin) / 1000,
      summary,
      rows,
    };
    const file = typeof options.json === 'string' ? options.json : DOCUMENT;
    // A run that was cut short does not replace a whole one.
    if (!signal.aborted) {
      await writeOutput(file, `${JSON.stringify(document, null, 1)}\n`);
      await writeOutput(file.replace(/(\.json)?$/, '.md'), markdown(document));
    }
    if (options.json === true) await printJson(document);
    summary.problems.forEach(show);
    show(
      `${summary.passed} passed, ${summary.failed} failed, ${summary.information} for information, ${document.seconds.toFixed(0)} s; ${signal.aborted ? 'stopped' : `written to ${file}`}`,
    );
    return summary.failed + summary.problems.length === 0;
  };
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
