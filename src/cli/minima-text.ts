/** Critical points and minima for people. */
import type { SolveResult } from '../homotopy/index.js';
import { countPoints } from '../minima/critical-points.js';
import type { NetworkMinima } from '../minima/find-minima.js';
import type { StoredBase } from './family-store.js';
import { plural, significant } from './numbers.js';
import { describeRun } from './solve-output.js';
import { textTable } from './text-table.js';

/** Digits of parameters and losses in tables. */
const DIGITS = 7;
/** Seven unknowns fit; beyond it one unknown a line is easier to read. */
const WIDEST_TABLE = 120;

/** The lines for standard output. */
export function describeMinima(
  result: SolveResult,
  minima: NetworkMinima,
  stored: StoredBase | null,
): string[] {
  return [
    ...describeProblem(minima),
    ...describeRun(result),
    ...(stored === null
      ? []
      : [
          `family     ${stored.shipped ? 'shipped' : stored.path}; --full follows all paths instead`,
        ]),
    ...describeCriticalPoints(minima),
    '',
    ...describeMinimaTable(minima),
    '',
    ...describePolished(minima),
    ...[...result.warnings, ...minima.warnings].map((warning) => `warning: ${warning}`),
  ];
}

/** Data, network, activation. */
export function describeProblem({ problem }: NetworkMinima): string[] {
  const { options, activation, family } = problem;
  const { data, regularization } = options;
  const { layers, bias } = family.layout.architecture;
  const biases = { true: 'all biases', output: 'output biases', false: 'no biases' }[String(bias)]!;
  const polynomial = describePolynomial(activation.coefficients);
  return [
    `data       ${plural(data.inputs.length, 'row')}, ${data.x.join(', ')} -> ${data.y.join(', ')}, ${data.scaling ? 'standardised' : 'raw'}`,
    `network    ${layers.join('-')}, ${biases}, ${plural(family.layout.variables.length, 'unknown')}, regularization ${regularization}`,
    `activation ${activation.name} as ${polynomial} on [-${activation.radius}, ${activation.radius}], ${activation.maxError === 0 ? 'exactly' : `error up to ${significant(activation.maxError, 3)}`}`,
  ];
}

/** "0.09375 + 0.5 z + 0.46875 z^2", lowest power first */
function describePolynomial(coefficients: readonly number[]): string {
  const terms = coefficients.flatMap((value, power) => {
    if (value === 0) return [];
    if (power === 0) return [significant(value, 5)];
    const monomial = power === 1 ? 'z' : `z^${power}`;
    return [value === 1 ? monomial : `${significant(value, 5)} ${monomial}`];
  });
  return terms.join(' + ').replaceAll('+ -', '- ');
}

/** How many real critical points of each index, and the Euler check. */
export function describeCriticalPoints({ points, minima, eulerSum }: NetworkMinima): string[] {
  const byIndex = new Map<number, number>();
  for (const { morseIndex, copies } of points) {
    byIndex.set(morseIndex, (byIndex.get(morseIndex) ?? 0) + copies);
  }
  const indices = [...byIndex]
    .sort(([a], [b]) => a - b)
    .map(([index, number]) => `${number} of index ${index}`)
    .join(', ');
  return [
    `critical   ${plural(countPoints(points), 'real critical point')} (${indices}), ${plural(countPoints(minima.map((index) => points[index]!)), 'local minimum').replace('minimums', 'minima')}`,
    `Euler      the sum of (-1)^index is ${eulerSum}${eulerSum === 1 ? ', as it must be when none is missing' : ', NOT 1'}`,
  ];
}

/** Loss and parameters of the minima, one row for all copies under the network's symmetries. */
export function describeMinimaTable({ problem, points, minima }: NetworkMinima): string[] {
  const { variables } = problem.family.layout;
  if (minima.length === 0) return ['no local minimum'];
  const orbits = [...new Set(minima.map((index) => points[index]!.orbit))];
  const rows = orbits.map((orbit, place) => {
    const copies = minima.map((index) => points[index]!).filter((point) => point.orbit === orbit);
    const { loss, unknowns } = copies[0]!;
    return [
      String(place + 1),
      significant(loss, DIGITS),
      String(countPoints(copies)),
      ...unknowns.map((value) => significant(value, DIGITS)),
    ];
  });
  const table = textTable(
    ['minimum', 'loss', 'copies', ...variables].map((title) => ({ title })),
    rows,
  );
  if (Math.max(...table.map((line) => line.length)) <= WIDEST_TABLE) return table;
  return rows.flatMap(([place, loss, copies, ...values]) => [
    `minimum ${place!}: loss ${loss!}, copies ${copies!}`,
    ...values.map((value, k) => `  ${variables[k]!} = ${value}`),
  ]);
}

/** What the true activation makes of the best minimum. */
export function describePolished({ polished, problem }: NetworkMinima): string[] {
  if (polished === null) return [];
  const { variables } = problem.family.layout;
  return [
    `polished   the best minimum under the true ${problem.activation.name}: loss ${significant(polished.lossBefore, DIGITS)} -> ${significant(polished.loss, DIGITS)}`,
    `           ${polished.unknowns.map((value, k) => `${variables[k]!} ${significant(value, 5)}`).join('  ')}`,
  ];
}
