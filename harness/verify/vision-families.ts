/**
 * `node harness/run.mjs vision-families FOLDER [--only NAME] [--seeds 1,2,3] [--targets N [--minutes M] | --monodromy]`:
 * parameterised systems of computer vision, each from its published start solutions. Every file of FOLDER is JSON with
 * `equations`, `parameters`, `variables`, `startParameters`, `startSolutions`, `targetParameters` and `endSolutions`
 * ({ count, solutions: [{ solution }] }).
 *
 * Without --targets it follows each seed to the target of the file, twice (the second call finds everything compiled),
 * and looks for every known end there, or, from a part of all start solutions, for as many ends. With --targets it follows
 * one call to N random complex targets; general targets have as many solutions as the start, so fewer without a warning are
 * a silent loss; after M minutes the call is aborted, and what it has by then is judged. With --monodromy it looks for all
 * start solutions from the first of them, with the trace test, which must not hold where fewer were found.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../src/cli/errors.js';
import {
  openGpu,
  parseFamily,
  solve,
  type Device,
  type SolveResult,
  type SystemFamily,
} from '../../src/index.js';
import { randomStream } from '../../src/math/random.js';
import { clocked } from '../clocks.js';
import { countFrom, asTool } from '../tool.js';
import { relativeDistance } from './point-sets.js';

type Complex = readonly [number, number];

interface FamilyFile {
  readonly name: string;
  readonly equations: readonly string[];
  readonly parameters: readonly string[];
  readonly variables: readonly string[];
  readonly startParameters: readonly Complex[];
  readonly startSolutions: readonly (readonly Complex[])[];
  /** Where the start solutions are a part of all: which of the ends these lead to depends on the way. */
  readonly startSolutionsKept?: { readonly kept: number };
  readonly targetParameters: readonly Complex[];
  readonly endSolutions: {
    readonly count: number;
    readonly solutions: readonly { readonly solution: readonly Complex[] }[];
  };
}

interface Problem {
  readonly file: FamilyFile;
  readonly family: SystemFamily;
}

/** Of known ends, relative to their largest coordinate: those of the files are refined in f64. */
const TOLERANCE = 1e-6;
/** Keeps the targets apart from everything else that is drawn from a seed. */
const TARGET_STREAM = 0x50000;

export const main = asTool(run);

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      only: { type: 'string', default: '' },
      seeds: { type: 'string', default: '1,2,3' },
      targets: { type: 'string' },
      minutes: { type: 'string' },
      monodromy: { type: 'boolean', default: false },
    },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1)
    throw new UsageError('give one folder of family files, such as ../shared/families');
  if (values.minutes !== undefined && values.targets === undefined)
    throw new UsageError('--minutes bounds a call to many targets: give --targets, too');
  const problems = readProblems(folder, values.only);
  const seeds = values.seeds.split(',').map((seed) => countFrom('--seeds', seed));
  const gpu = await openGpu();
  try {
    let isRight = true;
    for (const problem of problems) {
      for (const seed of seeds) {
        const good = values.monodromy
          ? await findFromOne(gpu, problem, seed)
          : values.targets === undefined
            ? await followToTarget(gpu, problem, seed)
            : await followToMany(gpu, problem, seed, {
                count: countFrom('--targets', values.targets),
                minutes:
                  values.minutes === undefined ? null : countFrom('--minutes', values.minutes),
              });
        isRight &&= good;
      }
    }
    return isRight ? ExitCode.success : ExitCode.failed;
  } finally {
    gpu.close();
  }
}

function readProblems(folder: string, only: string): Problem[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && name.includes(only));
  if (names.length === 0)
    throw new UsageError(`${folder} has no .json file${only && ` whose name contains "${only}"`}`);
  return names.map((name) => {
    const file = JSON.parse(readFileSync(join(folder, name), 'utf8')) as FamilyFile;
    const family = parseFamily(`${file.equations.join(';\n')};`, {
      parameters: file.parameters,
      variables: file.variables,
    });
    return { file, family };
  });
}

