/** The history of runs: one JSON line each, with what a trend needs. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { oursOf, rowsOf } from './document.mjs';

/** @returns {object} the document's line */
export function historyEntry(document) {
  const { adapter } = document.runtime;
  return {
    date: document.date,
    version: document.version,
    runtime: `${document.runtime.version} ${adapter.description || `${adapter.vendor} ${adapter.architecture}`}`,
    rows: Object.fromEntries(
      rowsOf(document).flatMap((row) => {
        if (row.kind === 'number') return row.correct ? [[row.id, { value: row.value }]] : [];
        const ours = oursOf(row);
        if (ours?.status !== 'measured') return [];
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

export function appendHistory(path, document) {
  appendFileSync(path, `${JSON.stringify(historyEntry(document))}\n`);
}

/** Lines that another program left half written are passed over. */
export function readHistory(path) {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const entry = JSON.parse(line);
        return entry.rows ? [entry] : [];
      } catch {
        return [];
      }
    });
}
