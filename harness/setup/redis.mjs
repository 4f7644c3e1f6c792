/**
 * A Redis server for tests of the queue: the machine's own, or Debian's package unpacked into the cache folder, which
 * needs no root.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepend } from './embedded.mjs';
import { SetupError, cacheFolder, say } from './paths.mjs';

const packages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1'];
/** apt-get asks the network. */
const patienceMs = 60_000;

/**
 * @returns {{ program: string, environment: Record<string, string> }}
 * @throws {SetupError} saying why there is none
 */
export function ensureRedis() {
  if (runs('redis-server', {})) return { program: 'redis-server', environment: {} };
  const folder = join(cacheFolder, 'redis');
  if (!existsSync(folder)) unpack(folder);
  const program = join(folder, 'usr', 'bin', 'redis-server');
  const libraries = join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
  const environment = { LD_LIBRARY_PATH: prepend(libraries, process.env.LD_LIBRARY_PATH) };
  if (!runs(program, environment))
    throw new SetupError('the unpacked redis-server does not run here: install Redis');
  return { program, environment };
}

function runs(program, environment) {
  const env = { ...process.env, ...environment };
  return spawnSync(program, ['--version'], { env, stdio: 'ignore' }).status === 0;
}

function unpack(folder) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupError(`no Redis on ${process.platform} ${process.arch}: install Redis`);
  say("no redis-server found: unpacking Debian's package");
  mkdirSync(cacheFolder, { recursive: true });
  const beside = mkdtempSync(join(cacheFolder, 'redis-'));
  try {
    step('apt-get', ['download', ...packages], beside);
    for (const name of readdirSync(beside).filter((each) => each.endsWith('.deb')))
      step('dpkg', ['-x', name, '.'], beside);
    renameSync(beside, folder);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    throw error;
  }
}

function step(program, words, cwd) {
  const { status, error } = spawnSync(program, words, {
    cwd,
    stdio: 'ignore',
    timeout: patienceMs,
  });
  if (status !== 0)
    throw new SetupError(
      `no Redis: "${program} ${words[0]}" failed (${error?.message ?? `exit code ${status}`}); install Redis`,
    );
}
