/**
 * Several contenders at the same work: results first, then times.
 *
 *   1. each prepares, runs once (that is its `first` time: compiling and allocating included) and has
 *      its result compared with the truth; who is wrong is never timed
 *   2. warm-up, and how many repetitions make a sample long enough for the clocks
 *   3. rounds: the probes, then one sample of each contender in random order. A ratio is that of two
 *      samples of one round, so what slows the machine slows both; the median of the rounds is
 *      claimed when its bootstrap interval is narrow, and until then there are more rounds
 */
import { platform } from '../../../src/gpu/this-platform.js';
import type { RandomStream } from '../../../src/math/random.js';
import { countCalls, perRepetition } from './counters.js';
import type { Probes } from './probes.js';
import { medianInterval, shuffled, summarize } from '../../statistics.js';
import type {
  Agreement,
  CallCounts,
  ComparisonRow,
  ContenderRecord,
  Host,
  ProbeSample,
  RatioRecord,
  Sample,
  Summary,
} from './types.js';

/** A contender that is ready to run. */
export interface Prepared {
  /**
   * Does the work so many times and waits until all of it is done.
   *
   * @param round the same for all contenders of a round: what the work is drawn from, if it varies
   */
  run(repetitions: number, round: number): Promise<void>;
  /** CPU milliseconds of the last repetition, by the clock of a program that no clock here sees. */
  ownCpuMs?(): number;
  /** The first run's result against the truth. */
  check(): Promise<Agreement>;
  /** GPU milliseconds of one repetition by timestamp queries. */
  gpuMs?(): Promise<number>;
  close(): void | Promise<void>;
}

export interface Contender {
  readonly name: string;
  readonly role: 'ours' | 'peer';
  readonly executes: 'gpu' | 'cpu';
  /** Why it cannot take part; it is then listed with this reason. */
  readonly skip?: string;
  prepare(): Promise<Prepared>;
}

export interface Comparison {
  readonly id: string;
  readonly title: string;
  readonly operations?: number;
  readonly bytes?: number;
  readonly contenders: readonly Contender[];
  /** Ratios that the project aims at, by the name of the numerator (over the first contender). */
  readonly aims?: Readonly<Record<string, number>>;
}

export interface MeasureOptions {
  readonly host: Host;
  readonly probes: Probes;
  readonly random: RandomStream;
  /** Rounds at least; at most three times as many, while a ratio is not settled. */
  readonly repeat: number;
  /**
   * Which clock's ratios are claimed. Of a software adapter the CPU's: how many cores it gets is up
   * to the neighbours, and who uses two suffers more from them than who uses one.
   */
  readonly claims: 'wall' | 'cpu';
  /** Of a sample of ours, by the comparison's id, where an earlier result is compared with. */
  readonly repetitions: Readonly<Record<string, number>>;
  /** Wall time of one sample, milliseconds. */
  readonly sampleMs: number;
  /** No further round starts after so long, milliseconds. */
  readonly budgetMs: number;
}

/** Half of the interval by the median: narrower is settled. */
const SETTLED = 0.06;
/** Fewer pairs have no interval worth the name. */
const FEWEST_PAIRS = 5;
const MOST_ROUNDS_FACTOR = 3;
const MOST_REPETITIONS = 512;
const WARM_UP_RUNS = 2;
const WARM_UP_ROUND = -1;
/** Repetitions whose WebGPU calls are counted, and whose GPU time is taken. */
const COUNTED_RUNS = 4;
const GPU_RUNS = 5;
/** Whose repetition takes so long runs in the first rounds only, milliseconds. */
const SLOW_MS = 700;
/** The same of the first run, in which compiling has its part. */
const SLOW_FIRST_MS = 5000;
const SLOW_ROUNDS = 5;

interface Entry {
  readonly contender: Contender;
  prepared: Prepared | null;
  record: ContenderRecord;
  readonly samples: Sample[];
  repetitions: number;
  slow: boolean;
}

