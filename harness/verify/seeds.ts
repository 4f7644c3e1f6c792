/** Seeds on the command line. */
import { UsageError } from '../../src/cli/errors.js';

/**
 * Seeds from text: "1-5", "3" or "1,4,7-9".
 *
 * @throws UsageError for anything else
 */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const match = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || !Number.isSafeInteger(last) || last < first || last - first >= 1000)
      throw new UsageError(`--seeds is "${text}"; give numbers and ranges such as 1-5 or 1,3,7-9`);
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  });
  return [...new Set(seeds)];
}
