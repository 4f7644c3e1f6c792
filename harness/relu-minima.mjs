/**
 * Measures what is too long for the tests: `node harness/relu-minima.mjs [--descents N]` enumerates the
 * minima of 1-1-1, 1-2-1 and 1-3-1 on bmi -> progression, compares them with test/data/minima, and lets
 * N random starts (default 1,000) of 1-1-1 and 1-2-1 descend: every minimum reached must be on the list.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as lps from '../dist/internals/index.js';
import { root } from './setup/paths.mjs';

const { values } = parseArgs({ options: { descents: { type: 'string', default: '1000' } } });
const settings = { negativeSlope: 0, regularization: 0.01 };
const data = lps.standardize(
  lps.readTable(lps.DIABETES_CSV, { x: ['bmi'], y: [lps.DIABETES_TARGET] }),
);
let isRight = true;

for (const units of [1, 2, 3]) {
  const result = await lps.enumerateReluMinima({ data, units, ...settings });
  const truth = readFileSync(join(root, 'test', 'data', 'minima', `relu-bmi-${units}.txt`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  const differences = result.minima.map(({ loss }, k) => Math.abs(loss - truth[k]?.[1]));
  const isSame = result.minima.length === truth.length && differences.every((d) => d < 1e-9);
  isRight &&= isSame && result.undecided.length === 0;
  const [best] = result.minima;
  console.log(
    `1-${units}-1: ${result.minima.length} minima, ${isSame ? 'the same' : 'NOT the same'}, largest difference ${Math.max(...differences)}, ` +
      `${result.undecided.length} undecided, ${result.combinations} combinations, ${result.seconds.toFixed(1)} s; ` +
      `best ${best.loss}, dual norm ${best.dualNorm.join(' to ')}${best.global ? ', global over all widths' : ''}`,
  );
  if (units > 2) continue;
  const document = lps.exactDocument(result, data, settings);
  const { starts, listed, missing } = lps.descendAtRandom(
    lps.readExactResult(document),
    Number(values.descents),
  );
  isRight &&= missing.length === 0;
  console.log(`  ${starts} descents: ${listed} on the list, ${missing.length} minima missing`);
}
process.exitCode = isRight ? 0 : 1;
