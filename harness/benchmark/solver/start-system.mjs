/**
 * Our total-degree start system in the peers' languages: the same x_i^d_i - c_i, start solutions and gamma, so that
 * all contenders follow the same paths.
 */

/**
 * @param lps the package
 * @param system PolynomialSystem
 * @param seed of c and gamma
 * @returns {{ gamma: readonly [number, number], degrees: readonly number[], constants: [number, number][],
 *   solutions: [number, number][][] }} c_i as [re, im], and [re, im] per variable of each start solution
 */
export function totalDegreeStart(lps, system, seed) {
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

function pairs(values) {
  return Array.from({ length: values.length / 2 }, (_, k) => [values[2 * k], values[2 * k + 1]]);
}

/** PHCpack's file of a start system with its solutions. */
export function phcStart(system, { degrees, constants, solutions }) {
  const { variables } = system;
  // The unknowns in the target's order, whatever the equations mention first.
  const order = `${variables.join(' + ')} - ${variables.join(' - ')}`;
  const equations = variables.map(
    (name, i) =>
      `${i === 0 ? `${order} + ` : ''}${name}^${degrees[i]} - (${constants[i][0]} + (${constants[i][1]})*i);`,
  );
  const lists = solutions.map((point, k) =>
    [
      `solution ${k + 1} :`,
      't :  0.00000000000000E+00   0.00000000000000E+00',
      'm : 1',
      'the solution for t :',
      ...variables.map(
        (name, i) => ` ${name} :  ${phcNumber(point[i][0])}   ${phcNumber(point[i][1])}`,
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
function phcNumber(value) {
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
export function macaulayScript(system, text, { degrees, gamma, constants, solutions }) {
  const complex = ([re, im]) => `(${re} + (${im})*ii)`;
  const list = (items) => `{${items.join(', ')}}`;
  return [
    'needsPackage "NumericalAlgebraicGeometry"',
    `R = CC[${system.variables.join(', ')}]`,
    `F = ${list(text.trim().split('\n'))}`,
    `G = ${list(system.variables.map((name, i) => `${name}^${degrees[i]} - ${complex(constants[i])}`))}`,
    `S = ${list(solutions.map((point) => list(point.map(complex))))}`,
    `start = cpuTime()`,
    `ends = track(G, F, S, gamma => ${complex(gamma)})`,
    'seconds = cpuTime() - start',
    'regular = #select(ends, end -> status end === Regular)',
    '<< "RESULT " << seconds << " " << #ends << " " << regular << endl',
    '',
  ].join('\n');
}
