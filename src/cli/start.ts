/**
 * `lps start`, the main job: every minimum of a 1-2-1 network on real data, and a network too large
 * for that, trained from `lps` weights beside the usual ones.
 *
 * First the minima of the relu network itself, proved. Then all critical points of the network with a
 * polynomial for relu, found twice: by following all paths of the linear-product start for bmi -> progression, then by
 * following the network's family, which must give the same solutions and then costs about a
 * second for each of the other nine columns. Then the digits experiment.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  DIABETES_CSV,
  DIABETES_INPUTS,
  DIABETES_TARGET,
  readTable,
  standardize,
} from '../data/index.js';
import type { SolvedMember, SolveResult } from '../homotopy/index.js';
import { fitChart } from '../charts/fit-chart.js';
import { digitsChart, runDigits, type DigitsResult } from '../experiments/index.js';
import {
  minimaOfSolutions,
  stationarityProblem,
  type NetworkMinima,
  type StationarityProblem,
} from '../minima/find-minima.js';
import type { NetworkFamily } from '../minima/network-family.js';
import { addCommonOptions, type CommonOptions } from './common-options.js';
import { describeDigits } from './digits-text.js';
import { JobError, type ExitCode } from './errors.js';
import { describeAdapter, describeCompleteness, describePaths } from './solve-output.js';
import { runExact, type ExactResult } from './exact-minima.js';
import { describeExact } from './exact-text.js';
import { findBase, type StoredBase } from './family-store.js';
import {
  describeCriticalPoints,
  describeMinimaTable,
  describePolished,
  describeProblem,
} from './minima-text.js';
import { followMember, minimaDocument, solveMember, type MinimaDocument } from './network-solve.js';
import { count, duration, magnitude, significant } from './numbers.js';
import {
  checkCharts,
  checkOutput,
  jsonLine,
  printJson,
  printLines,
  ResultFiles,
} from './output.js';
import { runSession, type Session } from './session.js';
import { countMissing, largestDistance } from './solution-sets.js';
import { textTable } from './text-table.js';
import { describeProgress } from './train-progress.js';

interface StartOptions extends CommonOptions {
  readonly out: string;
}

const MAIN_COLUMN = 'bmi';
const ARCHITECTURE = { layers: [1, 2, 1] };
const ACTIVATION = { name: 'relu', degree: 2 };
const REGULARIZATION = 0.01;

/** What the full run and the family run have in common. */
interface Comparison {
  readonly full: number;
  readonly family: number;
  /** Solutions of the full run that the family run did not reach. */
  readonly missingInFamily: number;
  /** Solutions of the family run that the full run did not find. */
  readonly missingInFull: number;
  /** Largest distance of two equal solutions, relative to 1 + |x|. */
  readonly largestDistance: number;
  readonly speedup: number;
}

/** The JSON of `lps start`: that of `lps minima` for the main column, the other columns, the digits. */
interface StartDocument extends MinimaDocument {
  readonly comparison: Comparison | null;
  readonly columns: Readonly<Record<string, MinimaDocument>>;
  readonly training: DigitsResult | null;
}

/** Adds the command; `done` receives the exit code. */
export function addStartCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('start')
    .summary('the main job: every minimum of a small network, then lps weights for a deep one')
    .description(
      'Finds every critical point of a 1-2-1 network (relu as a polynomial of degree 2, all biases) on 442 patients, bmi -> progression, with all 12,225 linear-product paths; follows the family of the network to the other nine columns; then trains a network of 20 hidden layers on the digits from lps, looks-linear, He, Xavier and orthogonal weights side by side.',
    )
    .option('--out <folder>', 'where the JSON document and the pictures go', 'out');
  addCommonOptions(command)
    .addHelpText('after', '\nExamples:\n  $ npm start\n  $ lps start --seed 3 --out results --json')
    .action(async (options: StartOptions) => {
      done(await runStart(options));
    });
}

