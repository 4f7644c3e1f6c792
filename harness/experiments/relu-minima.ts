/**
 * `node harness/run.mjs relu-minima [--descents N] [--screening gpu]`: what is too long for the tests. Enumerates the
 * minima of 1-1-1, 1-2-1 and 1-3-1 on bmi -> progression, looks for every loss of test/data/minima among
 * them, verifies the result, and lets N random starts (default 1,000) of 1-1-1 and 1-2-1 descend: every
 * minimum reached must be on the list. The file of 1-3-1 has one minimum less than there are. With
 * `--screening gpu` combinations of two and more units are screened on the GPU, whichever it is, and descents left out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { DIABETES_CSV, DIABETES_TARGET, readTable, standardize } from '../../src/data/index.js';
import { openGpu } from '../../src/gpu/index.js';
import { enumerateReluMinima } from '../../src/minima/relu/enumerate-relu-minima.js';
import { exactDocument } from '../../src/minima/relu/exact-report.js';
import type { ReluMinima, Screening } from '../../src/minima/relu/relu-minima.js';
import { descendAtRandom } from '../../src/verify/relu/descents.js';
import { readExactResult } from '../../src/verify/relu/read-exact.js';
import { verifyExact } from '../../src/verify/relu/verify-exact.js';
import { root } from '../setup/paths.mjs';
import { countFrom, asTool } from '../tool.js';

const SETTINGS = { negativeSlope: 0, regularization: 0.01 };
/** Of losses; the files have twelve digits. */
const TOLERANCE = 1e-9;

export const main = asTool(run);

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      descents: { type: 'string', default: '1000' },
      screening: { type: 'string', default: 'cpu' },
    },
  });
  const gpu = values.screening === 'gpu' ? await openGpu() : null;
  const descents = countFrom('--descents', values.descents);
  const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: [DIABETES_TARGET] }));
  let isRight = true;
  for (const units of [1, 2, 3]) {
    const result = await enumerateReluMinima({
      data,
      units,
      ...SETTINGS,
      gpu,
      screening: values.screening as Screening,
    });
    const document = exactDocument(result, data, SETTINGS);
    const failures = verifyExact(document).flatMap((check) => check.failures);
    for (const failure of failures) print(`  ${failure}`);
    isRight = describe(result) && failures.length === 0 && isRight;
    // Three units take 90 s of descents; the two shorter lists show as much.
    if (units > 2 || gpu !== null) continue;
    const claimed = readExactResult(document);
    const { starts, listed, missing } = descendAtRandom(claimed, descents);
    print(`  ${starts} descents: ${listed} on the list, ${missing.length} minima missing`);
    isRight &&= missing.length === 0;
  }
  gpu?.close();
  return isRight ? ExitCode.success : ExitCode.failed;
}

/** @returns whether all minima of the file were found and nothing is undecided */
function describe({
  units,
  minima,
  undecided,
  combinations,
  byUnits,
  seconds,
}: ReluMinima): boolean {
  const path = join(root, 'test', 'data', 'minima', `relu-bmi-${units}.txt`);
  const truth = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]));
  const found = truth.filter((wanted) =>
    minima.some(({ loss }) => Math.abs(loss - wanted) < TOLERANCE),
  );
  const best = minima[0]!;
  print(
    `1-${units}-1: ${minima.length} minima, ${found.length} of the ${truth.length} known among them, ` +
      `${undecided.length} undecided, ${combinations} combinations, ${byUnits.at(-1)!.handedOver} left by the GPU to f64, ${seconds.toFixed(1)} s; ` +
      `best ${best.loss}, dual norm ${best.dualNorm.join(' to ')}${best.global ? ', global over all widths' : ''}`,
  );
  return found.length === truth.length && undecided.length === 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
