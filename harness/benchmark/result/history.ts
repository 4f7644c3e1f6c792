/** The history of runs: one JSON line each, with what a trend needs. */
import { existsSync, readFileSync } from 'node:fs';
import { violation } from '../../../src/cli/record-schema.js';
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

/** What a line must be to count. */
const ENTRY_SCHEMA = {
  type: 'object',
  required: ['date', 'version', 'runtime', 'rows'],
  properties: {
    date: { type: 'string' },
    version: { type: 'string' },
    runtime: { type: 'string' },
    rows: {
      type: 'object',
      additionalProperties: {
        anyOf: [
          { type: 'object', required: ['value'], properties: { value: { type: 'number' } } },
          {
            type: 'object',
            required: ['wallMs', 'cpuMs', 'ratios'],
            properties: {
              wallMs: { type: 'number' },
              cpuMs: { type: ['number', 'null'] },
              ratios: { type: 'object', additionalProperties: { type: 'number' } },
            },
          },
        ],
      },
    },
  },
} as const;

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

/** Lines that another program left half written are passed over. */
export function readHistory(path: string): HistoryEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const entry = JSON.parse(line) as unknown;
        return violation(ENTRY_SCHEMA, entry) === null ? [entry as HistoryEntry] : [];
      } catch {
        return [];
      }
    });
}
