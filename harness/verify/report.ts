/** The verification's rows as lines of a terminal, as Markdown, and summed up. */
import { markdownTable } from '../../src/experiments/markdown.js';
import type { GpuInfo, SolveResult } from '../../src/index.js';
import type { Judgement } from './judge-system.js';

/** One thing that was solved and compared, in each section. */
export interface VerificationRow extends Pick<
  Judgement,
  'expected' | 'found' | 'paths' | 'problems' | 'verdict'
> {
  readonly section: 'systems' | 'structures' | 'networks' | 'main job' | 'families';
  readonly name: string;
  /** How much is known of it. */
  readonly kind: string;
  /** How many. */
  readonly seeds: number;
  readonly seconds: number;
  readonly failed?: number;
  readonly residual?: number;
  readonly distance?: number;
  readonly realDistance?: number;
  readonly start?: string;
  readonly runs?: readonly Pick<SolveResult, 'counts' | 'paths' | 'seed' | 'timing' | 'warnings'>[];
}

export interface VerificationSummary {
  readonly passed: number;
  readonly failed: number;
  readonly information: number;
  readonly decided: number;
  readonly tracked: number;
  readonly problems: readonly string[];
}

export interface VerificationDocument {
  readonly schemaVersion: 1;
  /** A day. */
  readonly date: string;
  readonly seeds: readonly number[];
  readonly adapter: GpuInfo;
  readonly precision: string;
  readonly seconds: number;
  readonly summary: VerificationSummary;
  readonly rows: readonly VerificationRow[];
}

/** A title, its width (negative: to the left), its cell. */
const columns: readonly (readonly [string, number, (row: VerificationRow) => string])[] = [
  ['section', 10, (row) => row.section],
  ['name', -22, (row) => row.name],
  ['known', -16, (row) => row.kind],
  ['expected', 11, (row) => row.expected],
  ['found', 11, (row) => row.found],
  ['seeds', 5, (row) => String(row.seeds)],
  ['paths', 6, (row) => String(row.paths)],
  ['undecided', 9, (row) => (row.failed === undefined ? '' : String(row.failed))],
  ['residual', 8, (row) => exponent(row.residual)],
  ['distance', 8, (row) => exponent(row.distance)],
  ['seconds', 7, (row) => row.seconds.toFixed(2)],
  ['verdict', -7, (row) => row.verdict],
];

/** The first line of the table. */
export function heading(): string {
  return columns.map(([title, width]) => pad(title, width)).join('  ');
}

/** A row, and what is wrong with it. */
export function line(row: VerificationRow): string {
  const cells = columns
    .map(([, width, text]) => pad(text(row), width))
    .join('  ')
    .trimEnd();
  return [cells, ...row.problems.map((problem) => `    ${problem}`)].join('\n');
}

/** The whole document as Markdown. */
export function markdown(document: VerificationDocument): string {
  const { rows, summary, adapter, date, seeds } = document;
  return [
    '# Verification',
    '',
    `\`npm run verify\` on ${date}, ${adapter.description} (${adapter.runtime}), seeds ${seeds.join(', ')}: **${summary.failed === 0 ? 'all' : `${summary.passed} of ${summary.passed + summary.failed}`} checked rows pass**, ${summary.information} rows for information.`,
    '',
    '`expected` and `found` are simple+multiple solutions of systems, paths of structures, complex/real/minima of networks. `residual` is the largest of a simple solution, `distance` the largest relative one between seeds (or from the known solutions), `undecided` the most paths of a seed.',
    '',
    ...summary.problems.map((problem) => `- **${problem}**`),
    markdownTable(
      columns.map(([title]) => title),
      rows.map((row) => columns.map(([, , text]) => text(row))),
    ),
    '',
    ...rows.flatMap((row) => row.problems.map((problem) => `- ${row.name}: ${problem}`)),
    '',
  ].join('\n');
}

/** Nine of ten checked systems must leave no path undecided. */
const DECIDED_SHARE = 0.9;

/** Counts of verdicts, and what is wrong with the rows as a whole. */
export function summarise(
  rows: readonly Pick<VerificationRow, 'failed' | 'section' | 'verdict'>[],
): VerificationSummary {
  const checked = rows.filter(({ verdict }) => verdict !== 'info');
  const failed = checked.filter(({ verdict }) => verdict === 'FAIL').length;
  const tracked = checked.filter((row) => row.section === 'systems');
  const decided = tracked.filter((row) => row.failed === 0).length;
  const problems =
    decided < DECIDED_SHARE * tracked.length
      ? [`only ${decided} of ${tracked.length} systems have no undecided path`]
      : [];
  return {
    passed: checked.length - failed,
    failed,
    information: rows.length - checked.length,
    decided,
    tracked: tracked.length,
    problems,
  };
}

function exponent(value: number | undefined): string {
  if (value === undefined) return '';
  return value === 0 ? '0' : value.toExponential(0);
}

function pad(text: string, width: number): string {
  return width > 0 ? text.padStart(width) : text.padEnd(-width);
}
