/**
 * Whether anything of ours became slower than in an earlier document.
 *
 * A machine's speed changes from run to run, and a neighbour's load with it: each sample of ours is
 * taken in units of the operation probe beside it, by wall clock and by CPU clock, and a row is only
 * called slower when both clocks say so.
 */
import type { BenchmarkResult, ProbeSample, Sample } from '../../generated/result.js';
import { median } from '../../statistics.js';
import { comparisonsOf, oursOf, readDocument, rowsOf } from './document.js';

export interface BaselineVerdict {
  readonly id: string;
  readonly verdict: 'same' | 'faster' | 'slower' | 'missing' | 'new';
  /** Times the baseline; null without a measurement on both sides. */
  readonly wall: number | null;
  readonly cpu: number | null;
  readonly explanation: string;
}

export interface BaselineComparison {
  readonly failAbove: number;
  /** Of the baseline. */
  readonly date: string;
  readonly rows: readonly BaselineVerdict[];
}

/** @throws UsageError */
export function readBaseline(path: string): BenchmarkResult {
  return readDocument(path, 'baseline');
}

/** @param failAbove ratio from which on a row is slower */
export function compareWithBaseline(
  document: BenchmarkResult,
  baseline: BenchmarkResult,
  failAbove: number,
): BaselineComparison {
  const before = new Map(comparable(baseline).map((row) => [row.id, row]));
  const rows = comparable(document).map((row): BaselineVerdict => {
    const { id } = row;
    const old = before.get(id);
    const none = { id, wall: null, cpu: null };
    if (!old) return { ...none, verdict: 'new', explanation: 'is not in the baseline' };
    const wall = ratio(costs(row, 'wallMs'), costs(old, 'wallMs'));
    const cpu = ratio(costs(row, 'cpuMs'), costs(old, 'cpuMs'));
    if (wall === null) {
      const explanation = 'was measured in the baseline and is not any more';
      return { ...none, verdict: old.samples.length > 0 ? 'missing' : 'same', explanation };
    }
    const ratios = cpu === null ? [wall] : [wall, cpu];
    const least = Math.min(...ratios);
    const most = Math.max(...ratios);
    const times = `takes ${least.toFixed(2)} times the baseline (wall ${wall.toFixed(2)}${cpu === null ? '' : `, CPU ${cpu.toFixed(2)}`})`;
    if (least > failAbove) {
      const explanation = `${times}; ${failAbove} is allowed`;
      return { id, verdict: 'slower', wall, cpu, explanation };
    }
    const verdict = most < 1 / failAbove ? 'faster' : 'same';
    return { id, verdict, wall, cpu, explanation: times };
  });
  return { failAbove, date: baseline.date, rows };
}

/**
 * How often each row of ours ran in a sample of the baseline, by id: what a submission costs is shared
 * by the repetitions, so a sample of fewer would look slower.
 */
export function baselineRepetitions(baseline: BenchmarkResult): Record<string, number> {
  return Object.fromEntries(
    comparable(baseline).flatMap(({ id, samples: [first] }) =>
      first ? [[id, first.repetitions]] : [],
    ),
  );
}

interface Comparable {
  readonly id: string;
  /** Ours. */
  readonly samples: readonly Sample[];
  readonly probes: readonly ProbeSample[];
}

function comparable(document: BenchmarkResult): Comparable[] {
  return comparisonsOf(rowsOf(document)).map((row) => ({
    id: row.id,
    samples: oursOf(row)?.samples ?? [],
    probes: row.probes,
  }));
}

/** Our time of each round in operations that the probe could have done meanwhile. */
function costs({ samples, probes }: Comparable, key: 'wallMs' | 'cpuMs'): number[] {
  return samples.flatMap((sample) => {
    const probe = probes.find(({ round }) => round === sample.round);
    const speed = key === 'wallMs' ? probe?.operations : probe?.operationsPerCpuSecond;
    const time = sample[key];
    return time === null || !speed ? [] : [time * speed];
  });
}

function ratio(now: readonly number[], before: readonly number[]): number | null {
  return now.length === 0 || before.length === 0 ? null : median([...now]) / median([...before]);
}
