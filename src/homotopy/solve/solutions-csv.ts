/** Solutions as a table for spreadsheets and data frames. */
import type { Solution, SolveResult } from './solution.js';

const QUALITIES = [
  'residual',
  'condition',
  'multiplicity',
  'winding',
  'real',
  'singular',
  'certified',
] as const;

/**
 * One row a solution (RFC 4180, lines end with CRLF), header first: `x_re,x_im` for every unknown x, then
 * residual, condition (empty when singular), multiplicity, winding, real, singular and certified (true or
 * false). Numbers are written so that they read back as the same f64.
 */
export function formatSolutionsCsv(result: Pick<SolveResult, 'system' | 'solutions'>): string {
  return [...solutionsCsvRows(result)].join('');
}

/** The same row by row. */
export function* solutionsCsvRows({
  system,
  solutions,
}: Pick<SolveResult, 'system'> & { readonly solutions: Iterable<Solution> }): Generator<
  string,
  void,
  undefined
> {
  const header = [
    ...system.variables.flatMap((name) => [`${name}_re`, `${name}_im`]),
    ...QUALITIES,
  ];
  // Names and numbers hold no commas, quotes or line ends.
  yield `${header.join(',')}\r\n`;
  for (const solution of solutions) {
    const row = [
      ...solution.coordinates.flat(),
      ...QUALITIES.map((quality) => solution[quality] ?? ''),
    ];
    yield `${row.join(',')}\r\n`;
  }
}
