/**
 * `npm test`: type check, lint, floors (what may import what) and format check one after another, and
 * every test beside them. All run even when one fails, so that one run shows everything. The last
 * line counts the tests as vitest's own report has them.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder, root } from './setup/paths.mjs';

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
 * @param {boolean} held whether its output waits for that, so that it does not mix with another's
 * @returns {Promise<boolean>} whether all is well
 */
async function run(title, script, parameters, held = false) {
  const started = Date.now();
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: root,
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

/**
 * One after another: the tests beside them keep the other core. Type check and format check look only
 * at what changed since the last time, and what depends on it; ESLint's cache does not know that rules
 * about types depend on other files.
 */
async function staticChecks() {
  return [
    await run(
      'type check',
      command('typescript', 'tsc'),
      [
        '-p',
        'tsconfig.json',
        '--incremental',
        '--tsBuildInfoFile',
        join(cacheFolder, 'types.json'),
      ],
      true,
    ),
    await run('lint', command('eslint'), ['.'], true),
    await run(
      'floors',
      command('dependency-cruiser', 'depcruise'),
      ['src', 'harness', 'test'],
      true,
    ),
    await run(
      'format check',
      command('prettier'),
      [
        '--check',
        '--log-level',
        'warn',
        '--cache',
        '--cache-location',
        join(cacheFolder, 'format.json'),
        '.',
      ],
      true,
    ),
  ];
}

/**
 * @param {string[]} files tests to run; with any, the static checks are left out
 * @returns {Promise<number>} exit code
 */
export async function runTests(files) {
  const checking = files.length > 0 ? [] : staticChecks();
  const folder = mkdtempSync(join(tmpdir(), 'lps-webgpu-test-'));
  const report = join(folder, 'report.json');
  const tested = await run('tests', command('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...files,
  ]);
  const checks = await checking;
  const counts = readable(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0 };
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`\n${counts.numPassedTests} passed, ${counts.numFailedTests} failed\n`);
  return tested && counts.numPassedTests > 0 && checks.every(Boolean) ? 0 : 1;
}
