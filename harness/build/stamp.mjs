/** Builds dist/ only when a source is newer than the last build. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError, isCheckout, root, say } from '../setup/paths.mjs';

/** Written last by build.mjs. */
export const buildStamp = join(root, 'dist', '.built');

const sources = [
  'src',
  'shaders',
  'harness',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Runs the build when needed; an installed package comes built. @throws {SetupError} when the build fails. */
export function ensureBuild() {
  if (!isCheckout) return;
  const built = existsSync(buildStamp) ? statSync(buildStamp).mtimeMs : 0;
  const newest = Math.max(...sources.map((source) => newestChange(join(root, source))));
  if (built >= newest) return;
  say(built ? 'sources changed: building' : 'building');
  const result = spawnSync(process.execPath, [join(root, 'harness', 'build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) throw new SetupError('the build failed (messages above)');
}

/** Latest modification under a path, ms. Folders count too, so that a deleted file is noticed. */
function newestChange(path) {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  if (basename(path) === 'generated') return 0;
  // src/ itself changes when src/generated is made, harness/ likewise; files inside are still looked at.
  const own = existsSync(join(path, 'generated')) ? 0 : status.mtimeMs;
  return Math.max(own, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}
