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
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../../src/cli/errors.js';
import { writeOutput } from '../../../src/cli/output.js';
import { randomStream } from '../../../src/math/random.js';
import * as lps from '../../internals.js';
import { countFrom, note, asTool } from '../../tool.js';
import { measureKernel, measurePeak } from './arithmetic.js';
import { measureFamily } from './family.js';
import { measureStreaming, type StreamingRow } from './memory.js';
import { peers } from './peers.js';
import { markdown, type Arithmetic, type SolverDocument } from './report.js';
import { benchmarkSystems } from './systems.js';
import { compareTracking, type TrackingRow } from './tracking.js';

/** Longest time for one run of a peer. */
const PEER_MS = 150_000;
const QUICK_PEER_MS = 10_000;
const QUICK_ROUNDS = 2;
/** Unknowns of the streamed jobs: eight times the paths must not need more memory. */
const QUADRATICS = [13, 16];
const MILLION = 20;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      filter: { type: 'string', default: '' },
      repeat: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      million: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      json: { type: 'string', default: join('results', 'solver.json') },
    },
  });
  const wanted = (name: string): boolean =>
    options.filter.split(',').some((part) => name.includes(part));
  const repeat = options.quick ? QUICK_ROUNDS : countFrom('--repeat', options.repeat);
  const seed = countFrom('--seed', options.seed);
  const loadBefore = loadavg()[0]!;
  const contenders = peers.flatMap((peer) => {
    const version = peer.version();
    note(version ? `${peer.name}: ${version}` : `${peer.name}: not installed, left out`);
    return version ? [{ peer, version }] : [];
  });
  const systems = benchmarkSystems();
  const gpu = await lps.openGpu();
  note(`${gpu.info.description}, load ${loadBefore.toFixed(1)}`);

  const tracking: TrackingRow[] = [];
  for (const system of systems.filter(({ name }) => wanted(`tracking/${name}`))) {
    tracking.push(
      await compareTracking(
        gpu,
        system,
        contenders.map(({ peer }) => peer),
        {
          repeat,
          peerLimitMs: options.quick ? QUICK_PEER_MS : PEER_MS,
          random: randomStream(seed),
        },
      ),
    );
  }
  const family = wanted('family') ? await measureFamily(gpu, repeat) : null;
  if (family) note('family: done');
  gpu.close();

  const chosen = systems.filter(({ name }) => wanted(`arithmetic/${name}`));
  let arithmetic: Arithmetic | null = null;
  if (chosen.length > 0) {
    arithmetic = await withOwnGpu(async (own) => {
      const peak = await measurePeak(own);
      const kernels: Arithmetic['kernels'][number][] = [];
      for (const { name, input } of chosen) {
        kernels.push({ name, ...(await measureKernel(own, input, repeat)) });
        note(`arithmetic/${name}: done`);
      }
      return { peak, kernels };
    });
  }
  const streaming: StreamingRow[] = [];
  if (wanted('streaming')) {
    for (const quadratics of options.million ? [...QUADRATICS, MILLION] : QUADRATICS) {
      streaming.push(await withOwnGpu((own) => measureStreaming(own, quadratics)));
      note(`streaming: 2^${quadratics} paths done`);
    }
  }

  const document: SolverDocument = {
    schemaVersion: 1,
    date: new Date().toISOString().slice(0, 10),
    adapter: gpu.info,
    machine: {
      processor: cpus()[0]!.model.trim(),
      cores: cpus().length,
      node: process.version,
      loadBefore,
      loadAfter: loadavg()[0]!,
    },
    peers: contenders.map(({ peer, version }) => ({ name: peer.name, version })),
    tracking,
    arithmetic,
    family,
    streaming: streaming.length > 0 ? streaming : null,
  };
  await writeOutput(options.json, `${JSON.stringify(document, null, 1)}\n`);
  const text = markdown(document);
  await writeOutput(options.json.replace(/(\.json)?$/, '.md'), text);
  process.stdout.write(text);
  const incomplete = [
    ...tracking.filter((row) => !row.complete).map((row) => row.name),
    ...streaming.filter((row) => !row.complete).map((row) => `${row.quadratics} quadratics`),
    ...(family && !family.sameSolutions ? ['family'] : []),
  ];
  if (incomplete.length > 0) note(`incomplete: ${incomplete.join(', ')}`);
  return incomplete.length > 0 ? ExitCode.failed : ExitCode.success;
}

/** A device of its own: what the device before left behind must not count. */
async function withOwnGpu<Result>(job: (gpu: lps.GpuDevice) => Promise<Result>): Promise<Result> {
  const gpu = await lps.openGpu();
  try {
    return await job(gpu);
  } finally {
    gpu.close();
  }
}
