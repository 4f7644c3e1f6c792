/**
 * Our total-degree start system in the peers' languages: the same x_i^d_i - c_i, start solutions and gamma, so that
 * all contenders follow the same paths.
 */
import * as lps from '../../internals.js';

type Pair = readonly [number, number];

/** Complex numbers as [re, im]. */
export interface PeerStart {
  readonly gamma: Pair;
  readonly degrees: readonly number[];
  /** c_i of x_i^d_i - c_i. */
  readonly constants: readonly Pair[];
  /** Per path, per variable. */
  readonly solutions: readonly (readonly Pair[])[];
}

/** @param seed of c and gamma */
export function totalDegreeStart(system: lps.PolynomialSystem, seed: number): PeerStart {
  const plan = lps.chooseStart(system, { start: 'total-degree' });
  const coefficients = lps.startCoefficients(plan, seed);
  const table = lps.createStartTable(plan);
  const n = system.variables.length;
  return {
    gamma: lps.gammaOf(seed),
    degrees: system.degrees,
    constants: pairs(coefficients.values),
    solutions: Array.from({ length: Number(plan.paths) }, (_, id) =>
      pairs(lps.startSolution(plan, table, coefficients, id)).slice(0, n),
    ),
  };
}

function pairs(values: ArrayLike<number>): Pair[] {
  return Array.from({ length: values.length / 2 }, (_, k): Pair => [
    values[2 * k]!,
    values[2 * k + 1]!,
  ]);
}

/** PHCpack's file of a start system with its solutions. */
export function phcStart(
  system: lps.PolynomialSystem,
  { degrees, constants, solutions }: PeerStart,
): string {
  const { variables } = system;
  // The unknowns in the target's order, whatever the equations mention first.
  const order = `${variables.join(' + ')} - ${variables.join(' - ')}`;
  const equations = variables.map(
    (name, i) =>
      `${i === 0 ? `${order} + ` : ''}${name}^${degrees[i]!} - (${constants[i]![0]} + (${constants[i]![1]})*i);`,
  );
  const lists = solutions.map((point, k) =>
    [
      `solution ${k + 1} :`,
      't :  0.00000000000000E+00   0.00000000000000E+00',
      'm : 1',
      'the solution for t :',
      ...variables.map(
        (name, i) => ` ${name} :  ${phcNumber(point[i]![0])}   ${phcNumber(point[i]![1])}`,
      ),
      '== err :  0.000E+00 = rco :  1.000E+00 = res :  0.000E+00 =',
    ].join('\n'),
  );
  return [
    String(variables.length),
    ...equations,
    '',
    'THE SOLUTIONS :',
    `${solutions.length} ${variables.length}`,
    '='.repeat(75),
    ...lists,
    '',
  ].join('\n');
}

/** 1.23400000000000E-05: two digits of exponent at least, which PHCpack's reader expects. */
function phcNumber(value: number): string {
  return value
    .toExponential(16)
    .replace(/e([+-])(\d)$/, 'E$10$2')
    .replace('e', 'E');
}

/**
 * A Macaulay2 script that tracks the paths and prints
 * "RESULT cpu-seconds paths regular": cpuTime is measured round `track` alone.
 *
 * @param text formatSystem(system, 'text')
 */
export function macaulayScript(
  system: lps.PolynomialSystem,
  text: string,
  { degrees, gamma, constants, solutions }: PeerStart,
): string {
  const complex = ([re, im]: Pair): string => `(${re} + (${im})*ii)`;
  const list = (items: readonly string[]): string => `{${items.join(', ')}}`;
  return [
    'needsPackage "NumericalAlgebraicGeometry"',
    `R = CC[${system.variables.join(', ')}]`,
    `F = ${list(text.trim().split('\n'))}`,
    `G = ${list(system.variables.map((name, i) => `${name}^${degrees[i]!} - ${complex(constants[i]!)}`))}`,
    `S = ${list(solutions.map((point) => list(point.map(complex))))}`,
    `start = cpuTime()`,
    `ends = track(G, F, S, gamma => ${complex(gamma)})`,
    'seconds = cpuTime() - start',
    'regular = #select(ends, end -> status end === Regular)',
    '<< "RESULT " << seconds << " " << #ends << " " << regular << endl',
    '',
  ].join('\n');
}
