/**
 * `npm run bench:solver`: speed and memory of the solver, against PHCpack and Macaulay2 where they are installed.
 *
 *   npm run bench:solver                         everything but the million paths
 *   npm run bench:solver -- --filter tracking    names that contain this (or one of a,b,c):
 *                                         tracking/SYSTEM, arithmetic/SYSTEM, family, streaming
 *   npm run bench:solver -- --repeat 7           paired rounds (default 5)
 *   npm run bench:solver -- --quick              two rounds, no slow peers: does it work?
 *   npm run bench:solver -- --million            also 2^20 paths in the streaming part (minutes)
 *   npm run bench:solver -- --json FILE          where the document goes (Markdown beside it);
 *                                         default results/solver.json
 *
 * Progress goes to standard error, the Markdown to standard output. Exit code 1 when a result was incomplete:
 * then its speed means nothing. A missed aim is reported, not an error: it depends on the machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { ensureSetup } from '../../setup.mjs';
import { SetupError, root, say } from '../../setup/paths.mjs';
import { measureKernel, measurePeak } from './arithmetic.mjs';
import { measureFamily } from './family.mjs';
import { measureStreaming } from './memory.mjs';
import { peers } from './peers.mjs';
import { markdown } from './report.mjs';
import { randomNumbers } from './statistics.mjs';
import { benchmarkSystems } from './systems.mjs';
import { compareTracking } from './tracking.mjs';

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string', default: '' },
    repeat: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    json: { type: 'string', default: join('results', 'solver.json') },
  },
});
/** Longest time for one run of a peer. */
const PEER_MS = 150_000;
const QUICK_PEER_MS = 10_000;
const QUICK_ROUNDS = 2;
/** Unknowns of the streamed jobs: eight times the paths must not need more memory. */
const QUADRATICS = [13, 16];
const MILLION = 20;

const note = (text) => process.stderr.write(`${text}\n`);
const wanted = (name) => options.filter.split(',').some((part) => name.includes(part));

try {
  const repeat = options.quick ? QUICK_ROUNDS : Number(options.repeat);
  if (!Number.isSafeInteger(repeat) || repeat < 1)
    throw new SetupError(`--repeat is "${options.repeat}"; give a whole number of rounds`);
  await ensureSetup();
  const lps = await import(pathToFileURL(join(root, 'dist', 'internals', 'index.js')).href);
  const loadBefore = loadavg()[0];
  const contenders = peers.filter((peer) => {
    const version = peer.version();
    note(version ? `${peer.name}: ${version}` : `${peer.name}: not installed, left out`);
    return version !== undefined;
  });
  const systems = benchmarkSystems();
  const gpu = await lps.openGpu();
  note(`${gpu.info.description}, load ${loadBefore.toFixed(1)}`);

  const tracking = [];
  for (const system of systems.filter(({ name }) => wanted(`tracking/${name}`))) {
    tracking.push(
      await compareTracking(lps, gpu, system, contenders, {
        repeat,
        peerLimitMs: options.quick ? QUICK_PEER_MS : PEER_MS,
        random: randomNumbers(Number(options.seed)),
        note,
      }),
    );
  }
  const family = wanted('family') ? await measureFamily(lps, gpu, { repeat }) : null;
  if (family) note('family: done');
  gpu.close();

  const arithmetic = await measureArithmetic();
  const streaming = [];
  const sizes = options.million ? [...QUADRATICS, MILLION] : QUADRATICS;
  if (wanted('streaming')) {
    for (const quadratics of sizes) {
      // A device of its own: what the device before left behind must not count.
      const own = await lps.openGpu();
      streaming.push(await measureStreaming(lps, own, quadratics));
      own.close();
      note(`streaming: 2^${quadratics} paths done`);
    }
  }

  const document = {
    schemaVersion: 1,
    date: new Date().toISOString().slice(0, 10),
    adapter: gpu.info,
    machine: {
      processor: cpus()[0].model.trim(),
      cores: cpus().length,
      node: process.version,
      loadBefore,
      loadAfter: loadavg()[0],
    },
    peers: contenders.map((peer) => ({ name: peer.name, version: peer.version() })),
    tracking,
    arithmetic,
    family,
    streaming: streaming.length > 0 ? streaming : null,
  };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(document, null, 1)}\n`);
  const text = markdown(document);
  writeFileSync(options.json.replace(/(\.json)?$/, '.md'), text);
  process.stdout.write(text);
  const incomplete = [
    ...tracking.filter((row) => !row.complete).map((row) => row.name),
    ...streaming.filter((run) => !run.complete).map((run) => `${run.quadratics} quadratics`),
    ...(family && !family.sameSolutions ? ['family'] : []),
  ];
  if (incomplete.length > 0) note(`incomplete: ${incomplete.join(', ')}`);
  process.exitCode = incomplete.length > 0 ? 1 : 0;

  async function measureArithmetic() {
    const chosen = systems.filter(({ name }) => wanted(`arithmetic/${name}`));
    if (chosen.length === 0) return null;
    const own = await lps.openGpu();
    const peak = await measurePeak(lps, own);
    const kernels = [];
    for (const { name, input } of chosen) {
      kernels.push({ name, ...(await measureKernel(lps, own, input, repeat)) });
      note(`arithmetic/${name}: done`);
    }
    own.close();
    return { peak, kernels };
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 2;
}
