/**
 * `npm run verify`: solves everything whose answer is known and compares.
 *
 *   npm run verify                            all sections, seeds 1-5
 *   npm run verify -- --files noon5,cyclic7   these files of test/data/systems only
 *   npm run verify -- --networks              the networks only
 *   npm run verify -- --main                  the main job only
 *   npm run verify -- --families              many random data sets per network; --members N of them
 *                                             (default 1000) for 1-1-1, --wide-members N (20) for 1-2-1
 *   npm run verify -- --seeds 1-2 --large     fewer seeds; also files with over 10,000 paths
 *   npm run verify -- --json FILE             where the document goes (Markdown beside it);
 *                                             default results/verify.json
 *
 * Prints a row when it is decided. Exit code 1 when a row fails.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { ensureSetup } from '../setup.mjs';
import { SetupError, root, say } from '../setup/paths.mjs';
import { systemNames } from './expectations.mjs';
import { verifyFamilies } from './members.mjs';
import { verifyMainJob, verifyNetworks } from './networks.mjs';
import { heading, line, markdown, summarise } from './report.mjs';
import { parseSeeds } from './seeds.mjs';
import { verifyStructures, verifySystems } from './systems.mjs';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-5' },
    files: { type: 'string' },
    networks: { type: 'boolean', default: false },
    main: { type: 'boolean', default: false },
    families: { type: 'boolean', default: false },
    members: { type: 'string', default: '1000' },
    'wide-members': { type: 'string', default: '20' },
    large: { type: 'boolean', default: false },
    'limit-seconds': { type: 'string', default: '120' },
    json: { type: 'string', default: join('results', 'verify.json') },
  },
});

try {
  const seeds = parseSeeds(options.seeds);
  const names = systemNames(options.files?.split(','));
  const limitMs = 1000 * Number(options['limit-seconds']);
  await ensureSetup();
  const lps = await import(pathToFileURL(join(root, 'dist', 'index.js')).href);
  const gpu = await lps.openGpu();
  const everything = !options.files && !options.networks && !options.main && !options.families;
  const rows = [];
  console.log(heading());
  const collect = async (section) => {
    for await (const row of section) {
      rows.push(row);
      console.log(line(row));
    }
  };
  const begin = performance.now();
  if (everything || options.files) {
    await collect(verifyStructures(lps, names));
    await collect(verifySystems(lps, gpu, { names, seeds, limitMs, large: options.large }));
  }
  if (everything || options.networks) await collect(verifyNetworks(lps, gpu, { seeds, limitMs }));
  if (everything || options.main) await collect(verifyMainJob(lps, gpu, { seeds, limitMs }));
  if (everything || options.families) {
    const counts = { small: Number(options.members), large: Number(options['wide-members']) };
    await collect(verifyFamilies(lps, gpu, { counts }));
  }
  const summary = summarise(rows);
  const document = {
    schemaVersion: 1,
    date: new Date().toISOString().slice(0, 10),
    seeds,
    adapter: gpu.info,
    precision: gpu.precision.mode,
    seconds: (performance.now() - begin) / 1000,
    summary,
    rows,
  };
  gpu.close();
  write(options.json, `${JSON.stringify(document, null, 1)}\n`);
  write(options.json.replace(/(\.json)?$/, '.md'), markdown(document));
  summary.problems.forEach((problem) => console.log(problem));
  console.log(
    `${summary.passed} passed, ${summary.failed} failed, ${summary.information} for information, ${document.seconds.toFixed(0)} s; written to ${options.json}`,
  );
  process.exitCode = summary.failed + summary.problems.length > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof SetupError) && !(error instanceof RangeError)) throw error;
  say(error.message);
  process.exitCode = 2;
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
