/**
 * `node harness/run.mjs relu-minima [--descents N]`: what is too long for the tests. Enumerates the
 * minima of 1-1-1, 1-2-1 and 1-3-1 on bmi -> progression, compares them with test/data/minima, and lets
 * N random starts (default 1,000) of 1-1-1 and 1-2-1 descend: every minimum reached must be on the list.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { DIABETES_CSV, DIABETES_TARGET, readTable, standardize } from '../../src/data/index.js';
import { enumerateReluMinima } from '../../src/minima/relu/enumerate-relu-minima.js';
import { exactDocument } from '../../src/minima/relu/exact-report.js';
import type { ReluMinima } from '../../src/minima/relu/relu-minima.js';
import { descendAtRandom } from '../../src/minima/verify-exact/descents.js';
import { readExactResult } from '../../src/minima/verify-exact/read-exact.js';
import { root } from '../setup/paths.mjs';
import { countFrom, runTool } from '../tool.js';

const SETTINGS = { negativeSlope: 0, regularization: 0.01 };
/** Of losses; the files have twelve digits. */
const TOLERANCE = 1e-9;

export function main(words: readonly string[]): Promise<ExitCode> {
  return runTool(() => run(words));
}

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...words],
    options: { descents: { type: 'string', default: '1000' } },
  });
  const descents = countFrom('--descents', values.descents);
  const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: [DIABETES_TARGET] }));
  let isRight = true;
  for (const units of [1, 2, 3]) {
    const result = await enumerateReluMinima({ data, units, ...SETTINGS });
    isRight = describe(result) && isRight;
    // Three units take 90 s of descents, which the two shorter lists have shown enough.
    if (units > 2) continue;
    const claimed = readExactResult(exactDocument(result, data, SETTINGS));
    const { starts, listed, missing } = descendAtRandom(claimed, descents);
    print(`  ${starts} descents: ${listed} on the list, ${missing.length} minima missing`);
    isRight &&= missing.length === 0;
  }
  return isRight ? ExitCode.success : ExitCode.failed;
}

/** @returns whether the minima are those of the file */
function describe({ units, minima, undecided, combinations, seconds }: ReluMinima): boolean {
  const path = join(root, 'test', 'data', 'minima', `relu-bmi-${units}.txt`);
  const truth = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]));
  const differences = minima.map(({ loss }, k) => Math.abs(loss - (truth[k] ?? NaN)));
  const isSame = minima.length === truth.length && differences.every((d) => d < TOLERANCE);
  const best = minima[0]!;
  print(
    `1-${units}-1: ${minima.length} minima, ${isSame ? 'the same' : 'NOT the same'} to ${Math.max(...differences)}, ` +
      `${undecided.length} undecided, ${combinations} combinations, ${seconds.toFixed(1)} s; ` +
      `best ${best.loss}, dual norm ${best.dualNorm.join(' to ')}${best.global ? ', global over all widths' : ''}`,
  );
  return isSame && undecided.length === 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