async function runStart(options: StartOptions): Promise<ExitCode> {
  const print = (lines: readonly string[]): void => {
    if (!options.json) printLines(lines);
  };
  const paths = {
    document: join(options.out, 'start.json'),
    minima: join(options.out, 'minima.svg'),
    training: join(options.out, 'training.svg'),
  };
  checkOutput(paths.document);
  checkCharts();
  const problem = problemOf(MAIN_COLUMN);
  return runSession(options, async (session) => {
    const { info, precision } = session.gpu;
    print([
      'Every critical point and minimum of a small network on real data, by polynomial homotopy',
      '',
      `adapter    ${describeAdapter({ adapter: info, precision })}`,
      `self-test  ${precision.passed ? 'passed' : 'FAILED'}: largest error ${magnitude(precision[precision.mode]!.maxRelativeError)} in ${count(precision.cases)} cases (${precision.mode} arithmetic)`,
    ]);
    const exact = await exactOf(session, problem, MAIN_COLUMN);
    print([...describeExact(exact.minima, ACTIVATION.name), '']);
    const full = await solveMember(session, problem.family, problem.point.parameters, {
      seed: options.seed,
      precision: 'auto',
    });
    session.terminal.clear();
    const minima = minimaOf(problem, full);
    const main = minimaDocument(full, minima, null, exact.document);
    print([
      ...describeProblem(minima),
      ...describePaths(full),
      ...describeCriticalPoints(minima),
      '',
      ...describeMinimaTable(minima),
      '',
      ...describePolished(minima),
      ...[...full.warnings, ...minima.warnings].map((warning) => `warning: ${warning}`),
      ...describeCompleteness(main.completeness),
    ]);
    const rest = full.partial
      ? null
      : await followFamily(session, problem, full, options.seed, print);
    const files = new ResultFiles();
    await files.write(paths.minima, await fitChart(minima, { trueMinima: exact.minima.minima }));
    const training = session.signal.aborted
      ? null
      : await trainDigits(session, options.seed, print);
    const document: StartDocument = {
      ...main,
      partial: full.partial || session.signal.aborted,
      comparison: rest?.comparison ?? null,
      columns: rest?.columns ?? {},
      training,
    };
    await files.write(paths.document, jsonLine(document));
    if (training) await files.write(paths.training, await digitsChart(training));
    if (options.json || !files.isComplete) await printJson(document);
    files.finish();
    const written = [paths.document, paths.minima, ...(training ? [paths.training] : [])];
    print(['', `written to ${written.join(', ')}`]);
    assertSound(document);
  });
}

/** A network whose minima nobody can enumerate, from weights with and without the structure. */
async function trainDigits(
  session: Session,
  seed: number,
  print: (lines: readonly string[]) => void,
): Promise<DigitsResult> {
  print(['', 'A deep network from lps weights, beside the usual initializers', '']);
  const result = await runDigits(session.gpu, {
    seed,
    signal: session.signal,
    onProgress: (progress) => {
      session.terminal.status(() => `digits: ${describeProgress(progress)}`);
    },
  });
  session.terminal.clear();
  print(describeDigits(result));
  return result;
}

function exactOf(
  session: Session,
  { options: { data, architecture, regularization } }: StationarityProblem,
  column: string,
): Promise<ExactResult> {
  const activation = ACTIVATION.name;
  return runExact(
    session,
    { data, architecture, activation, regularization },
    { label: `${column}: ` },
  );
}

/** The same family for every column: expanded once. */
function problemOf(column: string, family?: NetworkFamily): StationarityProblem {
  const data = standardize(readTable(DIABETES_CSV, { x: [column], y: [DIABETES_TARGET] }));
  return stationarityProblem(
    { data, architecture: ARCHITECTURE, activation: ACTIVATION, regularization: REGULARIZATION },
    family,
  );
}

function minimaOf(problem: StationarityProblem, result: SolveResult): NetworkMinima {
  return minimaOfSolutions(
    problem,
    result.solutions.map(({ coordinates }) => coordinates),
  );
}

