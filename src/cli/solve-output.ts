/**
 * The result of a solve as it is given out: for people (counts, what happened to the paths, a table of solutions, what
 * is proved), and as JSON.
 */
import type { CompletenessCheck, Solution, SolveResult, WitnessSet } from '../homotopy/index.js';
import { formatEquations } from '../polynomial/format.js';
import type { PolynomialSystem } from '../polynomial/index.js';
import { complex, count, duration, magnitude, plural } from './numbers.js';
import { Terminal } from './terminal.js';
import { textTable, type Column } from './text-table.js';

export interface SolveTextOptions {
  readonly realOnly: boolean;
  /** Solutions to show, at most. */
  readonly show: number;
}

/** Failed path ids that are listed; the JSON has all. */
const LISTED_FAILURES = 10;
/** The same for zeros at excluded points. */
const LISTED_ZEROS = 5;

/** All of a result but its solutions. */
type Shown = Omit<SolveResult, 'solutions'>;
/** A result whose solutions need not be in memory. */
export type ShownResult = Shown & { readonly solutions: Iterable<Solution> };

/** The lines for standard output. */
export function describeSolve(result: ShownResult, options: SolveTextOptions): string[] {
  const { system } = result;
  return [
    `${system.name}: ${plural(system.degrees.length, 'equation')}, degrees ${system.degrees.join(' ')}`,
    ...describeRun(result),
    '',
    ...describeSolutions(result, options),
    ...result.warnings.map((warning) => `warning: ${warning}`),
    ...describeCompleteness(result.completeness),
  ];
}

/** Adapter, start, paths, counts and time. */
export function describeRun(result: Shown): string[] {
  return [`adapter    ${describeAdapter(result)}`, ...describePaths(result)];
}

/** Start, paths, counts and time. */
export function describePaths(result: Shown): string[] {
  const { start, paths, counts, timing } = result;
  return [
    `start      ${describeStart(start)}`,
    `paths      ${count(paths.tracked)} tracked: ${count(paths.regular)} regular, ${count(paths.singular)} singular, ${count(paths.atInfinity)} at infinity, ${count(paths.failed)} failed`,
    ...(result.tracker ? [`tracker    ${result.tracker} kernel on the GPU`] : []),
    ...(result.endgame ? [describeEndgame(result.endgame)] : []),
    ...describeFailures(result),
    ...(result.overdetermined ? [describeCombinations(result.overdetermined)] : []),
    ...(result.witness ? [`witness    ${describeWitness(result.witness)}`] : []),
    ...(result.components?.sets ?? []).map((set) => `set        ${describeWitness(set)}`),
    ...(result.excluded ? describeExcluded(result.excluded, result.system.variables) : []),
    `time       ${duration(timing.totalMs)} (compiling ${duration(timing.compileMs)}, tracking ${duration(timing.trackingMs)}), seed ${result.seed}`,
    `solutions  ${count(counts.distinct)} distinct, ${count(counts.nonsingular)} nonsingular, ${count(counts.real)} real${result.partial ? `  PARTIAL: stopped after ${count(paths.tracked)} of ${count(start.paths)} paths` : ''}`,
    `checked    ${describeChecks(result)}`,
  ];
}

function describeEndgame({ decided, handedBack }: NonNullable<SolveResult['endgame']>): string {
  return `endgame    ${count(decided)} paths on the GPU, ${count(handedBack)} handed back to the CPU`;
}

function describeCombinations({
  excess,
  undecided,
}: NonNullable<SolveResult['overdetermined']>): string {
  const doubt = undecided > 0 ? `, ${count(undecided)} nearly do` : '';
  return `equations  solved as random combinations, of which ${plural(excess, 'zero')} do not solve every equation${doubt}`;
}

function describeWitness({ dimension, degree, trace }: WitnessSet): string {
  const test =
    trace === null ? 'trace test: not possible' : `trace test: linear to ${magnitude(trace)}`;
  const least = trace === null ? 'at least ' : '';
  return `dimension ${dimension}, degree ${least}${degree}: ${plural(degree, 'point')} on ${plural(dimension, 'random slice')}; ${test}`;
}