/** Runs a comparison to its end; contenders that fail become records with a reason. */
export async function compare(
  comparison: Comparison,
  options: MeasureOptions,
): Promise<ComparisonRow> {
  const { host, random, repeat, claims } = options;
  const { id, title, contenders } = comparison;
  const entries: Entry[] = [];
  for (const contender of contenders) {
    host.note(`${id}: ${contender.name} prepares`);
    entries.push(await enter(contender));
  }
  const running = entries.filter(({ prepared }) => prepared !== null);
  for (const entry of running) {
    const given = entry.contender.role === 'ours' ? options.repetitions[id] : undefined;
    await warmUp(entry, options.sampleMs, given);
  }

  const claimable = new Set(
    contenders.filter((contender) => isClaimable(contender, comparison)).map(({ name }) => name),
  );
  const isDecided = ({ clock, claimed, numerator }: RatioRecord): boolean =>
    clock !== claims || claimed || !claimable.has(numerator);
  const probes: ProbeSample[] = [];
  const begin = performance.now();
  for (let round = 0; round < MOST_ROUNDS_FACTOR * repeat && running.length > 0; round++) {
    if (round > 0 && performance.now() - begin > options.budgetMs) break;
    if (round >= repeat && ratiosOf(comparison, entries, options).every(isDecided)) break;
    probes.push(await options.probes.measure(round, host));
    for (const entry of shuffled(running, random))
      if (entry.prepared && !(entry.slow && round >= SLOW_ROUNDS))
        await attempt(entry, () => takeSample(entry, round, host));
    host.note(`${id}: round ${round + 1}`);
  }
  for (const entry of running) await finish(entry, comparison, probes);
  return {
    kind: 'comparison',
    id,
    title,
    ...(comparison.operations === undefined ? {} : { operations: comparison.operations }),
    ...(comparison.bytes === undefined ? {} : { bytes: comparison.bytes }),
    contenders: entries.map(({ record }) => record),
    ratios: ratiosOf(comparison, entries, options),
    probes,
  };
}

/** Prepares, runs once, checks. */
async function enter(contender: Contender): Promise<Entry> {
  const { name, role, executes } = contender;
  const blank = { name, role, executes, samples: [], wallMs: null, cpuMs: null };
  const entry: Entry = {
    contender,
    prepared: null,
    record: { ...blank, status: 'failed' },
    samples: [],
    repetitions: 1,
    slow: false,
  };
  if (contender.skip !== undefined) {
    entry.record = { ...blank, status: 'skipped', reason: contender.skip };
    return entry;
  }
  try {
    const begin = performance.now();
    const prepared = await contender.prepare();
    entry.prepared = prepared;
    await prepared.run(1, WARM_UP_ROUND);
    const firstMs = performance.now() - begin;
    entry.slow = firstMs > SLOW_FIRST_MS;
    const agreement = await prepared.check();
    const right = agreement.error <= agreement.tolerance;
    entry.record = {
      ...blank,
      status: right ? 'measured' : 'wrong',
      agreement: { ...agreement, error: finite(agreement.error) },
      ...(right
        ? { firstMs }
        : {
            reason: `its result is off by ${agreement.error.toExponential(1)} from ${agreement.against}; ${agreement.tolerance.toExponential(1)} is allowed`,
          }),
    };
    if (!right) await drop(entry);
  } catch (error) {
    await fail(entry, error);
  }
  return entry;
}

/** Runs until warm; repetitions that are not given are what makes a sample of `sampleMs`. */
async function warmUp(entry: Entry, sampleMs: number, given: number | undefined): Promise<void> {
  await attempt(entry, async (prepared) => {
    entry.repetitions = given ?? 1;
    // The first runs were long enough to be warm.
    if (entry.slow) return;
    let ms = await timed(() => prepared.run(1, WARM_UP_ROUND));
    entry.slow = ms > SLOW_MS;
    for (let k = 1; k < WARM_UP_RUNS && !entry.slow; k++)
      ms = await timed(() => prepared.run(1, WARM_UP_ROUND));
    if (given !== undefined) return;
    while (entry.repetitions < MOST_REPETITIONS && ms < sampleMs) {
      // At most eightfold at once: the first runs are dominated by what a run costs besides.
      const wanted = Math.ceil(entry.repetitions * Math.min(8, (1.2 * sampleMs) / ms));
      entry.repetitions = Math.min(MOST_REPETITIONS, Math.max(entry.repetitions + 1, wanted));
      ms = await timed(() => prepared.run(entry.repetitions, WARM_UP_ROUND));
    }
  });
}

async function takeSample(entry: Entry, round: number, host: Host): Promise<void> {
  const { repetitions } = entry;
  const before = await host.cpuSeconds();
  const prepared = entry.prepared!;
  const wallMs = await timed(() => prepared.run(repetitions, round));
  const after = await host.cpuSeconds();
  const own = prepared.ownCpuMs?.();
  const cpuMs = before === null || after === null ? null : (1000 * (after - before)) / repetitions;
  entry.samples.push({
    round,
    repetitions,
    // Of another program only its own clock counts, which leaves its start-up out.
    wallMs: own ?? wallMs / repetitions,
    cpuMs: own ?? cpuMs,
  });
}

