/** Builds src/generated/, harness/generated/ and dist/ (see harness/build/). `--generate` stops before dist/. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './build/bundle.mjs';
import { generateParser, grammars } from './build/grammar.mjs';
import { buildLibrary } from './build/library.mjs';
import { resultTypes } from './build/result-types.mjs';
import { workerText } from './build/worker.mjs';
import { generateShaders } from './build/shaders.mjs';
import { buildStamp } from './build/stamp.mjs';
import { emitTypes } from './build/types.mjs';
import { root } from './setup/paths.mjs';

const generated = join(root, 'src', 'generated');
mkdirSync(generated, { recursive: true });
const shaderModules = generateShaders(join(root, 'shaders'));
for (const [file, text] of Object.entries(shaderModules))
  writeWhenChanged(join(generated, file), text);
removeOthers(join(generated, 'shaders'), shaderModules);
for (const grammar of grammars) {
  generateParser(
    { ...grammar, source: join(root, grammar.source) },
    join(generated, grammar.parser),
  );
}
const tools = join(root, 'harness', 'generated');
const schema = join(root, 'harness', 'benchmark', 'schema', 'result-2.schema.json');
mkdirSync(tools, { recursive: true });
const worker = await workerText(root);
writeWhenChanged(join(tools, 'result.ts'), resultTypes(JSON.parse(readFileSync(schema, 'utf8'))));
writeWhenChanged(
  join(generated, 'worker-source.ts'),
  `/** Made by harness/build from src/entries/worker.ts: do not edit. Its text as gzip in base64, a third as long. */
export const workerSourceGzip = ${JSON.stringify(gzipSync(worker, { level: 9 }).toString('base64'))};
`,
);

if (!process.argv.includes('--generate')) {
  // Before the sources are read, so that an edit during the build is built next time.
  const started = Date.now() / 1000;
  // Only the stamp goes, not the files: another process may be running from dist/ right now.
  rmSync(buildStamp, { force: true });
  await bundle(root, worker);
  await buildLibrary(root);
  await emitTypes(root);
  writeFileSync(buildStamp, '');
  utimesSync(buildStamp, started, started);
}

/** Modules of kernels that are gone. */
function removeOthers(folder, modules) {
  for (const file of readdirSync(folder, { recursive: true }))
    if (file.endsWith('.ts') && !(`shaders/${file.split(sep).join('/')}` in modules))
      rmSync(join(folder, file));
}

/** Keeps the time of an unchanged file, so that watchers and the build stamp see no change. */
function writeWhenChanged(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
