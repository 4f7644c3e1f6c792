/**
 * The Deno side of deno.ts: a function's text in on each line of standard input, its answer out on a
 * line of standard output. Ends with its input, that is with the process that started it.
 */
import process from 'node:process';
import { createInterface } from 'node:readline';

/** Begins a line that is an answer; other lines are what functions print. */
export const marker = 'answer: ';

/** @typedef {{ result?: unknown, error?: string }} Answer */

if ('Deno' in globalThis) {
  for await (const line of createInterface({ input: process.stdin })) {
    // oxlint-disable-next-line no-eval -- what is sent is code
    const answer = await (0, eval)(`(${JSON.parse(line)})`)().then(
      (result) => ({ result }),
      (error) => ({ error: String(error?.stack ?? error) }),
    );
    process.stdout.write(`${marker}${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}