/** Counts calls, takes GPU times, sums up, closes. */
async function finish(
  entry: Entry,
  { operations }: Comparison,
  probes: readonly ProbeSample[],
): Promise<void> {
  let calls: CallCounts | undefined;
  let gpu: Summary | null = null;
  await attempt(entry, async (prepared) => {
    const counted = entry.slow ? 1 : COUNTED_RUNS;
    if (entry.contender.executes === 'gpu')
      calls = perRepetition(await countCalls(() => prepared.run(counted, WARM_UP_ROUND)), counted);
    const gpuTimes: number[] = [];
    if (prepared.gpuMs) for (let k = 0; k < GPU_RUNS; k++) gpuTimes.push(await prepared.gpuMs());
    gpu = summarize(gpuTimes);
  });
  if (entry.record.status !== 'measured') return;
  const { samples } = entry;
  const fractions =
    operations === undefined
      ? []
      : samples.map(
          ({ round, wallMs }) => (1000 * operations) / wallMs / probes[round]!.operations,
        );
  const cpu = samples.flatMap(({ cpuMs }) => (cpuMs === null ? [] : [cpuMs]));
  entry.record = {
    ...entry.record,
    ...(calls === undefined ? {} : { calls }),
    samples,
    wallMs: summarize(samples.map(({ wallMs }) => wallMs)),
    cpuMs: summarize(cpu),
    ...(gpu === null ? {} : { gpuMs: gpu }),
    ...(fractions.length === 0 ? {} : { fractionOfPeak: summarize(fractions)!.median }),
  };
  await drop(entry);
}

/**
 * What runs on the same adapter, or is aimed at. The engine's CPU backends are there for orientation:
 * how far a browser has optimised their code varies by half from one page to the next.
 */
function isClaimable({ name, executes }: Contender, { aims }: Comparison): boolean {
  return executes === 'gpu' || aims?.[name] !== undefined;
}

/** Every contender over the first, by both clocks. */
function ratiosOf(
  comparison: Comparison,
  entries: readonly Entry[],
  { random, claims }: MeasureOptions,
): RatioRecord[] {
  const [first, ...others] = entries.filter(({ samples }) => samples.length > 0);
  if (!first || first !== entries[0]) return [];
  return others.flatMap((other) =>
    (['wall', 'cpu'] as const).flatMap((clock) => {
      const values = pairedRatios(other.samples, first.samples, clock);
      if (values.length === 0) return [];
      const { median, min, max, count } = summarize(values)!;
      const { low, high } = medianInterval(values, random);
      const aim = clock === claims ? comparison.aims?.[other.contender.name] : undefined;
      return [
        {
          numerator: other.contender.name,
          denominator: first.contender.name,
          clock,
          median,
          min,
          max,
          low,
          high,
          pairs: count,
          claimed:
            clock === claims &&
            isClaimable(other.contender, comparison) &&
            count >= FEWEST_PAIRS &&
            (high - low) / 2 <= SETTLED * median,
          ...(aim === undefined ? {} : { aim }),
        },
      ];
    }),
  );
}

/** Numerator over denominator in each round that has both. */
export function pairedRatios(
  numerator: readonly Sample[],
  denominator: readonly Sample[],
  clock: 'wall' | 'cpu',
): number[] {
  const key = clock === 'wall' ? 'wallMs' : 'cpuMs';
  return numerator.flatMap((sample) => {
    const other = denominator.find(({ round }) => round === sample.round);
    const above = sample[key];
    const below = other?.[key];
    return above === null || !below ? [] : [above / below];
  });
}

/** As browsers, Node and Deno say that a package is not there; its name is what they quote first. */
const MISSING_PACKAGE =
  /resolve module specifier|Cannot find package|not prefixed with|not a dependency/;
const QUOTED = /["']([^"']+)["']/;

async function attempt(entry: Entry, job: (prepared: Prepared) => Promise<void>): Promise<void> {
  if (!entry.prepared) return;
  try {
    await job(entry.prepared);
  } catch (error) {
    await fail(entry, error);
  }
}

async function fail(entry: Entry, error: unknown): Promise<void> {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const excuse = entry.contender.role === 'peer' ? excuseOf(reason) : null;
  entry.record =
    excuse === null
      ? { ...entry.record, status: 'failed', reason }
      : { ...entry.record, status: 'skipped', reason: excuse };
  await drop(entry);
}

/** Why it is no fault of a peer that it does not run here; null when it is one. */
function excuseOf(reason: string): string | null {
  const name = MISSING_PACKAGE.test(reason) ? QUOTED.exec(reason)?.[1] : undefined;
  if (name !== undefined) return `${name} is not installed here`;
  // Most are made for pages alone.
  return platform.runtime === 'browser'
    ? null
    : `it does not run in ${platform.runtime}: ${reason}`;
}

/** Closes; an error while closing what has failed already tells nothing new. */
async function drop(entry: Entry): Promise<void> {
  const { prepared } = entry;
  entry.prepared = null;
  try {
    await prepared?.close();
  } catch (error) {
    entry.record = {
      ...entry.record,
      reason: entry.record.reason ?? `closing it failed: ${String(error)}`,
    };
  }
}

async function timed(job: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await job();
  return performance.now() - begin;
}

/** JSON has no Infinity. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.MAX_VALUE;
}
