/**
 * `npm test`: type check, lint, floors (what may import what), format check, then every test. All run
 * even when one fails, so that one run shows everything. The last line counts the tests as vitest's
 * own report has them.
 */
import { spawnSync } from 'node:child_process';
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

function run(title, script, parameters) {
  process.stdout.write(`\n${title}\n`);
  const started = Date.now();
  const { status, error } = spawnSync(process.execPath, [script, ...parameters], {
    cwd: root,
    stdio: ['ignore', 1, 2],
  });
  if (error) process.stderr.write(`${title}: ${error.message}\n`);
  process.stdout.write(
    `${title}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
  );
  return status === 0;
}

/**
 * @param {string[]} files tests to run; with any, the static checks are left out
 * @returns {Promise<number>} exit code
 */
export async function runTests(files) {
  const checks =
    files.length > 0
      ? []
      : [
          run('type check', command('typescript', 'tsc'), ['-p', 'tsconfig.json']),
          run('lint', command('eslint'), ['.']),
          run('floors', command('dependency-cruiser', 'depcruise'), ['src', 'harness', 'test']),
          run('format check', command('prettier'), ['--check', '--log-level', 'warn', '.']),
        ];
  const folder = mkdtempSync(join(tmpdir(), 'lps-webgpu-test-'));
  const report = join(folder, 'report.json');
  const tested = run('tests', command('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...files,
  ]);
  const counts = readable(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0 };
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`\n${counts.numPassedTests} passed, ${counts.numFailedTests} failed\n`);
  return tested && counts.numPassedTests > 0 && checks.every(Boolean) ? 0 : 1;
}
