/** The true network's minima on the command line: when they are enumerated, checkpoints, documents. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../data/cache-file.js';
import type { NamedTable } from '../data/table.js';
import { checkReluOptions, negativeSlopeOf } from '../minima/relu/check-options.js';
import { ReluMinimaError, TooManyCombinationsError } from '../minima/relu/errors.js';
import { GpuError, openGpu, type GpuDevice } from '../gpu/index.js';
import { exactDocument, type ExactDocument } from '../minima/relu/exact-report.js';
import { enumerateReluMinima } from '../minima/relu/enumerate-relu-minima.js';
import { MOST_GROUPS } from '../minima/relu/group-lasso.js';
import type {
  ReluCheckpoint,
  ReluMinima,
  ReluMinimaOptions,
  Screening,
} from '../minima/relu/relu-minima.js';
import { countCombinations } from '../minima/relu/search-combinations.js';
import { activationFromNotation } from '../network/index.js';
import type { NetworkArchitecture } from '../network/architecture.js';
import type { CommonOptions } from './common-options.js';
import { UsageError } from './errors.js';
import { count, duration } from './numbers.js';
import type { HostSession } from './session.js';
import { StateFile } from './state-file.js';

export interface ExactProblem {
  readonly data: NamedTable;
  readonly architecture: NetworkArchitecture;
  /** In the notation of networks, such as leaky-relu(0.1). */
  readonly activation: string;
  readonly regularization: number;
}

export interface ExactRunOptions {
  /** Begins the progress line. */
  readonly label?: string;
  /** Where it keeps how far it has come. Default: the cache folder, if it takes longer than seconds. */
  readonly checkpoint?: StateFile<ReluCheckpoint> | undefined;
  readonly screening?: Screening;
  /** Which adapter to screen on. */
  readonly adapter?: CommonOptions['adapter'];
}

/** An enumeration and its document. */
export interface ExactResult {
  readonly minima: ReluMinima;
  readonly document: ExactDocument;
}

/** Units with which the enumeration takes seconds on some hundred rows: done without being asked for. */
const QUICK_UNITS = 2;
const QUICK_COMBINATIONS = 5e6;
/** Points of two inputs with which one unit does. */
const QUICK_POINTS = 150;

/** Why the true network is not enumerated with these data; null when nothing but time is against it. */
export function exactObstacle(problem: ExactProblem): string | null {
  const obstacle = networkObstacle(problem);
  if (obstacle !== null) return obstacle;
  const { data, architecture, activation, regularization } = problem;
  try {
    checkReluOptions({
      data,
      units: architecture.layers[1]!,
      negativeSlope: negativeSlopeOf(activationFromNotation(activation))!,
      regularization,
    });
    return null;
  } catch (error) {
    if (error instanceof TooManyCombinationsError)
      return `its ${error.combinations.toPrecision(3)} combinations of states are too many to enumerate`;
    if (error instanceof ReluMinimaError) return error.message;
    throw error;
  }
}

function networkObstacle({ data, architecture, activation }: ExactProblem): string | null {
  const { layers, bias = true } = architecture;
  const slope = negativeSlopeOf(activationFromNotation(activation));
  if (slope === null) {
    return `${activation} is not positively homogeneous, a phi(z) = phi(a z) for a > 0, on which the enumeration rests; use --activation relu or leaky-relu`;
  }
  if (!(slope >= 0 && slope < 1)) {
    return `the enumeration takes slopes in [0, 1) for z < 0; got ${activation}`;
  }
  if (layers.length !== 3 || layers[2] !== 1) {
    return `the enumeration takes one hidden layer and one output, such as 1-2-1; got ${layers.join('-')}`;
  }
  if (layers[0] !== data.x.length) {
    return `the network has ${layers[0]!} inputs and the data ${data.x.length} input columns (${data.x.join(', ')}); make them equal`;
  }
  if (bias !== true) return 'the enumeration takes networks with all biases; leave out --bias';
  if (layers[0] > 2)
    return `the enumeration takes one input, or two with one unit; got ${layers[0]}`;
  return null;
}