/** Where equations divide by 0, and the zeros of the cleared ones that were dropped there. */
function describeExcluded(
  { where, dropped, undecided, zeros }: NonNullable<SolveResult['excluded']>,
  variables: readonly string[],
): string[] {
  const doubt = undecided > 0 ? `, ${plural(undecided, 'solution')} nearly there` : '';
  const hidden = zeros.length - LISTED_ZEROS;
  return [
    `excluded   where ${where.join(' or ')}: ${plural(dropped, 'zero')} of the cleared equations dropped${doubt}`,
    ...zeros
      .slice(0, LISTED_ZEROS)
      .map(
        ({ coordinates, where: at }) =>
          `dropped    ${coordinates.map((each, j) => `${variables[j]!} = ${complex(each)}`).join(', ')} (${at.join(', ')})`,
      ),
    ...(hidden > 0 ? [`dropped    ... and ${count(hidden)} more; --json has all`] : []),
  ];
}

/** Which checks of completeness passed, in one line. */
function describeChecks({ exactCount, counts, paths, recovered, start }: Shown): string {
  const { status, count: exact, distinct, nonsingular, dimension, prime } = exactCount;
  const modulus = prime === null ? '' : ` (modulo ${prime})`;
  const mended = recovered > 0 ? `, ${recovered} of them found by monodromy` : '';
  switch (status) {
    case 'equal':
      return exact === 0
        ? `there is no solution, as the exact count says${modulus}`
        : `${plural(exact!, 'solution')} with multiplicity${distinct === null ? '' : `, ${count(distinct)} different`}: equals the exact count${modulus}${mended}`;
    case 'different':
      if (distinct !== null)
        return `DIFFERS from the exact count, ${count(distinct)} different solutions${modulus}${mended}`;
      return `DIFFERS from the exact count, ${count(exact!)} with multiplicity${modulus}${mended}`;
    case 'positive-dimensional':
      return `the solution set has dimension ${dimension}${modulus}: ${
        nonsingular === null
          ? 'isolated solutions cannot be counted'
          : nonsingular === counts.nonsingular
            ? `${plural(nonsingular, 'nonsingular solution')} equals the exact count of those${mended}`
            : `DIFFERS from the exact count of nonsingular solutions, ${count(nonsingular)}${mended}`
      }`;
    case 'not compared':
    case 'no suitable prime':
    case 'out of memory':
    case 'out of time': {
      const every = paths.tracked === start.paths && paths.failed === 0 && paths.weak === 0;
      return `every path accounted for${every ? ', none undecided or on weak evidence' : ''}; exact count: ${status}`;
    }
  }
}

/** "SwiftShader Device (software), node, double-single arithmetic: plain" */
export function describeAdapter({
  adapter,
  precision,
}: {
  readonly adapter: SolveResult['adapter'];
  readonly precision: { readonly mode: string };
}): string {
  const name = adapter.description || adapter.vendor || 'unnamed';
  return `${name}${adapter.software ? ' (software)' : ''} in ${adapter.runtime}, arithmetic ${precision.mode}`;
}

function describeStart({ kind, groups, paths }: SolveResult['start']): string {
  if (kind === 'parameters') return `a solved member of the family, ${plural(paths, 'path')}`;
  const sets =
    groups.length > 1 ? ` in ${groups.map((group) => `{${group.join(' ')}}`).join('')}` : '';
  return `${kind}${sets}, ${plural(paths, 'path')}`;
}

function describeFailures({ failedPaths, paths }: Shown): string[] {
  if (paths.failed === 0) return [];
  const listed = failedPaths
    .slice(0, LISTED_FAILURES)
    .map(({ id, reason }) => `${id} (${reason})`)
    .join(', ');
  return [`failed     ${listed}${paths.failed > LISTED_FAILURES ? ', ...' : ''}`];
}

