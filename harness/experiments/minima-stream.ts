/**
 * `node harness/run.mjs minima-stream [--data-sets 1000] [--seed 1] [--out FILE]`: all critical points and minima of 1-2-1 for so many
 * resamplings of the 442 patients (with replacement, bmi -> progression), in one stream, and how many a second. Every data set must have
 * 465 critical points, whose signs (-1)^index add up to 1, and no path without an end.
 */
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { findBaseSet } from '../../src/cli/family-store.js';
import { writeOutput } from '../../src/cli/output.js';
import { DIABETES_CSV, DIABETES_TARGET, readTable, standardize } from '../../src/data/index.js';
import type { DataTable } from '../../src/data/table.js';
import { CpuDevice } from '../../src/gpu/index.js';
import { randomStream } from '../../src/math/random.js';
import { stationarityProblem } from '../../src/minima/find-minima.js';
import { familyPoint, type FamilyPoint } from '../../src/minima/moments.js';
import type { NetworkFamily } from '../../src/minima/network-family.js';
import { streamMinima } from '../../src/minima/strata/index.js';
import { clocked } from '../clocks.js';
import { asTool, countFrom, note } from '../tool.js';

const LAMBDA = 0.01;
const CRITICAL_POINTS = 465;
const STREAM = 0x53_54_52;
/** Data sets between two lines of progress. */
const PROGRESS = 500;

export const main = asTool(run);

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      'data-sets': { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
    },
  });
  const dataSets = countFrom('--data-sets', values['data-sets']);
  const seed = countFrom('--seed', values.seed);
  const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: [DIABETES_TARGET] }));
  const { family } = stationarityProblem({
    data,
    architecture: { layers: [1, 2, 1] },
    activation: { name: 'relu', degree: 2 },
    regularization: LAMBDA,
  });
  const device = new CpuDevice();
  const counts = { dataSets: 0, complete: 0, failedPaths: 0, warnings: 0, minima: 0 };
  const { wall, cpu } = await clocked(async () => {
    const points = resamplings(family, data, dataSets, seed);
    for await (const found of streamMinima(device, family, points, { seed, findBaseSet })) {
      counts.dataSets++;
      counts.failedPaths += found.failed;
      if (found.warnings.length > 0) counts.warnings++;
      if (found.solutions === CRITICAL_POINTS && found.eulerSum === 1) counts.complete++;
      counts.minima += found.minima.reduce((sum, k) => sum + found.points[k]!.copies, 0);
      if (counts.dataSets % PROGRESS === 0) note(`${counts.dataSets} of ${dataSets}`);
    }
  });
  device.close();
  const { complete, failedPaths, warnings } = counts;
  process.stdout.write(
    `${counts.dataSets} data sets: ${complete} with ${CRITICAL_POINTS} critical points and Euler sum 1, ${failedPaths} paths failed, ${warnings} with warnings, ` +
      `${(counts.minima / counts.dataSets).toPrecision(3)} minima each; ${wall.toFixed(1)} s (${(dataSets / wall).toPrecision(3)} a second), ` +
      `${cpu.toFixed(1)} CPU s (${((1000 * cpu) / dataSets).toPrecision(3)} ms each)\n`,
  );
  if (values.out !== undefined) {
    const document = { seed, ...counts, wallSeconds: wall, cpuSeconds: cpu };
    await writeOutput(values.out, `${JSON.stringify(document, null, 2)}\n`);
  }
  return complete === dataSets && failedPaths === 0 ? ExitCode.success : ExitCode.failed;
}

function* resamplings(
  family: NetworkFamily,
  { inputs, targets }: DataTable,
  count: number,
  seed: number,
): Generator<FamilyPoint> {
  const random = randomStream(seed, STREAM);
  for (let k = 0; k < count; k++) {
    const rows = inputs.map(() => random.integer(inputs.length));
    const data = {
      inputs: rows.map((row) => inputs[row]!),
      targets: rows.map((row) => targets[row]!),
    };
    yield familyPoint(family, data, LAMBDA);
  }
}
