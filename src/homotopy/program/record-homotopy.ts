/**
 * Records the homotopies: F blended with a start system G, or F moving through a family.
 *
 * Adding a kind of homotopy means recording it here; every back end then has it.
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import type { NumericSystem } from '../../polynomial/system.js';
import type { Program, StepKind } from './program.js';
import {
  coordinate,
  Recorder,
  startCoefficient,
  STEP,
  STEP_RATE,
  type MaybeZero,
  type Register,
  type Summand,
} from './recorder.js';
import {
  planSystem,
  recordSystem,
  type DerivedCoefficient,
  type SystemOptions,
  type SystemPlan,
} from './record-system.js';

/** One linear form of the start system in projective coordinates. */
export interface StartFactor {
  /** Coordinates that occur; the homogenising coordinate of the factor's group comes first. */
  readonly coordinates: readonly number[];
  /** Index (in complex numbers) of its first coefficient in `startCoefficients`. */
  readonly offset: number;
}

export type StartForm =
  /** G_i = a_i x_i^d_i + b_i x_0^d_i; coefficients a_i, b_i at 2 i and 2 i + 1. */
  | { readonly kind: 'univariate'; readonly degrees: readonly number[] }
  /** G_i = product of linear forms, never expanded. */
  | { readonly kind: 'product'; readonly factors: readonly (readonly StartFactor[])[] }
  /** Another member of the family; its only coefficient is gamma. */
  | { readonly kind: 'parameters' };

export interface RecordedHomotopy {
  /** H, its Jacobian and -dH/ds. */
  readonly program: Program;
  /** F and its Jacobian at s = 0. */
  readonly target: Program;
  /** What the data of F are made of. */
  readonly derived: readonly DerivedCoefficient[];
}

/**
 * @param system the target, or any member of the family: of its coefficients only 1 and -1 matter, and whether all are real.
 * @throws RangeError when a term exceeds the degree it is homogenised to.
 */
export function recordHomotopy(
  system: NumericSystem,
  start: StartForm,
  options: SystemOptions,
): RecordedHomotopy {
  return atOnce(recordHomotopyStepwise(system, start, options));
}

/** The same, step by step. */
export function* recordHomotopyStepwise(
  system: NumericSystem,
  start: StartForm,
  options: SystemOptions,
): Stepwise<RecordedHomotopy> {
  const plan = yield* planSystem(system, options);
  const coordinates = system.variables.length + options.groups.length;
  const recorder = new Recorder(coordinates);
  const moving = yield* recordSystem(recorder, plan);
  const { rules, derived, real } = moving;
  const stepKind: StepKind = start.kind === 'parameters' ? 'parameters' : 'start';
  const data = { stepKind, rules, real, starts: startCount(start, system.variables.length) };
  const outputs =
    start.kind === 'parameters'
      ? {
          values: moving.values,
          jacobian: moving.jacobian,
          derivatives: moving.slopes().map((each) => each && recorder.product(each, STEP_RATE)),
        }
      : blend(recorder, moving, recordStart(recorder, start, system.variables.length, options));
  yield;
  const program = recorder.finish(outputs, data);
  yield;
  const target = yield* recordTarget(plan, coordinates, stepKind);
  return { program, target, derived };
}

/** F alone; a moving coefficient is where it ends. */
function* recordTarget(
  plan: SystemPlan,
  coordinates: number,
  stepKind: StepKind,
): Stepwise<Program> {
  const recorder = new Recorder(coordinates);
  const { values, jacobian, rules, real } = yield* recordSystem(recorder, plan);
  const fixed = rules.map(({ first }) => ({ first, degree: 0 }));
  return recorder.finish(
    { values, jacobian, derivatives: values.map(() => null) },
    { stepKind, rules: fixed, starts: 0, real },
  );
}

/** Complex start coefficients that a form reads. */
function startCount(start: StartForm, variables: number): number {
  if (start.kind === 'univariate') return 2 * variables;
  if (start.kind === 'parameters') return 1;
  return start.factors.flat().reduce((sum, factor) => sum + factor.coordinates.length, 0);
}

