/** For benchmark-action/github-action-benchmark, tool "customSmallerIsBetter". */
import type { BenchmarkResult } from '../../generated/result.js';
import { oursOf, rowsOf } from './document.js';

export interface ActionEntry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range?: string;
  readonly extra?: string;
}

export function githubAction(document: BenchmarkResult): ActionEntry[] {
  return rowsOf(document).flatMap((row): ActionEntry[] => {
    if (row.kind === 'number')
      return row.correct && row.better === 'smaller'
        ? [{ name: row.id, unit: row.unit, value: row.value, extra: row.title }]
        : [];
    const ours = oursOf(row);
    // On a software adapter the wall clock mostly tells of the neighbours.
    const cpu = document.runtime.adapter.software ? ours?.cpuMs : undefined;
    const time = cpu ?? ours?.wallMs;
    if (ours?.status !== 'measured' || !time) return [];
    return [
      {
        name: row.id,
        unit: cpu ? 'CPU ms' : 'ms',
        value: time.median,
        range: `${time.min} - ${time.max}`,
        extra: row.title,
      },
    ];
  });
}
