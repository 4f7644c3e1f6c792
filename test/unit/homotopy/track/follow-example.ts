/** All paths of an example followed in one precision. */
import { dehomogenise } from '../../../../src/homotopy/solve/finish.js';
import { DoubleDoubleKernel } from '../../../../src/homotopy/newton/interpreted-kernel.js';
import { atOnce } from '../../../../src/math/stepwise.js';
import { followPath } from '../../../../src/homotopy/track/follow.js';
import type { PathOutcome } from '../../../../src/homotopy/track/outcome.js';
import { PathTracker } from '../../../../src/homotopy/track/path-tracker.js';
import { TargetTerms } from '../../../../src/homotopy/track/target-terms.js';
import { TypedArrayKernel } from '../../../../src/homotopy/newton/interpreted-kernel.js';
import type { Example } from '../examples.js';

export type Kernel = typeof TypedArrayKernel | typeof DoubleDoubleKernel;
export const kernels = [
  ['f64', TypedArrayKernel],
  ['double-double', DoubleDoubleKernel],
] as const;

export function termsOf({ homotopy }: Pick<Example, 'homotopy'>): TargetTerms {
  const terms = new TargetTerms(homotopy.structure);
  terms.setTarget(homotopy);
  return terms;
}

export function pathOf({ homotopy }: Pick<Example, 'homotopy'>, Kernel: Kernel): PathTracker {
  const kernel = new Kernel(homotopy.structure);
  kernel.setStart(homotopy.startCoefficients);
  kernel.setTarget(homotopy.targetCoefficients, homotopy.targetLow);
  return new PathTracker(homotopy.structure, kernel);
}

export interface End {
  readonly outcome: PathOutcome;
  /** Affine end point, [re, im] per unknown; meaningless at infinity. */
  readonly point: Float64Array;
}

export function follow(each: Example, Kernel: Kernel): End[] {
  const path = pathOf(each, Kernel);
  return Array.from({ length: each.paths }, (_, id) => {
    const outcome = atOnce(followPath(path, each.start(id), 1, termsOf(each)))!;
    return { outcome, point: dehomogenise(each.homotopy.structure, outcome.point) };
  });
}
