/**
 * What the critical points of a network say about their own completeness, beside what the solver knows: the Euler sum,
 * the network's symmetries, and the trace test.
 */
import type { CompletenessCheck } from '../homotopy/index.js';
import { LARGEST_DEFECT, traceCurvatures, traceDefect } from '../verify/network/trace-test.js';
import { countPoints } from './critical-points.js';
import type { NetworkMinima } from './find-minima.js';

/** Beyond it the trace test takes too long. */
const MOST_TRACED = 10_000;

/** The checks, their figures, and what they prove, in sentences for people. */
export function minimaCompleteness(minima: NetworkMinima): CompletenessCheck[] {
  return [symmetryCheck(minima), eulerCheck(minima), ...traceCheck(minima)];
}

function symmetryCheck({
  missingImages,
  duplicates,
  points,
  copies,
}: NetworkMinima): CompletenessCheck {
  return {
    check: 'symmetry',
    value: { missingImages, duplicates, real: countPoints(points) },
    proves:
      duplicates > 0
        ? `nothing: ${duplicates} solutions are copies of others, so as many were probably lost`
        : missingImages > 0
          ? `real critical points are missing: exchanging hidden units takes found ones to ${missingImages} points that are not on the list`
          : copies !== null
            ? 'no real critical point is listed twice: one of each set of copies, with their number'
            : 'the real critical points are different, and exchanging hidden units takes each to one on the list: what may be missing are whole sets of copies',
  };
}

function eulerCheck({ points, minima, eulerSum, problem }: NetworkMinima): CompletenessCheck {
  const degenerate = points.filter((point) => point.degenerate).length;
  return {
    check: 'Euler sum',
    value: {
      eulerSum,
      real: countPoints(points),
      minima: countPoints(minima.map((index) => points[index]!)),
      degenerate,
    },
    proves: proves(),
  };

  function proves(): string {
    if (!(problem.options.regularization > 0)) {
      return 'nothing: at lambda = 0 critical points are not isolated, and the theorem does not apply';
    }
    if (degenerate > 0) {
      return `nothing: ${degenerate} critical points are degenerate, and the theorem takes nondegenerate ones`;
    }
    return eulerSum === 1
      ? 'the signs (-1)^index of the real critical points add up to 1, as they must when none is missing (Poincare and Hopf): one missing alone would be seen, two of opposite sign would not'
      : `a real critical point is missing, or an index is wrong: the signs (-1)^index add up to ${eulerSum}, not 1`;
  }
}

/** One hidden layer, one output and all biases: networks whose function the trace test knows. */
function traceCheck({ problem, solutions, copies }: NetworkMinima): CompletenessCheck[] {
  const { options, activation, family } = problem;
  const { layers, bias } = family.layout.architecture;
  const isShallow = layers.length === 3 && layers[2] === 1 && bias === true;
  if (!isShallow || solutions.length === 0 || solutions.length > MOST_TRACED) return [];
  const network = {
    inputs: options.data.inputs,
    targets: options.data.targets.map((row) => row[0]!),
    units: layers[1]!,
    activation: activation.coefficients.slice(0, family.activation.length),
    regularization: options.regularization,
  };
  const curvatures = traceCurvatures(network, solutions);
  const defect = traceDefect(curvatures, copies);
  return [
    {
      check: 'trace test',
      value: { defect: Number.isNaN(defect) ? null : defect, solutions: solutions.length },
      proves: proves(),
    },
  ];

  function proves(): string {
    if (Number.isNaN(defect)) return 'nothing: a solution is singular';
    return defect <= LARGEST_DEFECT
      ? 'the sum of the network functions over all complex solutions moves on a straight line when the targets do, as it does for a complete set: one solution left out bends it; only all solutions of one kind, such as those with equal units, could be missing together'
      : 'nothing: the sum of the network functions over all complex solutions does not move on a straight line when the targets do: solutions are missing, or lie at infinity for these data';
  }
}
