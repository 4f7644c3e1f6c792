/** The search for a start system in a thread of its own: up to seconds for a large system. */
import {
  assertTrackable,
  chooseStart,
  formatStructure,
  squareUp,
  type StartKind,
  type StartPlan,
} from '../../homotopy/index.js';
import { parseSystem } from '../../polynomial/index.js';
import { explain } from '../shell/explain.js';

export interface StartQuestion {
  readonly text: string;
  readonly start: StartKind;
  readonly maxPaths: number;
}

/** What the page shows before anything is solved, or why it cannot be. */
export type StartAnswer =
  | { readonly error: string }
  | {
      readonly error: null;
      readonly variables: readonly string[];
      readonly degrees: readonly number[];
      readonly kind: StartPlan['kind'];
      /** One line per equation. */
      readonly structure: readonly string[];
      readonly sets: StartPlan['structure'];
      readonly paths: number;
    };

function answer({ text, start, maxPaths }: StartQuestion): StartAnswer {
  try {
    const system = parseSystem(text);
    const { variables, polynomials } = system;
    const isSquare = polynomials.length === variables.length;
    const plan = chooseStart(isSquare ? system : squareUp(system, 1), { start });
    assertTrackable(plan, maxPaths);
    return {
      error: null,
      variables: system.variables,
      degrees: system.degrees,
      kind: plan.kind,
      structure: formatStructure(plan.structure, system.variables),
      sets: plan.structure,
      paths: Number(plan.paths),
    };
  } catch (error) {
    return { error: explain(error) };
  }
}

/** The part of DedicatedWorkerGlobalScope used here (the DOM library types only know windows). */
interface Scope {
  postMessage(answer: StartAnswer): void;
  onmessage: ((event: MessageEvent<StartQuestion>) => void) | null;
}
const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data }) => {
  scope.postMessage(answer(data));
};
