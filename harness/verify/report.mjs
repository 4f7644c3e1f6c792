/** The verification's rows as lines of a terminal, as Markdown, and summed up. */

const columns = [
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
export function heading() {
  return columns.map(([title, width]) => pad(title, width)).join('  ');
}

/** A row, and what is wrong with it. */
export function line(row) {
  const cells = columns
    .map(([, width, text]) => pad(text(row), width))
    .join('  ')
    .trimEnd();
  return [cells, ...row.problems.map((problem) => `    ${problem}`)].join('\n');
}

/** The whole document as Markdown. */
export function markdown(document) {
  const { rows, summary, adapter, date, seeds } = document;
  const cells = (list) => `| ${list.join(' | ')} |`;
  return [
    '# Verification',
    '',
    `\`npm run verify\` on ${date}, ${adapter.description} (${adapter.runtime}), seeds ${seeds.join(', ')}: **${summary.failed === 0 ? 'all' : `${summary.passed} of ${summary.passed + summary.failed}`} checked rows pass**, ${summary.information} rows for information.`,
    '',
    '`expected` and `found` are simple+multiple solutions of systems, paths of structures, complex/real/minima of networks. `residual` is the largest of a simple solution, `distance` the largest relative one between seeds (or from the known solutions), `undecided` the most paths of a seed.',
    '',
    ...summary.problems.map((problem) => `- **${problem}**`),
    cells(columns.map(([title]) => title)),
    cells(columns.map(([, width]) => (width > 0 ? '---:' : '---'))),
    ...rows.map((row) => cells(columns.map(([, , text]) => text(row)))),
    '',
    ...rows.flatMap((row) => row.problems.map((problem) => `- ${row.name}: ${problem}`)),
    '',
  ].join('\n');
}

/** Nine of ten checked systems must leave no path undecided. */
const DECIDED_SHARE = 0.9;

/** Counts of verdicts, and what is wrong with the rows as a whole. */
export function summarise(rows) {
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

function exponent(value) {
  if (value === undefined) return '';
  return value === 0 ? '0' : value.toExponential(0);
}

function pad(text, width) {
  return width > 0 ? text.padStart(width) : text.padEnd(-width);
}
