/**
 * Every local minimum of a network with one hidden layer of relu or leaky relu units and weight decay:
 * the true network, not a polynomial one.
 *
 * For given active data points of every unit the loss is, in beta_j = v_j (w_j, b_j),
 *
 *   J = E (y - t)^2 / 2 + lambda sum_j |beta_j| + (lambda / 2) c^2,
 *
 * for (v^2 + |u|^2) / 2 is at least |v u|, and equal at a minimum. This is convex: each combination of
 * states of the units has one solution, which is a minimum of the network or not, and there are
 * finitely many combinations. See docs/minima.md for the theorems.
 */
import { platform } from '../../gpu/this-platform.js';
import { inSlices, type Stepwise } from '../../math/stepwise.js';
import { networkLayout, type NetworkLayout } from '../../network/architecture.js';
import { certify, type Certificate } from './certify.js';
import { checkReluOptions } from './check-options.js';
import { NO_COUNTS } from './combination-search.js';
import { dualNormOnLine } from './dual-norm.js';
import { mergeSamples } from './merge-samples.js';
import { enumerateOnPlane } from './plane.js';
import { describeMinimum, type ReluMinimum } from './relu-minimum.js';
import { neighbour, resolveTies, tieClass, type CertifiedCombination } from './resolve-ties.js';
import { addCounts, countCombinations, searchCombinations } from './search-combinations.js';
import type {
  FoundMinima,
  ReluCheckpoint,
  ReluMinima,
  ReluMinimaOptions,
  UndecidedCombination,
} from './relu-minima.js';
import { screeningDevice } from './screening.js';
import type { ReluProblem } from './state-tables.js';
import { cellOnLine } from './unit-cell.js';
import { unitStates } from './unit-states.js';
import { withoutUnits } from './without-units.js';

/**
 * Enumerates the local minima with a proof of each, and of there being no others.
 *
 * @throws ReluMinimaError for data, units, slope or lambda that the theorem does not cover
 * @throws TooManyCombinationsError
 */
export async function enumerateReluMinima(options: ReluMinimaOptions): Promise<ReluMinima> {
  const started = performance.now();
  checkReluOptions(options);
  const { data, units, negativeSlope = 0, regularization } = options;
  const problem: ReluProblem = { samples: mergeSamples(data), negativeSlope, regularization };
  const inputs = data.inputs[0]!.length;
  const layout = networkLayout({ layers: [inputs, units, 1] });
  const found =
    inputs === 1
      ? await enumerateOnLine(problem, layout, options)
      : await enumerateOnPlane(problem, layout, options);
  const minima = [...found.minima].sort((a, b) => a.loss - b.loss);
  return {
    units,
    distinctInputs: problem.samples.points.length,
    ...found,
    combinations: found.byUnits.reduce((sum, { combinations }) => sum + combinations, 0),
    minima,
    lowerBound: Math.max(...minima.map(({ lowerBound }) => lowerBound), problem.samples.spread.low),
    seconds: (performance.now() - started) / 1000,
  };
}

async function enumerateOnLine(
  problem: ReluProblem,
  layout: NetworkLayout,
  options: ReluMinimaOptions,
): Promise<FoundMinima> {
  const shares = await decideAll(problem, options);
  const certified = await inSlices(certifyShares(problem, layout, shares));
  const byUnits = Array.from({ length: options.units }, (_, k) => ({
    ...shares
      .filter((share) => share.units === k + 1)
      .map(({ counts }) => counts)
      .reduce(addCounts, NO_COUNTS),
    units: k + 1,
    minima: certified.minima.filter(({ distinctUnits }) => distinctUnits === k + 1).length,
  }));
  return { partial: options.signal?.aborted ?? false, byUnits, ...certified };
}

/** What the searches kept, once more and with certificates, a combination a step. */
function* certifyShares(
  problem: ReluProblem,
  layout: NetworkLayout,
  shares: readonly Share[],
): Stepwise<Pick<FoundMinima, 'minima' | 'undecided'>> {
  const states = unitStates(problem.samples.points.length, problem.negativeSlope !== 0);
  const minima: ReluMinimum[] = [];
  const undecided: UndecidedCombination[] = [];
  const none = withoutUnits(problem, layout, (residuals) => dualNormOnLine(problem, residuals, []));
  if (none === 'undecided') undecided.push({ states: [], reason: 'the dual norm may be 1' });
  else if (none !== null) minima.push(none);
  const tied = new Set<string>();
  for (const { states: indices, betas } of shares.flatMap(({ kept }) => kept)) {
    yield;
    const combination = indices.map((index) => states[index]!);
    const cells = combination.map((state) => cellOnLine(state, problem.samples.points));
    const certificate: Certificate = certify(problem, cells, betas);
    if (certificate.verdict === 'none') continue;
    if (certificate.verdict === 'undecided') {
      undecided.push({ states: combination, reason: certificate.reason });
      continue;
    }
    const certified: CertifiedCombination = { states: combination, certificate };
    const own = [...combination];
    if (certificate.ties.length > 0) {
      const name = tieClass(problem, certified);
      const verdict = tied.has(name) ? 'none' : resolveTies(problem, certified);
      if (verdict === 'none') continue;
      if (verdict === 'undecided') {
        undecided.push({ states: combination, reason: 'a root lies at a data point to rounding' });
        continue;
      }
      tied.add(name);
      own.push(...certificate.ties.map((tie) => neighbour(combination[tie.unit]!, tie, problem)));
    }
    const dual = dualNormOnLine(problem, certificate.solution.residuals, own);
    const kinks = combination.filter(({ kink }) => kink !== null).length;
    minima.push(describeMinimum(layout, certificate, kinks, dual));
  }
  return { undecided, minima };
}

type Share = ReluCheckpoint['shares'][number];

/** Decides the combinations of 1 to `units` units, or those that the checkpoint does not know. */
async function decideAll(problem: ReluProblem, options: ReluMinimaOptions): Promise<Share[]> {
  const { data, units, negativeSlope = 0, regularization, signal } = options;
  const { resume, onProgress, onCheckpoint, threads = platform.hardwareConcurrency } = options;
  const name = JSON.stringify({
    data: [data.inputs, data.targets],
    units,
    negativeSlope,
    regularization,
  });
  const shares: Share[] = resume?.problem === name ? [...resume.shares] : [];
  const states = unitStates(problem.samples.points.length, negativeSlope !== 0).length;
  const total = countCombinations(problem.samples.points.length, units, negativeSlope);
  let done = shares.reduce((sum, { counts }) => sum + counts.combinations, 0);
  const [known, started] = [done, performance.now()];
  for (let k = 1; k <= units && !signal?.aborted; k++) {
    await searchCombinations(
      { problem, units: k },
      {
        threads,
        gpu: screeningDevice(options, k, states),
        signal,
        done: new Set(shares.filter((share) => share.units === k).map(({ first }) => first)),
        onShare: (share) => {
          shares.push({ ...share, units: k });
          done += share.counts.combinations;
          const rate = (done - known) / (performance.now() - started);
          onProgress?.({ done, total, secondsLeft: (total - done) / rate / 1000 });
          onCheckpoint?.({ problem: name, shares });
        },
      },
    );
  }
  return shares;
}
