/**
 * Records instructions; equal ones once.
 *
 * How many coefficients there are is known only at the end, so registers are numbered by kind while recording and in
 * one row by `finish`.
 */
import type {
  CoefficientRule,
  Instruction,
  JacobianEntry,
  Program,
  StepKind,
  Term,
} from './program.js';

/** A register while recording: its kind and its number within the kind. */
export type Register = number;

const KIND = 2 ** 26;
const enum Kind {
  Coordinate,
  Constant,
  Coefficient,
  Slope,
  Start,
  Temporary,
}

const at = (kind: Kind, index: number): Register => kind * KIND + index;

export const ONE: Register = at(Kind.Constant, 0);
export const ZERO: Register = at(Kind.Constant, 1);
/** These two and the numbers of the step, of which 1 - tau is read by the rules of coefficients alone. */
const CONSTANTS = 5;
/** sigma or tau. */
export const STEP: Register = at(Kind.Constant, 2);
/** 1 / (1 - s) or -dtau/ds. */
export const STEP_RATE: Register = at(Kind.Constant, 3);

export const coordinate = (index: number): Register => at(Kind.Coordinate, index);
export const coefficient = (index: number): Register => at(Kind.Coefficient, index);
export const slope = (index: number): Register => at(Kind.Slope, index);
export const startCoefficient = (index: number): Register => at(Kind.Start, index);

/** A product of two registers to be added up; without `right` the register itself. */
export interface Summand {
  readonly left: Register;
  readonly right?: Register;
  readonly negative?: boolean;
}

/** null is the known zero. */
export type MaybeZero = Register | null;

/** What a program computes. */
export interface Outputs {
  readonly values: readonly MaybeZero[];
  readonly derivatives: readonly MaybeZero[];
  /** [equation] entries by coordinate. */
  readonly jacobian: readonly ReadonlyMap<number, Register>[];
}

export interface CoefficientData {
  readonly stepKind: StepKind;
  readonly rules: readonly CoefficientRule[];
  readonly starts: number;
  readonly real: boolean;
}

export class Recorder {
  private readonly instructions: Instruction[] = [];
  private readonly known = new Map<string, Register>();

  constructor(private readonly coordinates: number) {}

  /** a b, where null is 1. */
  product(a: Register | null, b: Register | null): Register | null {
    if (a === null || b === null) return a ?? b;
    return this.sum([{ left: a, right: b }])!;
  }

  /** a^exponent for a whole exponent >= 0; null is 1. */
  power(a: Register, exponent: number): Register | null {
    let result: Register | null = null;
    for (let k = 0; k < exponent; k++) result = this.product(result, a);
    return result;
  }

  /** (sum of the terms) * times / over; null for no terms. */
  sum(terms: readonly Summand[], times = 1, over = 1): MaybeZero {
    if (terms.length === 0) return null;
    const [only] = terms;
    if (terms.length === 1 && only!.right === undefined && !only!.negative && times === over) {
      return only!.left;
    }
    const full = terms.map(({ left, right = ONE, negative = false }): Term => ({
      left,
      right,
      negative,
    }));
    const key = `${times}/${over}:${full.map((term) => `${term.negative ? '-' : '+'}${term.left}*${term.right}`).join('')}`;
    let register = this.known.get(key);
    if (register === undefined) {
      register = at(Kind.Temporary, this.instructions.length);
      this.instructions.push({ terms: full, times, over });
      this.known.set(key, register);
    }
    return register;
  }

  /** The program that computes these outputs. */
  finish(outputs: Outputs, { stepKind, rules, starts, real }: CoefficientData): Program {
    const order = this.schedule(outputs);
    const moving = rules.flatMap(({ degree }, index) => (degree > 0 ? [index] : []));
    const sizes = [this.coordinates, CONSTANTS, rules.length, moving.length, starts, order.length];
    const first = [0];
    for (const size of sizes) first.push(first.at(-1)! + size);
    // Kinds of which not all are kept, or not in the order in which they were recorded.
    const renumbered = new Map<Kind, ReadonlyMap<number, number>>([
      [Kind.Slope, new Map(moving.map((index, k) => [index, k]))],
      [Kind.Temporary, new Map(order.map((index, k) => [index, k]))],
    ]);
    const place = (register: Register): number => {
      const kind = Math.floor(register / KIND) as Kind;
      const index = register % KIND;
      const numbers = renumbered.get(kind);
      return first[kind]! + (numbers ? numbers.get(index)! : index);
    };
    return {
      equations: outputs.values.length,
      coordinates: this.coordinates,
      one: place(ONE),
      zero: place(ZERO),
      step: place(STEP),
      coefficients: first[Kind.Coefficient]!,
      slopes: first[Kind.Slope]!,
      starts: first[Kind.Start]!,
      temporaries: first[Kind.Temporary]!,
      registers: first.at(-1)!,
      stepKind,
      rules,
      moving,
      degree: rules.reduce((most, { degree }) => Math.max(most, degree), 0),
      data: rules.reduce((most, { first: begin, degree }) => Math.max(most, begin + degree + 1), 0),
      real,
      instructions: order
        .map((k) => this.instructions[k]!)
        .map(({ terms, times, over }) => ({
          terms: terms.map(({ left, right, negative }) => ({
            left: place(left),
            right: place(right),
            negative,
          })),
          times,
          over,
        })),
      values: outputs.values.map((register) => place(register ?? ZERO)),
      derivatives: outputs.derivatives.map((register) => place(register ?? ZERO)),
      jacobian: outputs.jacobian.map((row) =>
        [...row]
          .map(([column, register]): JacobianEntry => ({
            coordinate: column,
            register: place(register),
          }))
          .sort((a, b) => a.coordinate - b.coordinate),
      ),
    };
  }

  /**
   * The instructions that the outputs need, equation by equation and each as late as possible: what is computed long
   * before it is used is spilled to memory (cyclic-7 took 1.25 times as long, 2026-11-27).
   */
  private schedule({ values, derivatives, jacobian }: Outputs): number[] {
    const order: number[] = [];
    const seen = new Set<number>();
    const visit = (register: MaybeZero): void => {
      if (register === null || Math.floor(register / KIND) !== (Kind.Temporary as number)) return;
      const index = register % KIND;
      if (seen.has(index)) return;
      seen.add(index);
      for (const { left, right } of this.instructions[index]!.terms) {
        visit(left);
        visit(right);
      }
      order.push(index);
    };
    values.forEach((value, i) => {
      for (const register of jacobian[i]!.values()) visit(register);
      visit(value);
      visit(derivatives[i]!);
    });
    return order;
  }
}
