/**
 * `npm test`: type check and lint, floors (what may import what), API reference, format check and the tests of units one
 * after another, and beside them, in two more processes, the tests that need a device or a program. All run even when one
 * fails, so that one run shows everything. The last line counts the tests as vitest's own report has them.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './setup/paths.mjs';

const require = createRequire(import.meta.url);

/** The script behind a package's command. */
function command(packageName, name = packageName) {
  const file = findPackage(packageName);
  const { bin } = JSON.parse(readFileSync(file, 'utf8'));
  return join(dirname(file), typeof bin === 'string' ? bin : bin[name]);
}

function findPackage(name) {
  return require.resolve
    .paths(name)
    .map((folder) => join(folder, name, 'package.json'))
    .find(readable);
}

function readable(file) {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a script to its end.
 * @param {{ held?: boolean, environment?: Record<string, string> }} options `held`: its output waits for that, so that
 *   it does not mix with another's
 * @returns {Promise<boolean>} whether all is well
 */
async function run(title, script, parameters, { held = false, environment = {} } = {}) {
  const started = Date.now();
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', held ? 'pipe' : 1, held ? 'pipe' : 2],
  });
  const chunks = [];
  child.stdout?.on('data', (chunk) => chunks.push(chunk));
  child.stderr?.on('data', (chunk) => chunks.push(chunk));
  const status = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', resolve);
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const verdict = status === 0 ? 'ok' : `FAILED (${status})`;
  process.stdout.write(`${Buffer.concat(chunks)}${title}: ${verdict}, ${seconds} s\n`);
  return status === 0;
}

/** One after another: what runs beside them keeps the other core. They count no tests. */
async function staticChecks() {
  const check = (title, script, parameters = []) => run(title, script, parameters, { held: true });
  const isFine = [
    await check('types and lint', command('oxlint')),
    await check('floors', command('dependency-cruiser', 'depcruise'), ['src', 'harness', 'test']),
    await check('API reference', command('typedoc'), ['--emit', 'none']),
    await check('format check', command('oxfmt'), ['--check']),
  ].every(Boolean);
  return { passed: 0, failed: 0, isFine };
}

const ONE_WORKER = { VITEST_MAX_WORKERS: '1' };

/**
 * What runs side by side: one shares the devices of one worker, one starts programs of its own, and both wait a third of
 * their time for pages, processes and each other's locks. A test that computes with several threads leaves less to the others.
 */
const lanes = [
  async () => [await runVitest('tests on shared devices', ['--project', 'gpu'], ONE_WORKER)],
  async () => [await runVitest('tests of programs', ['--project', 'programs'], ONE_WORKER)],
  async () => [
    await staticChecks(),
    await runVitest('tests of units', ['--project', 'unit'], ONE_WORKER),
  ],
];

/** @returns {Promise<{ passed: number, failed: number, isFine: boolean }>} counts as vitest's own report has them */
async function runVitest(title, words, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'lps-webgpu-test-'));
  const report = join(folder, 'report.json');
  const outputs = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ended = await run(title, command('vitest'), ['run', ...outputs, ...words], { environment });
  const { numPassedTests, numFailedTests } = readable(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0 };
  rmSync(folder, { recursive: true, force: true });
  return { passed: numPassedTests, failed: numFailedTests, isFine: ended && numPassedTests > 0 };
}

/**
 * @param {string[]} files tests to run; with any, the static checks are left out
 * @returns {Promise<number>} exit code
 */
export async function runTests(files) {
  const results =
    files.length > 0
      ? [await runVitest('tests', files)]
      : (await Promise.all(lanes.map((lane) => lane()))).flat();
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  process.stdout.write(`\n${total('passed')} passed, ${total('failed')} failed\n`);
  return results.every(({ isFine }) => isFine) ? 0 : 1;
}
