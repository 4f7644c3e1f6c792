/**
 * `lps family FILE`: any family of polynomial systems, solved at general parameters and followed to members.
 *
 * One file format for what is asked and what is known, so that the output of one run is the input of the next:
 * { name?, variables?, parameters, equations, startParameters?, startSolutions?, targetParameters? }. Values are numbers or
 * [re, im], in the order of `parameters` and `variables`; `startSolutions` are all solutions at `startParameters`;
 * `targetParameters` are those of one member, or a list of such.
 */
import {
  membersOrUnfinished,
  resultOrUnfinished,
  solve,
  type FamilyState,
  type PathJournal,
  type Precision,
  type SolveResult,
  type StartSolutions,
} from '../homotopy/index.js';
import { parseFamily, type ParameterValue, type SystemFamily } from '../polynomial/index.js';
import { exactMember } from '../polynomial/family.js';
import { formatTerms } from '../polynomial/format.js';
import { looksLikeJulia } from '../polynomial/julia.js';
import { Checkpoint, type CheckpointOptions, type StoredJob } from './checkpoint.js';
import type { CommonOptions } from './common-options.js';
import { JobError, UsageError, type ExitCode } from './errors.js';
import { generalParameters } from '../minima/solved-family.js';
import { JobInputs } from './job-inputs.js';
import { count, plural } from './numbers.js';
import { checkOutput, jsonLine, printJson, printLines, ResultFiles } from './output.js';
import { runSession, type Session } from './session.js';
import { describeRun, solveDocument } from './solve-output.js';
import type { StateFile } from './state-file.js';
import { nameOf } from './system-file.js';

export interface SystemFamilyOptions extends CommonOptions, CheckpointOptions {
  readonly parameters?: string;
  readonly targets?: string;
  readonly out?: string;
  readonly precision: Precision;
  readonly maxPaths?: number;
  readonly monodromy?: boolean;
  /** Whether a monodromy is tried by the trace test. */
  readonly trace?: boolean;
}

interface FamilyInput {
  readonly family: SystemFamily;
  /** As they were written. */
  readonly equations: readonly string[];
  /** Solutions that are known already. */
  readonly from: StartSolutions | null;
  readonly targets: readonly (readonly ParameterValue[])[];
}

/**
 * @param computing the options that it is computed with
 * @param known texts of its files, of a job that goes on
 */
export async function runSystemFamily(
  file: string,
  options: SystemFamilyOptions,
  computing: Readonly<Record<string, unknown>>,
  known: StoredJob['inputs'] = {},
): Promise<ExitCode> {
  const inputs = new JobInputs(known);
  const input = await readFamily(file, options, inputs);
  if (options.monodromy && options.checkpoint !== undefined)
    throw new UsageError('--monodromy keeps no checkpoint: leave out one of them');
  if (input.from && input.targets.length === 0 && !options.monodromy) {
    throw new UsageError(
      `"${file}" has solutions already (${input.from.solutions.length} at startParameters): give --targets, members to follow them to, or --monodromy if these are not all`,
    );
  }
  const path = options.out ?? `${file === '-' ? 'family' : nameOf(file)}-solved.json`;
  checkOutput(input.targets.length === 0 ? path : options.out);
  return runSession(options, async (session) => {
    const note = (text: string): void => {
      session.terminal.note(text);
    };
    const checkpoint = Checkpoint.of(
      options,
      { command: 'family', words: [file], options: computing, inputs: inputs.known },
      note,
    );
    const journal = checkpoint?.pathLog('general', note);
    const solved = options.monodromy
      ? { result: await findBase(session, input, options), failure: null }
      : input.from
        ? null
        : await solveBase(session, input.family, options, journal);
    const base = solved?.result ?? null;
    session.terminal.clear();
    if (base && !options.json)
      printLines(options.monodromy ? describeMonodromy(base) : describeRun(base));
    if ((session.signal.aborted || solved?.failure) && checkpoint)
      note(`"lps resume ${checkpoint.folder}" goes on`);
    if (solved?.failure) throw solved.failure;
    if (session.signal.aborted && (base !== null || !input.from)) return;
    if (input.targets.length === 0) await writeBase(input, base!, options, path);
    else await follow(session, input, base, options, checkpoint?.state('members', note));
  });
}

