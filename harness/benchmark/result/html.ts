/** The result as one HTML page: charts, tables and the raw data in it, nothing from elsewhere. */
import type { BenchmarkResult, ContenderRecord, SuiteRecord } from '../../generated/result.js';
import type { BaselineComparison } from './baseline.js';
import { timesChart, trendChart } from './charts.js';
import { comparisonsOf } from './document.js';
import type { HistoryEntry } from './history.js';
import { explanation } from './markdown.js';
import {
  baselineTable,
  comparisonTable,
  environmentTable,
  numberTable,
  type Table,
} from './tables.js';

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; } h3 { margin: 1.8rem 0 .2rem; }
.loud { background: #fff3cd; border: 1px solid #e0c060; padding: .6rem .9rem; font-weight: 600; }
.failed { background: #f8d7da; border: 1px solid #d9a0a6; padding: .6rem .9rem; }
.wide { overflow-x: auto; }
.wide table { font-size: 13px; }
table { border-collapse: collapse; margin: .6rem 0 1rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .6rem; vertical-align: top; border-bottom: 1px solid #e4e4e4; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, table.text td { text-align: left; }
table.text td, td.reason { white-space: normal; overflow-wrap: anywhere; }
td.reason { text-align: left; color: #8a1f2b; }
.wide th, .wide td { padding: .2rem .4rem; }
.wide td:last-child { white-space: normal; min-width: 6rem; }
tr.ours td { font-weight: 600; }
small { color: #666; font-weight: 400; }
svg { max-width: 100%; height: auto; }
`;

/** @param history oldest first, this run included */
export async function html(
  document: BenchmarkResult,
  comparison: BaselineComparison | null,
  history: readonly HistoryEntry[],
): Promise<string> {
  const { software } = document.runtime.adapter;
  const title = `lps bench, ${document.date.slice(0, 10)}`;
  const sections: string[] = [];
  for (const suite of document.suites) sections.push(await suiteSection(suite, document, history));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${software ? '<p class="loud">Software adapter: a CPU computes everything. Ratios mean something, times do not, and CPU backends win.</p>' : ''}
<p>${escaped(explanation(document))}</p>
${table(environmentTable(document), { kind: 'text' })}
${sections.join('\n')}
${comparison ? `<h2>Against the baseline of ${escaped(comparison.date)}</h2>\n${table(baselineTable(comparison))}` : ''}
<script type="application/json" id="result">${embedded(document)}</script>
</body>
</html>
`;
}

async function suiteSection(
  { name, status, errors, rows }: SuiteRecord,
  document: BenchmarkResult,
  history: readonly HistoryEntry[],
): Promise<string> {
  const preferred = document.runtime.adapter.software ? 'cpuMs' : 'wallMs';
  const numbers = rows.filter((row) => row.kind === 'number');
  const parts = [`<h2>${escaped(name)}</h2>`];
  if (status !== 'complete')
    parts.push(`<p class="failed">${escaped(`${status}: ${errors.join('; ') || 'stopped'}`)}</p>`);
  for (const row of comparisonsOf(rows)) {
    const clock = row.contenders.some((contender) => contender[preferred]) ? preferred : 'wallMs';
    const trend = await trendChart(row.id, history);
    parts.push(`<section id="${escaped(row.id)}">
<h3>${escaped(row.id)}</h3>
<p>${escaped(row.title)}</p>
${await timesChart(row, clock)}
<div class="wide">${table(comparisonTable(row), { contenders: row.contenders })}</div>
${trend ? `<p>Claimed ratios, run by run:</p>\n${trend}` : ''}
</section>`);
  }
  if (numbers.length > 0) parts.push(table(numberTable(numbers)));
  return parts.join('\n');
}

function table(
  { head, rows }: Table,
  options: {
    readonly kind?: string;
    /** Of the rows, one each. */
    readonly contenders?: readonly ContenderRecord[];
  } = {},
): string {
  const { kind = '', contenders = [] } = options;
  const titles = head.some((text) => text !== '')
    ? `<thead><tr>${head.map((text) => `<th>${escaped(text)}</th>`).join('')}</tr></thead>`
    : '';
  const body = rows.map((cells, k) => {
    const contender = contenders[k];
    if (contender && contender.status !== 'measured')
      return `<tr><td>${escaped(cells[0]!)}</td><td class="reason" colspan="${head.length - 1}">${escaped(cells[1]!)}</td></tr>`;
    return `<tr${contender?.role === 'ours' ? ' class="ours"' : ''}>${cells.map((text) => `<td>${withRange(text)}</td>`).join('')}</tr>`;
  });
  return `<table${kind ? ` class="${kind}"` : ''}>${titles}<tbody>${body.join('\n')}</tbody></table>`;
}

/** The range of a median on a line of its own: tables stay narrow. */
function withRange(text: string): string {
  return escaped(text).replace(/ (\[.*\]\*?)$/, '<br><small>$1</small>');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** JSON inside a script element: "</script>" in a string must not end it. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
