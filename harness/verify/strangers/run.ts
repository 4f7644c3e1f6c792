/** Solves systems whose truth is known, several seeds each, and judges every run. */
import type * as library from '../../../src/index.js';
import { withLimit } from '../limit.js';
import { generateStranger, kindOf, type Counter, type Stranger } from './generate.js';
import { judgeStranger, type Judgement, type Known } from './judge.js';

/** Errors that are an answer: the input or the job is refused in words. */
const REFUSALS = new Set(['SolveError', 'SystemError', 'StructureError', 'TrackingLimitError']);

/** One solve and its verdict. */
export interface Run
  extends Judgement, Partial<Pick<library.SolveResult, 'counts' | 'paths' | 'warnings'>> {
  readonly seed: number;
  readonly exactCount?: library.SolveResult['exactCount'];
  readonly seconds: number;
}

export interface Judged {
  readonly system: Known;
  readonly runs: readonly Run[];
}

export interface JudgeOptions {
  readonly seeds: readonly number[];
  readonly limitMs: number;
  readonly precision: NonNullable<library.SolveOptions['precision']>;
  readonly signal: AbortSignal;
}

/** The library that is judged: dist/ in tests, our own in the command. */
export type Library = Pick<typeof library, 'parseSystem' | 'solve'>;

/** The generator's seeds for a number of systems of some kinds; no kinds: all. */
export function strangerSeeds({
  strangers,
  firstSeed,
  kinds,
}: {
  readonly strangers: number;
  readonly firstSeed: number;
  readonly kinds: readonly string[];
}): number[] {
  const seeds: number[] = [];
  for (let seed = firstSeed; seeds.length < strangers; seed++)
    if (kinds.length === 0 || kinds.includes(kindOf(seed))) seeds.push(seed);
  return seeds;
}

/** @yields those whose solutions nothing can count are left out */
export async function* strangersOf(
  lps: Counter,
  seeds: Iterable<number>,
): AsyncGenerator<Stranger> {
  for (const seed of seeds) {
    const stranger = await generateStranger(lps, seed);
    if (stranger) yield stranger;
  }
}

/**
 * @param systems possibly made on the way
 * @param begin called before each run
 * @yields nothing of a system at which the signal came
 */
export async function* solveAndJudge(
  lps: Library,
  gpu: library.GpuDevice,
  systems: Iterable<Known> | AsyncIterable<Known>,
  options: JudgeOptions,
  begin: (system: Known, seed: number) => void = () => undefined,
): AsyncGenerator<Judged> {
  for await (const system of systems) {
    const runs: Run[] = [];
    for (const seed of options.seeds) {
      if (options.signal.aborted) return;
      begin(system, seed);
      runs.push(await solveOne(lps, gpu, system, seed, options));
    }
    if (options.signal.aborted) return;
    yield { system, runs };
  }
}

async function solveOne(
  lps: Library,
  gpu: library.GpuDevice,
  system: Known,
  seed: number,
  { limitMs, precision, signal }: JudgeOptions,
): Promise<Run> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  try {
    const result = await withLimit(limitMs, signal, (limit) =>
      lps.solve(gpu, lps.parseSystem(system), { seed, precision, signal: limit }),
    );
    const { counts, paths, warnings, exactCount } = result;
    return {
      seed,
      ...judgeStranger(system.expected!, result),
      counts,
      paths,
      warnings,
      ...(exactCount && { exactCount }),
      seconds: seconds(),
    };
  } catch (error) {
    const { name, message } = error as Error;
    const refused = REFUSALS.has(name);
    const problem = `${name}: ${message}`;
    return {
      seed,
      verdict: refused ? 'warned' : 'silent',
      problems: [problem],
      words: refused ? [problem] : [],
      seconds: seconds(),
    };
  }
}