/** A member at random parameters on the complex unit circle. @throws JobError when it leaves something open. */
async function solveBase(
  { gpu, signal, progress }: Session,
  family: SystemFamily,
  { seed, precision, maxPaths }: SystemFamilyOptions,
  journal: PathJournal | undefined,
): ReturnType<typeof resultOrUnfinished> {
  const solving = solve(gpu, family, {
    parameters: generalParameters(family, seed),
    seed,
    precision,
    ...(maxPaths !== undefined && { maxPaths }),
    ...(journal && { journal }),
    signal,
    onProgress: progress('general member: '),
  });
  const { result, failure } = await resultOrUnfinished(solving);
  if (failure === null && result.paths.failed > 0) {
    throw new JobError(
      `${plural(result.paths.failed, 'path')} of the general member could not be decided: use another --seed`,
    );
  }
  return { result, failure };
}

/** A general member by monodromy, from what the file knows or from a random point. @throws JobError when some were lost */
async function findBase(
  { gpu, signal, terminal }: Session,
  { family, from }: FamilyInput,
  { seed, trace = true }: SystemFamilyOptions,
): Promise<SolveResult> {
  const result = await solve(gpu, family, {
    monodromy: { ...(from ? { from } : { seed }), trace },
    seed,
    signal,
    onProgress: ({ stage, found, carried }) => {
      const what = stage === 'tracing' ? 'points for the trace test' : 'solutions';
      terminal.status(() => `monodromy: ${count(found)} ${what}, ${count(carried)} paths`);
    },
  });
  if (!signal.aborted && !result.isComplete)
    throw new JobError(`not all solutions were found: ${result.warnings.join('; ')}`);
  return result;
}

