/**
 * Whether anything of ours became slower than in an earlier document.
 *
 * A machine's speed changes from run to run, and a neighbour's load with it: each sample of ours is
 * taken in units of the operation probe beside it, by wall clock and by CPU clock, and a row is only
 * called slower when both clocks say so.
 */
import { median } from 'simple-statistics';
import { oursOf, readDocument, rowsOf } from './document.mjs';

/** @throws {BenchmarkUsageError} */
export function readBaseline(path) {
  return readDocument(path, 'baseline');
}

/**
 * @param document the new result
 * @param baseline the earlier one
 * @param {number} failAbove ratio from which on a row is slower
 * @returns {{ failAbove: number, date: string, rows: { id: string, verdict: 'same' | 'faster' | 'slower' | 'missing' |
 *   'new', wall: number | null, cpu: number | null, explanation: string }[] }}
 */
export function compareWithBaseline(document, baseline, failAbove) {
  const before = new Map(comparable(baseline));
  const rows = comparable(document).map(([id, row]) => {
    const old = before.get(id);
    if (!old) return verdict(id, 'new', null, null, 'is not in the baseline');
    const wall = ratio(costs(row, 'wallMs'), costs(old, 'wallMs'));
    const cpu = ratio(costs(row, 'cpuMs'), costs(old, 'cpuMs'));
    if (wall === null) {
      const reason = `was measured in the baseline and is not any more`;
      return verdict(id, old.samples.length > 0 ? 'missing' : 'same', null, null, reason);
    }
    const ratios = cpu === null ? [wall] : [wall, cpu];
    const least = Math.min(...ratios);
    const most = Math.max(...ratios);
    const times = `takes ${least.toFixed(2)} times the baseline (wall ${wall.toFixed(2)}${cpu === null ? '' : `, CPU ${cpu.toFixed(2)}`})`;
    if (least > failAbove)
      return verdict(id, 'slower', wall, cpu, `${times}; ${failAbove} is allowed`);
    return verdict(id, most < 1 / failAbove ? 'faster' : 'same', wall, cpu, times);
  });
  return { failAbove, date: baseline.date, rows };
}

/**
 * How often each row of ours ran in a sample of the baseline, by id: what a submission costs is shared
 * by the repetitions, so a sample of fewer would look slower.
 *
 * @returns {Record<string, number>}
 */
export function baselineRepetitions(baseline) {
  return Object.fromEntries(
    comparable(baseline).flatMap(([id, { samples }]) =>
      samples.length === 0 ? [] : [[id, samples[0].repetitions]],
    ),
  );
}

function verdict(id, name, wall, cpu, explanation) {
  return { id, verdict: name, wall, cpu, explanation };
}

/** Comparison rows by id, with our samples and the probes. */
function comparable(document) {
  return rowsOf(document)
    .filter(({ kind }) => kind === 'comparison')
    .map((row) => [row.id, { samples: oursOf(row)?.samples ?? [], probes: row.probes }]);
}

/** Our time of each round in operations that the probe could have done meanwhile. */
function costs({ samples, probes }, key) {
  return samples.flatMap((sample) => {
    const probe = probes.find(({ round }) => round === sample.round);
    const speed = key === 'wallMs' ? probe?.operations : probe?.operationsPerCpuSecond;
    return sample[key] === null || !speed ? [] : [sample[key] * speed];
  });
}

function ratio(now, before) {
  return now.length === 0 || before.length === 0 ? null : median(now) / median(before);
}