/** Whether the enumeration takes seconds and need not be asked for. */
export function isQuick(problem: ExactProblem): boolean {
  const [inputs, units] = problem.architecture.layers as [number, number];
  if (exactObstacle(problem) !== null) return false;
  const distinct = new Set(problem.data.inputs.map((row) => row.join(' '))).size;
  if (inputs > 1) return units === 1 && distinct <= QUICK_POINTS;
  const slope = negativeSlopeOf(activationFromNotation(problem.activation))!;
  return units <= QUICK_UNITS && countCombinations(distinct, units, slope) <= QUICK_COMBINATIONS;
}

/**
 * Enumerates, from the checkpoint of an earlier run that was stopped, if there is one.
 *
 * @throws UsageError when the network is not of the kind that can be enumerated
 */
export async function runExact(
  { terminal, signal }: HostSession,
  problem: ExactProblem,
  { label = '', checkpoint: given, screening = 'auto', adapter = 'hardware' }: ExactRunOptions = {},
): Promise<ExactResult> {
  const obstacle = networkObstacle(problem);
  if (obstacle !== null) throw new UsageError(obstacle);
  const { data, architecture, regularization } = problem;
  const negativeSlope = negativeSlopeOf(activationFromNotation(problem.activation))!;
  const units = architecture.layers[1]!;
  const own =
    given === undefined && units > QUICK_UNITS ? new CachedState(problem, terminal) : null;
  const state = given ?? own?.file;
  const resume = own ? own.read() : given?.read();
  let latest: ReluCheckpoint | null = null;
  const question = { data, units, negativeSlope, regularization };
  const gpu = await screeningGpu(question, screening, adapter);
  const minima = await enumerateReluMinima({
    ...question,
    gpu,
    screening,
    signal,
    onProgress: ({ done, total, secondsLeft }) => {
      terminal.status(
        () =>
          `${label}${count(done)} of ${count(total)} combinations (${Math.floor((100 * done) / total)}%), ${duration(1000 * secondsLeft)} left`,
      );
    },
    ...(resume !== undefined && { resume }),
    ...(state && {
      onCheckpoint: (reached) => {
        latest = reached;
        if (state.isDue) state.write(reached);
      },
    }),
  }).finally(() => {
    // Closing waits for what is being compiled; an interrupted process is about to end.
    if (!signal.aborted) gpu?.close();
  });
  terminal.clear();
  if (latest !== null) state?.write(latest);
  if (own) {
    if (minima.partial) terminal.note(`the same command goes on from ${own.file.path}`);
    else own.remove();
  }
  const document = exactDocument(minima, data, { negativeSlope, regularization });
  return { minima, document };
}

/**
 * A GPU where one was asked for, or may be of use.
 *
 * @throws GpuError when it was asked for and there is none; ReluMinimaError
 */
async function screeningGpu(
  question: ReluMinimaOptions,
  screening: Screening,
  adapter: CommonOptions['adapter'],
): Promise<GpuDevice | null> {
  const { data, units } = question;
  const isLarge = data.inputs[0]!.length === 1 && units > QUICK_UNITS && units <= MOST_GROUPS;
  const mayBeOfUse = screening === 'auto' && isLarge && adapter === 'hardware';
  if (screening !== 'gpu' && !mayBeOfUse) return null;
  try {
    checkReluOptions(question);
  } catch (error) {
    // A GPU does more.
    if (!(error instanceof TooManyCombinationsError)) throw error;
  }
  try {
    return await openGpu({ prefer: adapter });
  } catch (error) {
    if (error instanceof GpuError && screening === 'auto') return null;
    throw error;
  }
}

/** One file per problem in the user's cache; it is gone when the enumeration is done. */
class CachedState {
  readonly file: StateFile<ReluCheckpoint>;

  constructor(
    { data, architecture, activation, regularization }: ExactProblem,
    private readonly terminal: HostSession['terminal'],
  ) {
    const { inputs, targets } = data;
    const hash = createHash('sha256')
      .update(JSON.stringify([inputs, targets, architecture.layers, activation, regularization]))
      .digest('hex');
    const path = join(cacheFolder(), 'exact', `${hash.slice(0, 16)}.state`);
    this.file = new StateFile(path, (reason) => {
      terminal.note(`"${path}" cannot be written any more: ${reason}`);
    });
  }

  /** A damaged file counts as none. */
  read(): ReluCheckpoint | undefined {
    try {
      const state = this.file.read();
      if (state !== undefined) this.terminal.note(`going on from ${this.file.path}`);
      return state;
    } catch {
      return undefined;
    }
  }

  remove(): void {
    rmSync(this.file.path, { force: true });
  }
}
