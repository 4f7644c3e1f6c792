/** All paths of an example followed in one precision. */
import { dehomogenise } from '../../../src/homotopy/finish.js';
import { DoubleDoubleKernel } from '../../../src/homotopy/f64/double-double-kernel.js';
import { followPath } from '../../../src/homotopy/f64/follow.js';
import type { PathOutcome } from '../../../src/homotopy/f64/outcome.js';
import { Path } from '../../../src/homotopy/f64/path.js';
import { TargetTerms } from '../../../src/homotopy/f64/target-terms.js';
import { TypedArrayKernel } from '../../../src/homotopy/f64/typed-array-kernel.js';
import { startHomotopy } from '../../../src/homotopy/homotopy.js';
import {
  chooseStart,
  createStartTable,
  gammaOf,
  startCoefficients,
  startSolution,
  type ProductStructure,
} from '../../../src/homotopy/structure/index.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import { projective, type Example } from './examples.js';

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

export function pathOf({ homotopy }: Pick<Example, 'homotopy'>, Kernel: Kernel): Path {
  const kernel = new Kernel(homotopy.structure);
  kernel.setStart(homotopy.startCoefficients);
  kernel.setTarget(homotopy.targetCoefficients, homotopy.targetLow);
  return new Path(homotopy.structure, kernel);
}

/** With a start of more factors than the system has degrees: some paths go to infinity. */
export function withStructure(text: string, structure: ProductStructure, seed: number): Example {
  const parsed = parseSystem(text);
  const system = toNumeric(parsed);
  const plan = chooseStart(parsed, { structure });
  const coefficients = startCoefficients(plan, seed);
  const table = createStartTable(plan);
  const homotopy = startHomotopy(system, plan, coefficients, gammaOf(seed));
  return {
    system,
    homotopy,
    paths: Number(plan.paths),
    start: (id) => projective(homotopy, startSolution(plan, table, coefficients, id)),
  };
}

export interface End {
  readonly outcome: PathOutcome;
  /** Affine end point, [re, im] per unknown; meaningless at infinity. */
  readonly point: Float64Array;
}

export function follow(each: Example, Kernel: Kernel): End[] {
  const path = pathOf(each, Kernel);
  return Array.from({ length: each.paths }, (_, id) => {
    const outcome = followPath(path, each.start(id), 1, termsOf(each))!;
    return { outcome, point: dehomogenise(each.homotopy.structure, outcome.point) };
  });
}
