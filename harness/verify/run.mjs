/**
 * `lps verify` behind its options: solves everything whose answer is known and compares. Sections of
 * test/data (systems, structures, networks, main job, families), or generated systems, or the cases
 * of test/data/cases.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { root } from '../setup/paths.mjs';
import { systemNames } from './expectations.mjs';
import { verifyFamilies } from './members.mjs';
import { verifyMainJob, verifyNetworks } from './networks.mjs';
import { heading, line, markdown, summarise } from './report.mjs';
import { parseSeeds } from './seeds.mjs';
import { caseText, readCases } from './strangers/cases.mjs';
import { kindNames } from './strangers/generate.mjs';
import { describeFailures, describeStrangers, summariseStrangers } from './strangers/report.mjs';
import { solveAndJudge, strangersOf, strangerSeeds } from './strangers/run.mjs';
import { verifyStructures, verifySystems } from './systems.mjs';

/** Where the document of the sections goes when no file is named. */
const DOCUMENT = join('results', 'verify.json');
const SEEDS = { sections: '1-5', cases: '1-5', strangers: '1-2' };

/**
 * Checks the options before anything is opened.
 *
 * @param {import('../../src/cli/verify.js').VerifyOptions} options
 * @returns {(context: import('../../src/cli/verify.js').VerifyContext) => Promise<boolean>} runs the
 *   verification and tells whether everything passed
 * @throws {RangeError} naming the option that is wrong
 */
export function planVerification(options) {
  const unknown = options.kinds.filter((kind) => !kindNames.includes(kind));
  if (unknown.length > 0)
    throw new RangeError(`no kind ${unknown.join(', ')}; there are ${kindNames.join(', ')}`);
  const generated = options.strangers !== undefined;
  if (!generated && !options.cases) {
    if (options.kinds.length > 0 || options.firstSeed !== undefined)
      throw new RangeError(
        '--kind and --first-seed choose generated systems: give --strangers, too',
      );
    return planSections(options);
  }
  if (options.files || options.networks || options.main || options.families)
    throw new RangeError(
      '--strangers and --cases cannot be combined with --files, --networks, --main or --families',
    );
  return planStrangers(options, generated);
}

async function loadPackage() {
  return import(pathToFileURL(join(root, 'dist', 'index.js')).href);
}

function planStrangers(options, generated) {
  const caseSeeds = parseSeeds(options.seeds ?? SEEDS.cases);
  const runSeeds = parseSeeds(options.seeds ?? SEEDS.strangers);
  const systemSeeds = generated
    ? strangerSeeds({
        strangers: options.strangers,
        firstSeed: options.firstSeed ?? 1,
        kinds: options.kinds,
      })
    : [];
  const cases = options.cases ? readCases() : [];
  return async ({ gpu, signal, print, status }) => {
    const lps = await loadPackage();
    const common = {
      limitMs: 1000 * options.limitSeconds,
      precision: options.precision,
      signal,
    };
    const expected = cases.length + systemSeeds.length;
    const entries = [];
    const collect = async (systems, seeds) => {
      const begin = ({ name }, seed) =>
        status(() => `${entries.length} of ${expected} systems: ${name}, seed ${seed}`);
      for await (const entry of solveAndJudge(lps, gpu, systems, { ...common, seeds }, begin)) {
        entries.push(entry);
        // At once, so that a long run shows what goes wrong while it goes on.
        if (options.json !== true) print(describeFailures(entry));
      }
    };
    await collect(cases, caseSeeds);
    if (generated) await collect(strangersOf(lps, systemSeeds), runSeeds);
    const date = new Date().toISOString().slice(0, 10);
    const failures = entries.filter(
      ({ system, runs }) =>
        system.kind !== 'case' && runs.some(({ verdict }) => verdict !== 'right'),
    );
    for (const { system, runs } of failures)
      write(
        join(options.out, `${system.name}.json`),
        caseText(
          system,
          runs.filter(({ verdict }) => verdict !== 'right'),
          date,
        ),
      );
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
    if (options.json === true) print([JSON.stringify(document)]);
    else {
      if (options.json) write(options.json, `${JSON.stringify(document, null, 1)}\n`);
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

function planSections(options) {
  const seeds = parseSeeds(options.seeds ?? SEEDS.sections);
  const names = systemNames(options.files);
  const limitMs = 1000 * options.limitSeconds;
  const everything = !options.files && !options.networks && !options.main && !options.families;
  return async ({ gpu, signal, print, status }) => {
    const lps = await loadPackage();
    const rows = [];
    const show = options.json === true ? () => undefined : (text) => print([text]);
    show(heading());
    const collect = async (verify, ...parameters) => {
      if (signal.aborted) return;
      for await (const row of verify(lps, ...parameters)) {
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
    if (everything || options.files) {
      await collect(verifyStructures, names);
      await collect(verifySystems, gpu, { names, seeds, limitMs, large: options.large, signal });
    }
    if (everything || options.networks)
      await collect(verifyNetworks, gpu, { seeds, limitMs, signal });
    if (everything || options.main) await collect(verifyMainJob, gpu, { seeds, limitMs, signal });
    if (everything || options.families) {
      const counts = { small: options.members, large: options.wideMembers };
      await collect(verifyFamilies, gpu, { counts, signal });
    }
    const summary = summarise(rows);
    const document = {
      schemaVersion: 1,
      date: new Date().toISOString().slice(0, 10),
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
      write(file, `${JSON.stringify(document, null, 1)}\n`);
      write(file.replace(/(\.json)?$/, '.md'), markdown(document));
    }
    if (options.json === true) print([JSON.stringify(document)]);
    summary.problems.forEach(show);
    show(
      `${summary.passed} passed, ${summary.failed} failed, ${summary.information} for information, ${document.seconds.toFixed(0)} s; ${signal.aborted ? 'stopped' : `written to ${file}`}`,
    );
    return summary.failed + summary.problems.length === 0;
  };
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
