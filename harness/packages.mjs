/**
 * The two packages that this repository publishes, of one version: `lps-webgpu`, the library, which is what the root's
 * package.json says, and `lps-webgpu-cli`, the command line, the benchmark, the verification and the live page with
 * their data. A browser app thus installs what it can use (2.6 MB) and nothing else.
 *
 * node harness/packages.mjs [FOLDER]   builds, and puts both tarballs into the folder (out/packages)
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './build/stamp.mjs';
import { root } from './setup/paths.mjs';

/** What the command line needs, at its places in the checkout. */
const commandLineFiles = [
  'LICENSE',
  'README.md',
  'data/families',
  'dist/page',
  'harness/benchmark/schema',
  'harness/launch.mjs',
  'harness/setup',
  'test/data',
];

/** What only some commands load. */
const optional = ['@sparticuz/chromium', 'puppeteer-core', 'bullmq', 'ioredis'];

/** @returns {object} package.json of lps-webgpu-cli */
export function commandLineManifest() {
  const library = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { version, license, type, engines, peerDependencies, devDependencies } = library;
  const { webgpu, echarts } = peerDependencies;
  return {
    name: 'lps-webgpu-cli',
    version,
    description:
      'The command line of lps-webgpu, its benchmark, verification, profiler and live page',
    ...{ license, type, engines },
    bin: { lps: 'harness/launch.mjs' },
    dependencies: { webgpu, echarts },
    // What drives a browser and what a queue needs (20 MB, which few want): the commands name them when they are missing.
    peerDependencies: Object.fromEntries(optional.map((name) => [name, devDependencies[name]])),
    peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
  };
}

/** Lays the command line's package out in a folder. */
export function layOutCommandLine(folder) {
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(commandLineManifest(), null, 2)}\n`,
  );
  for (const path of commandLineFiles)
    cpSync(join(root, path), join(folder, path), { recursive: true });
  const dist = join(root, 'dist');
  cpSync(dist, join(folder, 'dist'), {
    recursive: true,
    // The scripts of dist/ itself.
    filter: (path) => path === dist || /^[^/\\]+\.js$/.test(relative(dist, path)),
  });
}

/**
 * Packs a folder as `npm publish` would.
 * @returns {string} the tarball
 */
export function pack(folder, destination) {
  const packed = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', destination],
    {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    },
  );
  return join(destination, JSON.parse(packed)[0].filename);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureBuild();
  const destination = process.argv[2] ?? join(root, 'out', 'packages');
  mkdirSync(destination, { recursive: true });
  const commandLine = mkdtempSync(join(tmpdir(), 'lps-cli-'));
  layOutCommandLine(commandLine);
  for (const folder of [root, commandLine]) console.log(pack(folder, destination));
  rmSync(commandLine, { recursive: true });
}
