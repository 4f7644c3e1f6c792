/** Installs the npm packages when they are missing or older than the lockfile. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, readRecord, root, say, writeRecord } from './paths.mjs';

const lockfile = join(root, 'package-lock.json');
/** npm's own record of what is in node_modules; npm writes it last. */
const installed = join(root, 'node_modules', '.package-lock.json');

function lockfileHash() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
}

/** Why packages must be installed, or undefined when they are up to date. */
function reasonToInstall(hash) {
  if (!existsSync(installed)) return 'node_modules is missing';
  if (readRecord().lockfileHash === hash) return undefined;
  // Somebody ran npm by hand after the lockfile was written: that is up to date too.
  if (statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return undefined;
  return 'node_modules is older than package-lock.json';
}

/** npm ci empties node_modules first, and through a link somebody else's. @throws {SetupError} */
function refuseLink() {
  const folder = join(root, 'node_modules');
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new SetupError(
    `node_modules is a link to ${readlinkSync(folder)}, which npm ci would empty: remove the link, or install there what package-lock.json names`,
  );
}

/** Runs `npm ci` when needed. @throws {SetupError} when npm fails. */
export function ensurePackages() {
  const hash = lockfileHash();
  const reason = reasonToInstall(hash);
  if (reason) {
    refuseLink();
    say(`${reason}: running npm ci (about a minute)`);
    // The npm that started us, when there is one: on Windows `npm` itself is a .cmd file that spawn cannot run.
    const npm = process.env.npm_execpath;
    const arguments_ = ['ci', '--no-fund', '--no-audit', '--loglevel=error'];
    const result =
      npm && npm.endsWith('.js')
        ? spawnSync(process.execPath, [npm, ...arguments_], { cwd: root, stdio: ['ignore', 2, 2] })
        : spawnSync('npm', arguments_, {
            cwd: root,
            stdio: ['ignore', 2, 2],
            shell: process.platform === 'win32',
          });
    if (result.status !== 0)
      throw new SetupError(
        `npm ci failed (${result.error?.message ?? `exit code ${result.status}`}); check the network and the npm registry setting, then run it again`,
      );
  }
  if (readRecord().lockfileHash !== hash) writeRecord({ lockfileHash: hash });
}