async function followFamily(
  session: Session,
  problem: StationarityProblem,
  full: SolveResult,
  seed: number,
  print: (lines: readonly string[]) => void,
): Promise<{ comparison: Comparison; columns: Record<string, MinimaDocument> }> {
  const { family } = problem;
  const stored: StoredBase | null = findBase(family);
  // Without a general member the data's own does: its solutions are as many, almost surely.
  const base: SolvedMember = stored?.base ?? full;
  const follow = (target: StationarityProblem, column: string): Promise<SolveResult> =>
    followMember(session, family, base, target.point.parameters, {
      seed,
      label: `${column}: `,
    });
  const again = await follow(problem, MAIN_COLUMN);
  session.terminal.clear();
  const comparison: Comparison = {
    full: full.counts.distinct,
    family: again.counts.distinct,
    missingInFamily: countMissing(full.solutions, again.solutions),
    missingInFull: countMissing(again.solutions, full.solutions),
    largestDistance: largestDistance(full.solutions, again.solutions),
    speedup: full.timing.totalMs / again.timing.totalMs,
  };
  print([
    '',
    `family     ${stored === null ? 'the member above' : 'a general member solved before'}: ${base.solutions.length} paths instead of ${count(full.start.paths)}`,
    `           ${MAIN_COLUMN} again: ${describeComparison(comparison)}; ${duration(again.timing.totalMs)}, ${comparison.speedup.toFixed(0)} times faster`,
    '',
  ]);
  const columns: Record<string, MinimaDocument> = {};
  const rows: string[][] = [];
  for (const column of DIABETES_INPUTS.filter((name) => name !== MAIN_COLUMN)) {
    if (session.signal.aborted) break;
    const target = problemOf(column, family);
    const result = await follow(target, column);
    const minima = minimaOf(target, result);
    const exact = await exactOf(session, target, column);
    columns[column] = minimaDocument(result, minima, stored?.path ?? null, exact.document);
    const [best] = exact.minima.minima;
    const losses = minima.minima.map((index) => minima.points[index]!.loss);
    rows.push([
      column,
      `${result.counts.distinct}`,
      `${result.paths.atInfinity}`,
      `${result.paths.failed}`,
      `${minima.points.length}`,
      `${losses.length}`,
      `${minima.eulerSum}`,
      losses.length > 0 ? significant(losses[0]!, 6) : '-',
      duration(result.timing.totalMs),
      `${exact.minima.minima.length}`,
      best === undefined ? '-' : significant(best.loss, 6),
      duration(1000 * exact.minima.seconds),
    ]);
  }
  session.terminal.clear();
  const warnings = Object.entries(columns).flatMap(([column, document]) =>
    document.warnings.map((warning) => `warning: ${column}: ${warning}`),
  );
  print([
    ...textTable(
      [
        { title: 'column', align: 'left' },
        { title: 'solutions' },
        { title: 'infinity' },
        { title: 'failed' },
        { title: 'real' },
        { title: 'minima' },
        { title: 'Euler' },
        { title: 'best loss' },
        { title: 'time' },
        { title: 'true minima' },
        { title: 'best' },
        { title: 'time' },
      ],
      rows,
    ),
    'infinity: solutions of the general member that this data does not have (sex has only two values)',
    ...warnings,
  ]);
  return { comparison, columns };
}

function isSameSet({ missingInFamily, missingInFull }: Comparison): boolean {
  return missingInFamily === 0 && missingInFull === 0;
}

function describeComparison(comparison: Comparison): string {
  const { full, family, missingInFamily, missingInFull, largestDistance } = comparison;
  return isSameSet(comparison)
    ? `the same ${family} solutions to ${magnitude(largestDistance)}`
    : `${family} solutions, ${missingInFull} of them missing in the full run; ${missingInFamily} of the full run's ${full} missing here`;
}

/** A result that contradicts itself must not exit with 0. */
function assertSound({ partial, eulerSum, exact, comparison, columns }: StartDocument): void {
  if (partial) return;
  const wrong = [
    ...(eulerSum === 1 ? [] : [`the Euler sum of ${MAIN_COLUMN} is ${eulerSum}`]),
    ...(comparison === null || isSameSet(comparison)
      ? []
      : [`the full run and the family disagree on ${MAIN_COLUMN}`]),
    ...Object.entries(columns)
      .filter(([, document]) => document.eulerSum !== 1)
      .map(([column, document]) => `the Euler sum of ${column} is ${document.eulerSum}`),
    ...Object.entries({ [MAIN_COLUMN]: { exact }, ...columns })
      .map(([column, document]) => ({ column, undecided: document.exact?.undecided ?? 0 }))
      .filter(({ undecided }) => undecided > 0)
      .map(({ column, undecided }) => `${undecided} combinations of ${column} are undecided`),
  ];
  if (wrong.length > 0) {
    throw new JobError(`${wrong.join('; ')}: solutions were lost; try another --seed`);
  }
}