function describeMonodromy({ counts, completeness, warnings }: SolveResult): string[] {
  return [
    `monodromy  ${plural(counts.nonsingular, 'solution')} of the general member`,
    ...completeness
      .filter(({ check }) => check === 'trace test')
      .map(({ check, proves }) => `checked    ${check}: ${proves}`),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

/** The input with the solutions of the general member. */
async function writeBase(
  { family, equations }: FamilyInput,
  base: SolveResult,
  options: SystemFamilyOptions,
  path: string,
): Promise<void> {
  const solutions = base.solutions.filter(({ singular }) => !singular);
  const { name, variables, parameters } = family;
  const document = {
    name,
    variables,
    parameters,
    equations,
    startParameters: base.parameters,
    startSolutions: solutions.map(({ coordinates }) => coordinates),
    paths: base.start.paths,
    seed: base.seed,
  };
  const files = new ResultFiles();
  await files.write(path, jsonLine(document));
  if (!files.isComplete) await printJson(document);
  else if (options.json)
    await printJson({ path, solutions: solutions.length, paths: base.start.paths });
  else {
    printLines([
      `family     ${plural(solutions.length, 'solution')}${options.monodromy ? '' : ` of ${plural(base.start.paths, 'path')}`}, written to ${path}`,
    ]);
  }
  files.finish();
}

async function follow(
  { gpu, signal, terminal, progress }: Session,
  { family, from, targets }: FamilyInput,
  base: SolveResult | null,
  options: SystemFamilyOptions,
  state: StateFile<FamilyState> | undefined,
): Promise<void> {
  const resume = state?.read();
  let latest: (() => FamilyState) | null = null;
  const solving = solve(gpu, family, {
    from: base ?? from!,
    targets,
    seed: options.seed,
    precision: options.precision,
    certify: true,
    ...(resume && { resume }),
    ...(state && {
      onCheckpoint: (reached: () => FamilyState) => {
        latest = reached;
        if (state.isDue) state.write(reached());
      },
    }),
    signal,
    onProgress: progress(),
  });
  const { results, failure } = await membersOrUnfinished(solving);
  if (latest !== null) state?.write((latest as () => FamilyState)());
  terminal.clear();
  const documents = results.map((result) =>
    solveDocument(result, exactMember(family, result.parameters!)),
  );
  const files = new ResultFiles();
  if (options.out !== undefined) await files.write(options.out, jsonLine(documents));
  if (options.json || !files.isComplete) {
    await printJson(documents);
    files.finish();
    if (failure) throw failure;
    return;
  }
  const lines = results.flatMap(({ counts, paths, warnings }, k) => [
    `member ${k + 1}   ${plural(counts.distinct, 'solution')}, ${count(counts.real)} real, of ${plural(paths.tracked, 'path')}: ${count(paths.atInfinity)} at infinity, ${count(paths.failed)} failed`,
    ...warnings.map((warning) => `warning: ${warning}`),
  ]);
  printLines([
    ...lines,
    ...(signal.aborted || failure
      ? [`PARTIAL: ${results.length} of ${targets.length} members`]
      : []),
  ]);
  if (options.out !== undefined) terminal.note(`written to ${options.out}`);
  if (failure) throw failure;
}

async function readFamily(
  file: string,
  options: SystemFamilyOptions,
  inputs: JobInputs,
): Promise<FamilyInput> {
  const text = await inputs.read(file);
  const json = text.trimStart().startsWith('{')
    ? (parseJson(text, file) as Record<string, unknown>)
    : {};
  const parameters = options.parameters?.split(/[\s,]+/).filter(Boolean) ?? json.parameters;
  const isScript = looksLikeJulia(text);
  const areNames = isList(parameters, (name): name is string => typeof name === 'string');
  if (!areNames && !isScript) {
    throw new UsageError(
      `"${file}" does not say which names are parameters: give --parameters p,q or "parameters": ["p", "q"] in the file`,
    );
  }
  const family = parseFamily(text, {
    ...(areNames && { parameters }),
    ...(file !== '-' && { name: nameOf(file) }),
  });
  const from = readStart(json, family, file);
  const fromFile =
    options.targets === undefined
      ? json.targetParameters
      : parseJson(await inputs.read(options.targets), options.targets);
  const equations = isScript
    ? expandedEquations(family, file)
    : isList(json.equations, (each): each is string => typeof each === 'string')
      ? json.equations
      : text.split(/[\n;]/).filter((line) => line.replace(/#.*/, '').trim() !== '');
  return {
    family,
    equations,
    from,
    targets: readTargets(fromFile, family, options.targets ?? file),
  };
}

/** Equations that need no definitions: those of a script do. @throws UsageError for quotients of parameters. */
function expandedEquations(
  { variables, parameters, polynomials, denominators }: SystemFamily,
  file: string,
): string[] {
  if (denominators.length > 0) {
    throw new UsageError(
      `"${file}" divides by parameters, which is not read from scripts: write the family as text or JSON`,
    );
  }
  return polynomials.map((terms) =>
    formatTerms(
      terms.flatMap(({ exponents, coefficient }) =>
        coefficient.map((term) => ({ ...term, exponents: [...exponents, ...term.exponents] })),
      ),
      [...variables, ...parameters],
    ),
  );
}

function readStart(
  { startParameters, startSolutions }: Record<string, unknown>,
  { parameters, variables }: SystemFamily,
  file: string,
): StartSolutions | null {
  if (startParameters === undefined && startSolutions === undefined) return null;
  const isVector =
    (length: number) =>
    (value: unknown): value is [number, number][] =>
      isList(value, isComplex) && value.length === length;
  if (
    !isVector(parameters.length)(startParameters) ||
    !isList(startSolutions, isVector(variables.length))
  ) {
    throw new UsageError(
      `"${file}": startParameters must be ${plural(parameters.length, 'pair')} [re, im], startSolutions a list of solutions with ${plural(variables.length, 'pair')} each`,
    );
  }
  return {
    parameters: startParameters,
    solutions: startSolutions.map((coordinates) => ({ coordinates })),
  };
}

/** One vector of values, or a list of such. */
function readTargets(
  value: unknown,
  { parameters }: SystemFamily,
  source: string,
): (readonly ParameterValue[])[] {
  if (value === undefined) return [];
  const isValue = (each: unknown): each is ParameterValue =>
    typeof each === 'number' || isComplex(each);
  const isVector = (each: unknown): each is ParameterValue[] =>
    isList(each, isValue) && each.length === parameters.length;
  if (isVector(value)) return [value];
  if (isList(value, isVector)) return value;
  throw new UsageError(
    `"${source}": targets must be lists of ${plural(parameters.length, 'value')}, a number or [re, im] each, in the order ${parameters.join(', ')}`,
  );
}

function isComplex(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

function isList<Item>(value: unknown, is: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(is);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`"${file}" is not JSON: ${(error as Error).message}`);
  }
}
