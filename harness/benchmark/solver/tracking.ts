/**
 * Paths per CPU second, ours against the peers, on the same paths.
 *
 * Each round gives every contender the same start system (its own per round), in random order, and the ratios are
 * those of one round: what slows the machine slows all of them. Results count only when complete.
 */
import type { RandomStream } from '../../../src/math/random.js';
import type { Summary } from '../../generated/result.js';
import * as lps from '../../internals.js';
import { mean, shuffled, summarize } from '../../statistics.js';
import { note } from '../../tool.js';
import { clocked } from '../../clocks.js';
import { complaint, measureSolve, type MeasuredSolve } from './ours.js';
import type { Peer, PeerRun } from './peers.js';
import { totalDegreeStart } from './start-system.js';
import type { BenchmarkSystem } from './systems.js';

/** Our solves take a few milliseconds: each round repeats them for this long, with a seed of its own each. */
const ROUND_SECONDS = 0.5;
const MOST_SOLVES = 20;
/** Solves before the first round, for V8 to compile our code; the first of them is reported as `cold`. */
const WARM_UP = 8;

/** Paths per CPU second; `wall` and `trackingWall` per second. */
type OurRates = Readonly<Record<'tracking' | 'endToEnd' | 'wall' | 'trackingWall', number>>;

export interface TrackingRound {
  readonly ours: OurRates & { readonly solves: number };
  /** By name; without those that did not finish. */
  readonly peers: Readonly<Record<string, PeerRun & { readonly rate: number }>>;
}

export interface PeerRow {
  readonly name: string;
  readonly finished: boolean;
  /** Paths per CPU second. */
  readonly rate: Summary | null;
  /** Numbers of regular ends that came up. */
  readonly regular: readonly number[];
  /** Ours over the peer's, round by round. */
  readonly tracking: Summary | null;
  readonly endToEnd: Summary | null;
}

export interface TrackingRow {
  readonly name: string;
  readonly paths: number;
  readonly solutions: number;
  readonly complete: boolean;
  readonly problems: readonly string[];
  readonly cold: {
    readonly cpuSeconds: number;
    readonly kernels: number;
    readonly compileMs: number;
    readonly compileMsOfAnotherSeed: number;
  };
  readonly ours: Readonly<Record<keyof OurRates, Summary>>;
  readonly peers: readonly PeerRow[];
  readonly rounds: readonly TrackingRound[];
}

export interface TrackingOptions {
  /** Rounds. */
  readonly repeat: number;
  readonly peerLimitMs: number;
  readonly random: RandomStream;
}

/** @param contenders installed peers */
export async function compareTracking(
  gpu: lps.GpuDevice,
  { name, input, solutions }: BenchmarkSystem,
  contenders: readonly Peer[],
  { repeat, peerLimitMs, random }: TrackingOptions,
): Promise<TrackingRow> {
  const system = lps.parseSystem(input);
  const problems: string[] = [];
  const solveSeed = async (seed: number): Promise<MeasuredSolve> => {
    const run = await measureSolve((onProgress) =>
      lps.solve(gpu, system, { start: 'total-degree', seed, onProgress }),
    );
    const text = complaint(run.result, solutions);
    if (text) problems.push(text);
    return run;
  };

  const before = gpu.compileStatistics;
  const cold = await clocked(() => solveSeed(1));
  const { paths } = cold.result.result.start;
  const compiled = gpu.compileStatistics;
  for (let seed = 2; seed <= WARM_UP; seed++) await solveSeed(seed);
  const again = gpu.compileStatistics;
  // On a software adapter `auto` may begin in f64, and compile when the structure has come often enough.
  if (compiled.compiled > before.compiled && again.compiled !== compiled.compiled)
    problems.push(`${again.compiled - compiled.compiled} kernels compiled for another seed`);

  const runOurs = async (seed: number): Promise<TrackingRound['ours']> => {
    const runs: MeasuredSolve[] = [];
    let spent = 0;
    while (runs.length < MOST_SOLVES && (spent < ROUND_SECONDS || runs.length < 2)) {
      const run = await solveSeed(seed + runs.length);
      runs.push(run);
      spent += run.total;
    }
    const rate = (seconds: (run: MeasuredSolve) => number): number =>
      paths / mean(runs.map(seconds));
    return {
      solves: runs.length,
      tracking: rate((run) => run.tracking),
      endToEnd: rate((run) => run.total),
      wall: rate((run) => run.wall),
      trackingWall: rate((run) => run.trackingWall),
    };
  };
  const missing = new Set<string>();
  const rounds: TrackingRound[] = [];
  for (let round = 0; round < repeat; round++) {
    const seed = 1000 * (round + 1);
    const start = totalDegreeStart(system, seed);
    let ours: TrackingRound['ours'] | undefined;
    const others: Record<string, PeerRun & { readonly rate: number }> = {};
    // Null is our place in the order.
    for (const peer of shuffled([null, ...contenders], random)) {
      if (peer === null) {
        ours = await runOurs(seed);
      } else if (!missing.has(peer.name)) {
        const run = peer.run(system, start, peerLimitMs);
        if (run === null) missing.add(peer.name);
        else others[peer.name] = { ...run, rate: run.paths / run.seconds };
      }
    }
    rounds.push({ ours: ours!, peers: others });
    note(`${name}: round ${round + 1} of ${repeat}`);
  }

  const ours = (key: keyof OurRates): Summary => summarize(rounds.map((round) => round.ours[key]))!;
  return {
    name,
    paths,
    solutions,
    complete: problems.length === 0,
    problems,
    cold: {
      cpuSeconds: cold.cpu,
      kernels: compiled.compiled - before.compiled,
      compileMs: compiled.totalMs - before.totalMs,
      compileMsOfAnotherSeed: again.totalMs - compiled.totalMs,
    },
    ours: {
      tracking: ours('tracking'),
      endToEnd: ours('endToEnd'),
      wall: ours('wall'),
      trackingWall: ours('trackingWall'),
    },
    peers: contenders.map((peer) => peerRow(peer.name, rounds, !missing.has(peer.name))),
    rounds,
  };
}

function peerRow(name: string, rounds: readonly TrackingRound[], finished: boolean): PeerRow {
  const paired = rounds.flatMap(({ ours, peers }) => {
    const peer = peers[name];
    return peer ? [{ ours, peer }] : [];
  });
  const ratio = (key: 'tracking' | 'endToEnd'): Summary | null =>
    summarize(paired.map(({ ours, peer }) => ours[key] / peer.rate));
  return {
    name,
    finished,
    rate: summarize(paired.map(({ peer }) => peer.rate)),
    regular: [...new Set(paired.map(({ peer }) => peer.regular))],
    tracking: ratio('tracking'),
    endToEnd: ratio('endToEnd'),
  };
}
