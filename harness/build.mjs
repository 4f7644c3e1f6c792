/** Builds src/generated/, harness/generated/ and dist/ (see harness/build/). `--generate` stops before dist/. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundle } from './build/bundle.mjs';
import { generateParser, grammars } from './build/grammar.mjs';
import { resultTypes } from './build/result-types.mjs';
import { generateShaders } from './build/shaders.mjs';
import { buildStamp } from './build/stamp.mjs';
import { root } from './setup/paths.mjs';

const generated = join(root, 'src', 'generated');
mkdirSync(generated, { recursive: true });
writeWhenChanged(join(generated, 'shaders.ts'), generateShaders(join(root, 'shaders')));
for (const grammar of grammars) {
  generateParser(
    { ...grammar, source: join(root, grammar.source) },
    join(generated, grammar.parser),
  );
}
const tools = join(root, 'harness', 'generated');
const schema = join(root, 'harness', 'benchmark', 'schema', 'result-2.schema.json');
mkdirSync(tools, { recursive: true });
writeWhenChanged(join(tools, 'result.ts'), resultTypes(JSON.parse(readFileSync(schema, 'utf8'))));

if (!process.argv.includes('--generate')) {
  // Before the sources are read, so that an edit during the build is built next time.
  const started = Date.now() / 1000;
  // Only the stamp goes, not the files: another process may be running from dist/ right now.
  rmSync(buildStamp, { force: true });
  await bundle(root);
  emitDeclarations();
  writeFileSync(buildStamp, '');
  utimesSync(buildStamp, started, started);
}

/** Keeps the time of an unchanged file, so that watchers and the build stamp see no change. */
function writeWhenChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** Type declarations of the public interface; type errors are reported by `npm test`, not here. */
function emitDeclarations() {
  const tsc = join(
    dirname(createRequire(import.meta.url).resolve('typescript')),
    '..',
    'bin',
    'tsc',
  );
  spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--noCheck'], {
    stdio: ['ignore', 2, 2],
  });
}
