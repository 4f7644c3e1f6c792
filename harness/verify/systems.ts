/**
 * The sections `systems`, `structures` of the verification: every file of test/data/systems solved with several
 * seeds, and its smallest product structure counted.
 */
import { cpuSeconds } from '../clocks.js';
import {
  chooseStart,
  parseSystem,
  solve,
  type GpuDevice,
  type SolveResult,
} from '../../src/index.js';
import { expectationOf, readSystemFile } from './expectations.js';
import { judgeSystem } from './judge-system.js';
import { withLimit } from './limit.js';
import type { VerificationRow } from './report.js';

/** Seeds per kind; a number of seeds, or all that were asked for. */
const SEEDS = { exact: Infinity, counted: Infinity, singular: Infinity, information: 1 };

/** What the sections that solve are told. */
export interface SectionOptions {
  readonly seeds: readonly number[];
  /** Time that one solve may take. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * @param options `large`: also files with over 10,000 paths that no exact count stands beside
 * @yields one row per file
 */
export async function* verifySystems(
  gpu: GpuDevice,
  options: SectionOptions & { readonly names: readonly string[]; readonly large: boolean },
): AsyncGenerator<VerificationRow> {
  const { names, seeds, limitMs, large, signal } = options;
  for (const name of names) {
    const file = readSystemFile(name);
    const expectation = expectationOf(file);
    if (expectation.large && !large) continue;
    const system = parseSystem(file);
    const results: SolveResult[] = [];
    const begin = performance.now();
    for (const seed of seeds.slice(0, SEEDS[expectation.kind])) {
      if (signal.aborted) return;
      results.push(
        await withLimit(limitMs, signal, (limit) => solve(gpu, system, { seed, signal: limit })),
      );
    }
    const seconds = (performance.now() - begin) / 1000;
    yield {
      section: 'systems',
      name,
      kind: expectation.kind,
      seeds: results.length,
      ...judgeSystem(expectation, results),
      start: results[0]!.start.kind,
      seconds,
      runs: results.map(({ seed, counts, paths, warnings, timing }) => ({
        seed,
        counts,
        paths,
        warnings,
        timing,
      })),
    };
  }
}

/**
 * The automatic start never needs more paths than PHCpack's general linear product.
 *
 * The CPU time of the search is reported, not judged: it depends on the machine.
 */
export function* verifyStructures(names: readonly string[]): Generator<VerificationRow> {
  for (const name of names) {
    const file = readSystemFile(name);
    const bound = file.generalLinearProductBezout?.value;
    if (bound === undefined) continue;
    const system = parseSystem(file);
    const begin = process.cpuUsage();
    const plan = chooseStart(system);
    const seconds = cpuSeconds(begin);
    const problems =
      plan.paths <= BigInt(bound) ? [] : [`${plan.paths} paths, PHCpack finds ${bound}`];
    yield {
      section: 'structures',
      name,
      kind: plan.kind,
      seeds: 1,
      verdict: problems.length > 0 ? 'FAIL' : 'pass',
      problems,
      expected: `<=${bound}`,
      found: String(plan.paths),
      paths: Number(plan.paths),
      seconds,
    };
  }
}
