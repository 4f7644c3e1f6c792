/** What a run over generated systems or cases came to: a table per kind, and every failure with its seeds. */
import { textTable } from '../../../src/cli/text-table.js';
import type { Judged } from './run.js';

/** Share of the runs that must be right. */
export const RIGHT_SHARE = 0.98;
const VERDICTS = ['right', 'warned', 'silent'] as const;

/** Counts of one kind, or of all. */
type Counts = Record<
  'alarms' | 'right' | 'runs' | 'seconds' | 'silent' | 'systems' | 'warned',
  number
>;

export interface StrangersSummary {
  readonly kinds: Readonly<Record<string, Counts>>;
  readonly total: Counts;
  readonly failed: boolean;
}

/** Counts per kind and in all, and whether that is a failure. */
export function summariseStrangers(entries: readonly Judged[]): StrangersSummary {
  const kinds: Record<string, Counts> = {};
  const total = emptyRow();
  for (const { system, runs } of entries) {
    const row = (kinds[system.kind] ??= emptyRow());
    for (const each of [row, total]) {
      each.systems++;
      for (const run of runs) {
        each.runs++;
        each[run.verdict]++;
        if (run.verdict === 'right' && run.words.length > 0) each.alarms++;
        each.seconds += run.seconds;
      }
    }
  }
  return { kinds, total, failed: total.silent > 0 || total.right < RIGHT_SHARE * total.runs };
}

function emptyRow(): Counts {
  return { systems: 0, runs: 0, right: 0, warned: 0, silent: 0, alarms: 0, seconds: 0 };
}

/** Lines for a terminal: failures first, because the table is what stays in sight. */
export function describeStrangers(entries: readonly Judged[], summary: StrangersSummary): string[] {
  return [...entries.flatMap(describeFailures), '', ...table(summary), '', verdictLine(summary)];
}

/**
 * A run that was not right a line, what was wrong with it, and what it says itself.
 */
export function describeFailures({ system, runs }: Judged): string[] {
  return runs
    .filter(({ verdict }) => verdict !== 'right')
    .flatMap(({ seed, verdict, problems, words }) => [
      `${verdict === 'silent' ? 'SILENT' : verdict}  ${system.name}, seed ${seed}: ${problems.join('; ')}`,
      ...words.map((word) => `        it says: ${word}`),
    ]);
}

function table({ kinds, total }: StrangersSummary): string[] {
  const titles = ['kind', 'systems', 'runs', ...VERDICTS, 'false alarms', 'seconds'];
  const cells = ([name, row]: readonly [string, Counts]): string[] => [
    name,
    ...[row.systems, row.runs, ...VERDICTS.map((verdict) => row[verdict]), row.alarms].map(String),
    row.seconds.toFixed(1),
  ];
  return textTable(
    titles.map((title, k) => ({ title, align: k === 0 ? 'left' : 'right' })),
    [...Object.entries(kinds), ['all', total] as const].map(cells),
  );
}

function verdictLine({ total, failed }: StrangersSummary): string {
  const share = total.runs > 0 ? ((100 * total.right) / total.runs).toFixed(1) : '0';
  return `${share}% of ${total.runs} runs right, ${total.silent} silently wrong: ${failed ? 'FAIL' : 'pass'} (wanted: ${100 * RIGHT_SHARE}%, 0)`;
}
