/** The history of runs: one JSON line each, with what a trend needs. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { BenchmarkResult } from '../../generated/result.js';
import { adapterName, oursOf, rowsOf } from './document.js';

/** What is kept of a row: the value of a number, our times and the claimed ratios of a comparison. */
export type HistoryRow =
  | { readonly value: number }
  | {
      readonly wallMs: number;
      readonly cpuMs: number | null;
      /** By peer. */
      readonly ratios: Readonly<Record<string, number>>;
    };

export interface HistoryEntry {
  readonly date: string;
  readonly version: string;
  readonly runtime: string;
  readonly rows: Readonly<Record<string, HistoryRow>>;
}

export function historyEntry(document: BenchmarkResult): HistoryEntry {
  return {
    date: document.date,
    version: document.version,
    runtime: `${document.runtime.version} ${adapterName(document)}`,
    rows: Object.fromEntries(
      rowsOf(document).flatMap((row): [string, HistoryRow][] => {
        if (row.kind === 'number') return row.correct ? [[row.id, { value: row.value }]] : [];
        const ours = oursOf(row);
        if (ours?.status !== 'measured' || !ours.wallMs) return [];
        const ratios = row.ratios.filter(({ claimed }) => claimed);
        return [
          [
            row.id,
            {
              wallMs: ours.wallMs.median,
              cpuMs: ours.cpuMs?.median ?? null,
              ratios: Object.fromEntries(
                ratios.map(({ numerator, median }) => [numerator, median]),
              ),
            },
          ],
        ];
      }),
    ),
  };
}

export function appendHistory(path: string, document: BenchmarkResult): void {
  appendFileSync(path, `${JSON.stringify(historyEntry(document))}\n`);
}

/** Lines that another program left half written are passed over. */
export function readHistory(path: string): HistoryEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const entry = JSON.parse(line) as Partial<HistoryEntry>;
        return entry.rows ? [entry as HistoryEntry] : [];
      } catch {
        return [];
      }
    });
}
