/**
 * Checks an exact result from its data and its numbers alone, with code that shares nothing with the
 * enumeration: a plain forward pass over all rows, slopes to both sides of kinks, the dual norm by its
 * candidates, the counts by their formulas, and descents from random starts.
 */
import { checkMinimum, mergedUnits, norm } from './check-minimum.js';
import type { CheckOutcome } from '../check-outcome.js';
import { descendAtRandom } from './descents.js';
import { dualNormAt, lowerBoundAt } from './dual-norm.js';
import { readExactResult, type ClaimedMinimum, type ClaimedResult } from './read-exact.js';

/** Agreement of numbers that both sides computed, relative to 1 + their size. */
const CLOSE = 1e-8;

/**
 * @param document parsed JSON of `lps minima --exact --json`, or of `lps minima --json`
 * @throws DocumentError when it is no such document
 */
export function verifyExact(document: unknown): CheckOutcome[] {
  const result = readExactResult(document);
  const { minima } = result;
  const each = (check: (minimum: ClaimedMinimum) => readonly string[]): string[] =>
    minima.flatMap((minimum, k) => check(minimum).map((text) => `minimum ${k + 1}: ${text}`));
  const descents = result.regularization > 0 && descendAtRandom(result);
  return [
    {
      check: 'minima',
      detail: `loss, stationarity, kinks and margin of ${minima.length} minima`,
      failures: each((minimum) => checkMinimum(result, minimum)),
    },
    { check: 'list', detail: 'ordered by loss, no minimum twice', failures: checkList(result) },
    {
      check: 'dual norm',
      detail: 'dual norms, bounds for every width, global claims',
      failures: [...each((minimum) => checkDual(result, minimum)), ...checkBound(result)],
    },
    {
      check: 'counts',
      detail: 'numbers of combinations and of minima',
      failures: checkCounts(result),
    },
    {
      check: 'descents',
      detail:
        descents === false
          ? 'not run: lambda is not above 0'
          : `${descents.starts} random starts, ${descents.listed} ends on the list`,
      failures: [
        ...(descents === false
          ? [`lambda is ${result.regularization}: the theorem needs it above 0`]
          : descents.missing.map((loss) => `a minimum of loss ${loss} is missing`)),
      ],
    },
  ];
}

function checkList(result: ClaimedResult): string[] {
  const failures: string[] = [];
  const { minima } = result;
  const functions = minima.map((minimum) => ({
    betas: mergedUnits(minimum),
    bias: minimum.bias,
  }));
  minima.forEach(({ loss }, k) => {
    if (k > 0 && loss < minima[k - 1]!.loss) {
      failures.push(`minimum ${k + 1} has a lower loss than the one before it`);
    }
    for (let j = 0; j < k; j++) {
      const [a, b] = [functions[j]!, functions[k]!];
      const isSame =
        a.betas.length === b.betas.length &&
        Math.abs(a.bias - b.bias) < CLOSE &&
        a.betas.every((beta) =>
          b.betas.some((other) => norm(beta.map((entry, i) => entry - other[i]!)) < CLOSE),
        );
      if (isSame) failures.push(`minimum ${k + 1} is minimum ${j + 1} again`);
    }
  });
  return failures;
}

function checkDual(result: ClaimedResult, claimed: ClaimedMinimum): string[] {
  const failures: string[] = [];
  const found = dualNormAt(result, claimed);
  const [low, high] = claimed.dualNorm;
  const isClose = (a: number, b: number): boolean =>
    Math.abs(a - b) <= CLOSE * (1 + Math.abs(a) + Math.abs(b));
  if (!(low <= high && isClose(found, low) && isClose(found, high))) {
    failures.push(`its dual norm is ${found}, not within ${low} to ${high}`);
  }
  if (claimed.global && !(found <= 1 + CLOSE && high <= 1)) {
    failures.push(`it is not proved to be the global minimum: its dual norm is ${found}, above 1`);
  }
  if (!claimed.global && high <= 1) {
    failures.push('its dual norm is at most 1, so it is the global minimum, which it denies');
  }
  const bound = lowerBoundAt(result, claimed, found);
  if (!isClose(bound, claimed.lowerBound)) {
    failures.push(
      `the bound that follows from its dual norm is ${bound}, not ${claimed.lowerBound}`,
    );
  }
  return failures;
}

function checkBound({ minima, lowerBound }: ClaimedResult): string[] {
  const best = Math.max(...minima.map((minimum) => minimum.lowerBound));
  return [
    ...(minima.length > 0 && Math.abs(best - lowerBound) > CLOSE * (1 + Math.abs(best))
      ? [`the best bound of the minima is ${best}, not ${lowerBound}`]
      : []),
    ...minima.flatMap(({ loss }, k) =>
      loss < lowerBound - CLOSE ? [`minimum ${k + 1} lies below the bound ${lowerBound}`] : [],
    ),
    ...minima.flatMap(({ global }, k) =>
      global && k > 0 ? [`minimum ${k + 1} is not the best, and claims to be global`] : [],
    ),
  ];
}

/** One input: 4 m - 3 states of a relu unit, 4 m of a leaky one, on m different values. */
function checkCounts(result: ClaimedResult): string[] {
  const { inputs, units, negativeSlope, byUnits, combinations, minima, undecided } = result;
  const failures: string[] = [];
  if (result.partial)
    failures.push('the enumeration was stopped before its end: nothing is complete');
  if (undecided > 0) failures.push(`${undecided} combinations are undecided`);
  const distinct = new Set(inputs.map((row) => row.join(' '))).size;
  const states = negativeSlope === 0 ? 4 * distinct - 3 : 4 * distinct;
  let sum = 0;
  for (let k = 1; k <= units; k++) {
    const counts = byUnits[k - 1] ?? {};
    // How many of them a screening left to f64 is no part of the sum.
    const { combinations: number, minima: listed, units: _, handedOver = 0, ...parts } = counts;
    const expected = binomial(states, k);
    if (inputs[0]!.length === 1 && number !== expected) {
      failures.push(
        `${states} states make ${expected} combinations of ${k} units, not ${String(number)}`,
      );
    }
    if (handedOver > (number ?? 0)) {
      failures.push(
        `${handedOver} of ${String(number)} combinations of ${k} units are said to have been left to f64`,
      );
    }
    const decided = Object.values(parts).reduce((total, part) => total + part, 0);
    if (decided !== number) {
      failures.push(`of ${String(number)} combinations of ${k} units ${decided} are accounted for`);
    }
    const here = minima.filter(({ distinctUnits }) => distinctUnits === k).length;
    if (here !== listed) {
      failures.push(
        `${here} minima with ${k} different units are listed, ${String(listed)} were found`,
      );
    }
    sum += number ?? 0;
  }
  if (sum !== combinations) failures.push(`the combinations add up to ${sum}, not ${combinations}`);
  return failures;
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 0; i < k; i++) result = (result * (n - i)) / (i + 1);
  return Math.round(result);
}