interface Values {
  readonly values: readonly MaybeZero[];
  readonly jacobian: readonly ReadonlyMap<number, Register>[];
}

/** F + sigma G, and its derivative by s times -(1 - s): (F - G) / (1 - s). */
function blend(recorder: Recorder, f: Values, g: Values) {
  const add = (a: MaybeZero, b: MaybeZero): Summand[] => [
    ...(a === null ? [] : [{ left: a }]),
    ...(b === null ? [] : [{ left: b, right: STEP }]),
  ];
  return {
    jacobian: f.jacobian.map((row, i) => {
      const columns = new Set([...row.keys(), ...g.jacobian[i]!.keys()]);
      return new Map(
        Array.from(columns, (j): [number, Register] => [
          j,
          recorder.sum(add(row.get(j) ?? null, g.jacobian[i]!.get(j) ?? null))!,
        ]),
      );
    }),
    values: f.values.map((value, i) => recorder.sum(add(value, g.values[i]!))),
    derivatives: f.values.map((value, i) => {
      const difference = recorder.sum([
        ...(value === null ? [] : [{ left: value }]),
        ...(g.values[i] === null ? [] : [{ left: g.values[i]!, negative: true }]),
      ]);
      return difference && recorder.product(difference, STEP_RATE);
    }),
  };
}

/** G and dG: two powers, or prefix and suffix products of linear forms (never expanded). */
function recordStart(
  recorder: Recorder,
  start: Exclude<StartForm, { kind: 'parameters' }>,
  n: number,
  { groups }: SystemOptions,
): Values {
  const rows = Array.from({ length: n }, (_, i) => {
    if (start.kind === 'product') return recordProduct(recorder, start.factors[i]!);
    const homogenising = n + groups.findIndex((group) => group.includes(i));
    return recordPowers(recorder, start.degrees[i]!, i, homogenising);
  });
  return { values: rows.map(({ value }) => value), jacobian: rows.map(({ row }) => row) };
}

function recordPowers(recorder: Recorder, degree: number, variable: number, homogenising: number) {
  const row = new Map<number, Register>();
  const terms = [variable, homogenising].map((j, k): Summand => {
    const scaled = recorder.product(
      recorder.power(coordinate(j), degree - 1),
      startCoefficient(2 * variable + k),
    )!;
    row.set(j, recorder.sum([{ left: scaled }], degree)!);
    return { left: scaled, right: coordinate(j) };
  });
  return { value: recorder.sum(terms), row };
}

function recordProduct(recorder: Recorder, factors: readonly StartFactor[]) {
  const forms = factors.map((factor) =>
    recorder.sum(
      factor.coordinates.map((j, k) => ({
        left: coordinate(j),
        right: startCoefficient(factor.offset + k),
      })),
    )!,
  );
  const cofactors = productsOfOthers(recorder, forms);
  const columns = new Map<number, Summand[]>();
  factors.forEach((factor, l) => {
    factor.coordinates.forEach((j, k) => {
      const scalar = startCoefficient(factor.offset + k);
      const others = cofactors[l]!;
      const terms = columns.get(j) ?? [];
      terms.push(others === null ? { left: scalar } : { left: others, right: scalar });
      columns.set(j, terms);
    });
  });
  return {
    value: recorder.product(cofactors[0]!, forms[0]!),
    row: new Map(
      Array.from(columns, ([j, terms]): [number, Register] => [j, recorder.sum(terms)!]),
    ),
  };
}

/** For every factor the product of all the others, by prefix and suffix products; null for 1. */
function productsOfOthers(recorder: Recorder, forms: readonly Register[]): (Register | null)[] {
  const suffix = new Array<Register | null>(forms.length + 1).fill(null);
  for (let l = forms.length - 1; l > 0; l--)
    suffix[l] = recorder.product(forms[l]!, suffix[l + 1]!);
  let prefix: Register | null = null;
  return forms.map((form, l) => {
    const others = recorder.product(prefix, suffix[l + 1]!);
    prefix = recorder.product(prefix, form);
    return others;
  });
}
