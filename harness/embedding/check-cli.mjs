/**
 * Packs both packages, installs the command line's in an empty folder as a user would, and tries its commands there:
 * help, a solve and its check, a quick benchmark, a profile, a full check of two systems.
 *
 * node harness/embedding/check-cli.mjs
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from '../build/stamp.mjs';
import { layOutCommandLine, pack } from '../packages.mjs';
import { root } from '../setup/paths.mjs';
import { sizesText } from './pack.mjs';

ensureBuild();
const work = mkdtempSync(join(tmpdir(), 'lps-cli-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));
const [laidOut, app] = ['laid-out', 'app'].map((name) => join(work, name));
layOutCommandLine(laidOut);
mkdirSync(app);
writeFileSync(join(app, 'package.json'), '{ "private": true }');
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const browser = ['puppeteer-core', '@sparticuz/chromium'];
const versions = browser.map((name) => `${name}@${devDependencies[name]}`);
const tarballs = [root, laidOut].map((folder) => pack(folder, work));
execFileSync('npm', ['install', '--no-audit', '--no-fund', ...tarballs, ...versions], {
  cwd: app,
  stdio: ['ignore', 'ignore', 'inherit'],
});
for (const name of ['lps-webgpu', 'lps-webgpu-cli'])
  console.log(`${name}: ${sizesText(join(app, 'node_modules', name))}`);
writeFileSync(join(app, 'circle.txt'), 'x^2 + y^2 - 1\nx^2 - y\n');

const json = (file) => JSON.parse(readFileSync(join(app, file), 'utf8'));
const checks = [
  { words: ['--help'], says: /lps \[options\] \[command\]/ },
  { words: ['solve', 'circle.txt'], says: /4 distinct, 4 nonsingular, 2 real/ },
  {
    words: ['solve', '-', '--json'],
    input: readFileSync(join(app, 'circle.txt')),
    holds: (output) => {
      writeFileSync(join(app, 'circle.json'), output);
      return json('circle.json').counts.distinct === 4;
    },
  },
  { words: ['verify', 'circle.json'], says: /4 of 4 solutions proved again/ },
  {
    words: ['verify', '--files', 'cyclic5', '--seeds', '1', '--json', 'verified.json'],
    holds: () => json('verified.json'),
  },
  {
    words: ['profile', 'solve', 'circle.txt', '--trace', 'trace.json'],
    holds: () => json('trace.json').traceEvents.length > 0,
  },
  {
    words: ['bench', '--quick', '--json', 'bench.json'],
    holds: () => json('bench.json'),
  },
];
for (const { words, input, says = /(?:)/, holds = () => true } of checks) {
  const begin = Date.now();
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'lps', ...words], {
    cwd: app,
    input: input ?? '',
    encoding: 'utf8',
  });
  const isRight = status === 0 && says.test(stdout) && Boolean(holds(stdout));
  if (!isRight) process.exitCode = 1;
  console.log(`lps ${words.join(' ')}: ${isRight ? 'right' : 'WRONG'}, ${Date.now() - begin} ms`);
  if (!isRight) console.log(`exit code ${status}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
}
