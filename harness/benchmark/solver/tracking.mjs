/**
 * Paths per CPU second, ours against the peers, on the same paths.
 *
 * Each round gives every contender the same start system (its own per round), in random order, and the ratios are
 * those of one round: what slows the machine slows all of them. Results count only when complete.
 */
import { complaint, cpuSeconds, measureSolve } from './ours.mjs';
import { totalDegreeStart } from './start-system.mjs';
import { shuffled, summary } from './statistics.mjs';

/** Our solves take a few milliseconds: each round repeats them for this long, with a seed of its own each. */
const ROUND_SECONDS = 0.5;
const MOST_SOLVES = 20;
/** Solves before the first round, for V8 to compile our code; the first of them is reported as `cold`. */
const WARM_UP = 8;

/**
 * @param contenders installed peers
 * @param {{ repeat: number, peerLimitMs: number, random: () => number, note: (text: string) => void }} options
 */
export async function compareTracking(lps, gpu, { name, input, solutions }, contenders, options) {
  const { repeat, peerLimitMs, random, note } = options;
  const system = lps.parseSystem(input);
  const problems = [];
  const check = (result) => {
    const text = complaint(result, solutions);
    if (text) problems.push(text);
  };
  const solveSeed = (seed) => measureSolve(lps, gpu, system, { start: 'total-degree', seed });

  const before = gpu.compileStatistics;
  const beginCold = process.cpuUsage();
  const cold = await solveSeed(1);
  const coldSeconds = cpuSeconds(beginCold);
  const compiled = gpu.compileStatistics;
  check(cold.result);
  for (let seed = 2; seed <= WARM_UP; seed++) check((await solveSeed(seed)).result);
  const again = gpu.compileStatistics;
  if (again.compiled !== compiled.compiled)
    problems.push(`${again.compiled - compiled.compiled} kernels compiled for another seed`);

  const rounds = [];
  let missing = new Set();
  for (let round = 0; round < repeat; round++) {
    const seed = 1000 * (round + 1);
    const entry = { ours: null, peers: {} };
    const runOurs = async () => {
      const runs = [];
      let spent = 0;
      while (runs.length < MOST_SOLVES && (spent < ROUND_SECONDS || runs.length < 2)) {
        const run = await solveSeed(seed + runs.length);
        check(run.result);
        runs.push(run);
        spent += run.total;
      }
      const mean = (value) => runs.reduce((sum, run) => sum + value(run), 0) / runs.length;
      const paths = cold.result.start.paths;
      entry.ours = {
        solves: runs.length,
        tracking: paths / mean((run) => run.tracking),
        endToEnd: paths / mean((run) => run.total),
        wall: paths / mean((run) => run.wall),
        trackingWall: paths / mean((run) => run.trackingWall),
      };
    };
    const start = totalDegreeStart(lps, system, seed);
    const runPeer = (peer) => {
      if (missing.has(peer.name)) return;
      const run = peer.run(lps, system, start, peerLimitMs);
      if (run === null) missing = missing.add(peer.name);
      else entry.peers[peer.name] = { ...run, rate: run.paths / run.seconds };
    };
    const order = shuffled([runOurs, ...contenders.map((peer) => () => runPeer(peer))], random);
    for (const contender of order) await contender();
    rounds.push(entry);
    note(`${name}: round ${round + 1} of ${repeat}`);
  }

  const ours = (key) => summary(rounds.map((round) => round.ours[key]));
  return {
    name,
    paths: cold.result.start.paths,
    solutions,
    complete: problems.length === 0,
    problems,
    cold: {
      cpuSeconds: coldSeconds,
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
    peers: contenders.map((peer) => {
      const paired = rounds.filter((round) => round.peers[peer.name]);
      const ratio = (key) =>
        summary(paired.map((round) => round.ours[key] / round.peers[peer.name].rate));
      return {
        name: peer.name,
        finished: !missing.has(peer.name),
        rate: summary(paired.map((round) => round.peers[peer.name].rate)),
        regular: [...new Set(paired.map((round) => round.peers[peer.name].regular))],
        tracking: ratio('tracking'),
        endToEnd: ratio('endToEnd'),
      };
    }),
    rounds,
  };
}
