/**
 * Compares the results of several seeds with what is known of a system. No GPU, no files: plain data
 * in, plain data out, so that the judge itself is tested.
 */
import type { Solution, SolveResult } from '../../src/index.js';
import type { Expectation } from './expectations.js';
import { comparePointSets, flatten } from './point-sets.js';

/** Largest residual of a simple solution. */
const RESIDUAL = 1e-12;
/** Solutions of two seeds are the same up to this, relative. */
export const SAME = 1e-8;
/** Share of a system's paths that may stay undecided. */
const FAILED_SHARE = 0.01;

/** What the judge looks at of a result. */
export interface JudgedResult extends Pick<SolveResult, 'counts' | 'partial' | 'seed'> {
  readonly start: Pick<SolveResult['start'], 'paths'>;
  readonly paths: Pick<
    SolveResult['paths'],
    'atInfinity' | 'failed' | 'regular' | 'singular' | 'tracked'
  >;
  readonly solutions: readonly Pick<
    Solution,
    'coordinates' | 'multiplicity' | 'residual' | 'singular'
  >[];
}

export interface Judgement {
  readonly verdict: 'pass' | 'FAIL' | 'info';
  readonly problems: readonly string[];
  readonly expected: string;
  readonly found: string;
  /** Of the first seed's start. */
  readonly paths: number;
  /** The largest number of undecided paths of a seed. */
  readonly failed: number;
  /** The largest of all simple solutions. */
  readonly residual: number;
  /** The largest between two seeds. */
  readonly distance: number;
}

/** @param results of each seed, at least one */
export function judgeSystem(
  expectation: Omit<Expectation, 'large'>,
  results: readonly JudgedResult[],
): Judgement {
  const problems: string[] = [];
  const first = results[0]!;
  const simple = results.map((result) => result.solutions.filter(({ singular }) => !singular));
  const residual = Math.max(0, ...simple.flat().map((solution) => solution.residual));
  let distance = 0;

  results.forEach((result, k) => {
    const report = (text: string): void => {
      problems.push(`seed ${result.seed}: ${text}`);
    };
    if (result.partial) report('stopped by the time limit');
    const { tracked, regular, singular, atInfinity, failed } = result.paths;
    if (tracked !== regular + singular + atInfinity + failed)
      report(`${tracked} paths tracked, ${regular + singular + atInfinity + failed} classified`);
    if (tracked !== result.start.paths && !result.partial)
      report(`${tracked} of ${result.start.paths} paths tracked`);
    if (!isChecked(expectation)) return;

    const { counts } = result;
    if (counts.nonsingular !== expectation.nonsingular)
      report(`${counts.nonsingular} simple solutions, not ${String(expectation.nonsingular)}`);
    if (expectation.kind === 'singular') judgeMultiple(expectation, result, report);
    else {
      if (counts.distinct !== counts.nonsingular)
        report(`${counts.distinct - counts.nonsingular} solutions called singular; all are simple`);
      if (expectation.real !== null && counts.real !== expectation.real)
        report(`${counts.real} real solutions, not ${expectation.real}`);
    }
    if (failed > FAILED_SHARE * tracked) report(`${failed} of ${tracked} paths undecided`);
    if (k === 0) return;
    const sets = comparePointSets(simple[0]!.map(flatten), simple[k]!.map(flatten), SAME);
    distance = Math.max(distance, sets.largest);
    if (sets.missing + sets.surplus > 0)
      report(
        `${sets.missing} solutions of seed ${first.seed} missing, ${sets.surplus} others found`,
      );
  });
  if (isChecked(expectation) && !(residual <= RESIDUAL))
    problems.push(`residual ${residual.toExponential(1)}`);

  return {
    verdict: problems.length > 0 ? 'FAIL' : isChecked(expectation) ? 'pass' : 'info',
    problems,
    expected: describeCounts(expectation.nonsingular, expectation.singular),
    found: summarise(results),
    paths: first.start.paths,
    failed: Math.max(...results.map((result) => result.paths.failed)),
    residual,
    distance,
  };
}

/** A multiple solution may be reported as singular or left undecided, but not be counted twice. */
function judgeMultiple(
  { singular, multiplicities }: Pick<Expectation, 'multiplicities' | 'singular'>,
  result: JudgedResult,
  report: (text: string) => void,
): void {
  const multiple = result.solutions.filter((solution) => solution.singular);
  const total = result.solutions.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
  const { failed } = result.paths;
  if (multiplicities !== null && (total > multiplicities || total + failed < multiplicities))
    report(`multiplicities sum to ${total} (${failed} undecided), not ${multiplicities}`);
  if (failed === 0 && multiple.length !== singular)
    report(`${multiple.length} multiple solutions, not ${String(singular)}`);
}

function isChecked({ kind }: Pick<Expectation, 'kind'>): boolean {
  return kind === 'exact' || kind === 'counted' || kind === 'singular';
}

function describeCounts(nonsingular: number | null, singular: number | null): string {
  if (nonsingular === null) return '?';
  return singular ? `${nonsingular}+${singular}` : String(nonsingular);
}

/** "24+8" for simple and multiple solutions; all of them when the seeds differ. */
function summarise(results: readonly JudgedResult[]): string {
  const texts = results.map(({ counts }) =>
    describeCounts(counts.nonsingular, counts.distinct - counts.nonsingular),
  );
  return [...new Set(texts)].join('/');
}