function describeSolutions(result: ShownResult, { realOnly, show }: SolveTextOptions): string[] {
  const { system, solutions, counts } = result;
  const total = realOnly ? counts.real : counts.distinct;
  if (total === 0)
    return [realOnly && counts.distinct > 0 ? 'no real solutions' : describeNothing(result)];
  const shown = firstOf(solutions, realOnly, show);
  const table = textTable(
    [{ title: '#' }, ...system.variables.map((title) => ({ title })), ...QUALITY],
    shown.map(({ solution, index }) => [
      String(index + 1),
      ...solution.coordinates.map((coordinate) => complex(coordinate)),
      ...quality(solution),
    ]),
  );
  const fits = Math.max(0, ...table.map((line) => line.length)) <= Terminal.columns;
  const lines =
    fits || shown.length === 0
      ? table
      : shown.flatMap(({ solution, index }) => describeSolution(system.variables, solution, index));
  const hidden = total - shown.length;
  return hidden > 0
    ? [...lines, `... and ${count(hidden)} more; --show ${total} shows them, --json has all`]
    : lines;
}

/** Solutions that are shown, with their places in the list. */
function firstOf(solutions: Iterable<Solution>, realOnly: boolean, show: number) {
  const chosen: { solution: Solution; index: number }[] = [];
  let index = 0;
  for (const solution of solutions) {
    if (chosen.length >= show) break;
    if (solution.real || !realOnly) chosen.push({ solution, index });
    index++;
  }
  return chosen;
}

/** Nothing found is not nothing there, unless the exact count says so. */
function describeNothing(result: Shown): string {
  const { start, paths, exactCount, partial, components, excluded } = result;
  const outside = excluded ? ' outside the excluded points' : '';
  if (exactCount.status === 'equal') return `no solutions: there are none in C^n${outside}`;
  if (partial) return 'no solutions so far';
  if (start.kind === 'polyhedral' && start.paths === 0) {
    return 'no isolated solutions: the mixed volume of the monomials is 0, so no system with these monomials has any';
  }
  if (components) return 'no isolated solution was found';
  return paths.atInfinity === paths.tracked
    ? `all ${plural(paths.tracked, 'path')} went to infinity: no finite solution was found`
    : `no solution${outside} was found`;
}

const QUALITY: readonly Column[] = [
  { title: 'residual' },
  { title: 'condition' },
  { title: 'mult' },
  { title: 'kind', align: 'left' },
];

function quality(solution: Solution): string[] {
  return [
    magnitude(solution.residual),
    solution.condition === null ? '-' : magnitude(solution.condition),
    String(solution.multiplicity),
    kindOf(solution),
  ];
}

function kindOf({ real, singular, certified, cluster }: Solution): string {
  const words = [real ? 'real' : 'complex'];
  if (singular) words.push('singular');
  if (certified) words.push('certified');
  if (cluster) words.push(`one of ${cluster.size} within ${magnitude(cluster.diameter)}`);
  return words.join(', ');
}

/** One solution as a paragraph, for systems too wide for a table. */
function describeSolution(
  variables: readonly string[],
  solution: Solution,
  index: number,
): string[] {
  const [residual, condition, multiplicity, kind] = quality(solution);
  const width = Math.max(...variables.map((name) => name.length));
  return [
    `solution ${index + 1}: ${kind}, residual ${residual}, condition ${condition}, multiplicity ${multiplicity}`,
    ...solution.coordinates.map(
      (coordinate, k) => `  ${variables[k]!.padEnd(width)} = ${complex(coordinate, 12)}`,
    ),
  ];
}

/** Which checks of completeness ran and what they prove: one line a check; none for none. */
export function describeCompleteness(checks: readonly CompletenessCheck[]): string[] {
  if (checks.length === 0) return [];
  const width = Math.max(...checks.map(({ check }) => check.length));
  return [
    '',
    'What is proved',
    ...checks.map(({ check, proves }) => `  ${check.padEnd(width)}  ${proves}`),
  ];
}

interface ExactSystem {
  readonly system: SolveResult['system'] & {
    /** Exact, in the notation of `lps solve`: equation = 0. */
    readonly equations: readonly string[];
  };
}

/** The JSON of a solve: the result, and the system itself, so that `lps verify` can check it from the file alone. */
export type SolveDocument = SolveResult & ExactSystem;

/** @param system what was solved, exactly */
export function solveDocument<Result extends ShownResult>(
  result: Result,
  system: PolynomialSystem,
): Result & ExactSystem {
  return {
    ...result,
    system: {
      ...result.system,
      // With its slices a system has as many equations as unknowns, as a check needs.
      equations: [...formatEquations(system), ...(result.witness?.slices ?? [])],
    },
  };
}
