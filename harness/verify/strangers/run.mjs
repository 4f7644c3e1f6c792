/** Solves systems whose truth is known, several seeds each, and judges every run. */
import { withLimit } from '../limit.mjs';
import { generateStranger, kindOf } from './generate.mjs';
import { judgeStranger } from './judge.mjs';

/** Errors that are an answer: the input or the job is refused in words. */
const REFUSALS = new Set(['SolveError', 'SystemError', 'StructureError', 'TrackingLimitError']);

/**
 * The generator's seeds for a number of systems of some kinds.
 *
 * @param {{ strangers: number, firstSeed: number, kinds: readonly string[] }} options no kinds: all
 * @returns {number[]}
 */
export function strangerSeeds({ strangers, firstSeed, kinds }) {
  const seeds = [];
  for (let seed = firstSeed; seeds.length < strangers; seed++)
    if (kinds.length === 0 || kinds.includes(kindOf(seed))) seeds.push(seed);
  return seeds;
}

/**
 * @param lps the package
 * @param {Iterable<number>} seeds
 * @yields {import('./generate.mjs').Stranger} those whose solutions nothing can count are left out
 */
export async function* strangersOf(lps, seeds) {
  for (const seed of seeds) {
    const stranger = await generateStranger(lps, seed);
    if (stranger) yield stranger;
  }
}

/**
 * @typedef {object} Known a system whose truth is known
 * @property {string} name
 * @property {string} kind
 * @property {string[]} equations
 * @property {import('./judge.mjs').Expected | null} expected
 */

/**
 * @typedef {object} Run one solve and its verdict
 * @property {number} seed
 * @property {'right' | 'warned' | 'silent'} verdict
 * @property {string[]} problems
 * @property {string[]} words what the result says against itself
 * @property {number} seconds
 *
 * @typedef {{ system: Known, runs: Run[] }} Judged
 */

/**
 * @param lps the package
 * @param gpu an open GpuDevice
 * @param {Iterable<Known> | AsyncIterable<Known>} systems possibly made on the way
 * @param {{ seeds: number[], limitMs: number, precision: string, signal: AbortSignal }} options
 * @param {(system: Known, seed: number) => void} begin called before each run
 * @yields {Judged} nothing of a system at which the signal came
 */
export async function* solveAndJudge(lps, gpu, systems, options, begin = () => undefined) {
  for await (const system of systems) {
    const runs = [];
    for (const seed of options.seeds) {
      if (options.signal.aborted) return;
      begin(system, seed);
      runs.push(await solveOne(lps, gpu, system, seed, options));
    }
    if (options.signal.aborted) return;
    yield { system, runs };
  }
}

async function solveOne(lps, gpu, system, seed, { limitMs, precision, signal }) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const result = await withLimit(limitMs, signal, (limit) =>
      lps.solve(gpu, lps.parseSystem(system), { seed, precision, signal: limit }),
    );
    const { counts, paths, warnings, exactCount } = result;
    return {
      seed,
      ...judgeStranger(system.expected, result),
      counts,
      paths,
      warnings,
      ...(exactCount && { exactCount }),
      seconds: seconds(),
    };
  } catch (error) {
    const refused = REFUSALS.has(error.name);
    const problem = `${error.name}: ${error.message}`;
    return {
      seed,
      verdict: refused ? 'warned' : 'silent',
      problems: [problem],
      words: refused ? [problem] : [],
      seconds: seconds(),
    };
  }
}