/** @returns whether no known end was lost without a warning. */
async function followToTarget(gpu: Device, problem: Problem, seed: number): Promise<boolean> {
  const { file } = problem;
  let isRight = true;
  for (const call of ['first', 'second']) {
    const [[result], seconds] = await follow(gpu, problem, seed, [file.targetParameters]);
    const { counts, paths, warnings } = result!;
    const ends = file.endSolutions.solutions.map(({ solution }) => solution.flat());
    const found = result!.solutions.map(({ coordinates }) => coordinates.flat());
    const met = ends.filter((end) => found.some((x) => relativeDistance(end, x) <= TOLERANCE));
    const isPart = file.startSolutionsKept !== undefined;
    const isComplete = isPart
      ? counts.nonsingular === file.startSolutions.length
      : met.length === ends.length;
    isRight &&= warnings.length > 0 || isComplete;
    const known = isPart
      ? `one for each of a part of all start solutions is right`
      : `${met.length} of ${ends.length} known ends`;
    print(
      `${file.name}, seed ${seed}, ${call} call: ${counts.nonsingular} solutions (the file knows ${file.endSolutions.count}), ` +
        `${known}, ${paths.atInfinity} at infinity, ${paths.failed} failed, ${seconds}`,
    );
    for (const warning of warnings) print(`  ${warning}`);
  }
  return isRight;
}

/** @returns whether no target has fewer solutions than the start without a warning. */
async function followToMany(
  gpu: Device,
  problem: Problem,
  seed: number,
  { count, minutes }: { count: number; minutes: number | null },
): Promise<boolean> {
  const { file } = problem;
  const starts = file.startSolutions.length;
  const targets = Array.from({ length: count }, (_, k) =>
    randomTarget(file.startParameters, seed, k),
  );
  const signal = minutes === null ? undefined : AbortSignal.timeout(60_000 * minutes);
  const [all, seconds] = await follow(gpu, problem, seed, targets, signal);
  const results = all.filter(({ partial }) => !partial);
  const complete = results.filter(({ counts }) => counts.nonsingular === starts).length;
  const rest = results.filter(({ counts }) => counts.nonsingular !== starts);
  const silent = rest.filter(({ warnings }) => warnings.length === 0).length;
  print(
    `${file.name}, seed ${seed}: ${complete} of ${results.length} targets with all ${starts} solutions, ` +
      `${rest.length - silent} others warned of, ${silent} silent, ${seconds}` +
      (signal?.aborted ? `, aborted: ${results.length} of ${count} in ${minutes} minutes` : ''),
  );
  return silent === 0 && (results.length === count || signal?.aborted === true);
}

/** @returns whether the trace test does not hold where solutions are missing */
async function findFromOne(gpu: Device, { file, family }: Problem, seed: number): Promise<boolean> {
  const [first] = file.startSolutions;
  const from = { parameters: file.startParameters, solutions: [{ coordinates: first! }] };
  const { result, wall, cpu } = await clocked(() =>
    solve(gpu, family, { monodromy: { from, trace: true }, seed }),
  );
  const trace = result.completeness.at(-1)!;
  const isShown = !trace.proves.startsWith('nothing');
  print(
    `${file.name}, seed ${seed}: ${result.counts.nonsingular} solutions from one (the file has ${file.startSolutions.length}), ` +
      `trace test ${isShown ? 'holds' : 'proves nothing'} ${JSON.stringify(trace.value)}, ${wall.toFixed(2)} s, ${cpu.toFixed(2)} CPU s`,
  );
  return !isShown || result.counts.nonsingular >= file.startSolutions.length;
}

async function follow(
  gpu: Device,
  { file, family }: Problem,
  seed: number,
  targets: readonly (readonly Complex[])[],
  signal?: AbortSignal,
): Promise<[SolveResult[], string]> {
  const from = {
    parameters: file.startParameters,
    solutions: file.startSolutions.map((coordinates) => ({ coordinates })),
  };
  const { result, wall, cpu } = await clocked(() =>
    // The exact count would tell by itself what is to be found out.
    solve(gpu, family, { from, targets, seed, countMilliseconds: 0, ...(signal && { signal }) }),
  );
  return [result, `${wall.toFixed(2)} s, ${cpu.toFixed(2)} CPU s`];
}

/** Complex normal, each parameter of the size it has at the start. */
function randomTarget(start: readonly Complex[], seed: number, index: number): Complex[] {
  return start.map(([re, im], k) => {
    const size = Math.hypot(re, im) || 1;
    const random = randomStream(seed, TARGET_STREAM + index, k);
    return [size * random.normal(), size * random.normal()];
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
