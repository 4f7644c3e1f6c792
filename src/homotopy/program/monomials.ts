/**
 * Monomials that a system needs, and a way to build each as the product of two others that are needed anyway.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { coordinate, ONE, type Recorder, type Register } from './recorder.js';

interface Monomial {
  readonly exponents: readonly number[];
  readonly degree: number;
}

/** A product of two others. */
interface Split {
  readonly key: string;
  readonly left: string;
  readonly right: string;
}

export class Monomials {
  private readonly needed = new Map<string, Monomial>();
  /** Every monomial of degree 2 or more, after those that it is made of. */
  private splits: readonly Split[] = [];

  constructor(private readonly coordinates: number) {}

  require(exponents: readonly number[]): void {
    const key = exponents.join();
    if (this.needed.has(key)) return;
    this.needed.set(key, { exponents, degree: exponents.reduce((sum, each) => sum + each, 0) });
  }

  /** Once all are required: how each is made. */
  *decide(): Stepwise<void> {
    for (let j = 0; j < this.coordinates; j++) this.require(unit(this.coordinates, j));
    const splits = new Map<Monomial, Split>();
    const known = new KnownMonomials([...this.needed.values()]);
    // By degree; a part has a lower one than its product, so those above are complete.
    const queues: Monomial[][] = [];
    const originals = [...this.needed.values()].filter(({ degree }) => degree > 1);
    for (const monomial of originals) (queues[monomial.degree] ??= []).push(monomial);
    const order: Monomial[][] = [];
    for (let degree = queues.length - 1; degree > 1; degree--) {
      const queue = queues[degree] ?? [];
      order.push(queue);
      for (const monomial of queue) {
        const parts = known.split(monomial);
        const [left, right] = parts.map((part) => part.join()) as [string, string];
        splits.set(monomial, { key: monomial.exponents.join(), left, right });
        for (const exponents of parts) {
          const key = exponents.join();
          if (this.needed.has(key)) continue;
          this.require(exponents);
          const part = this.needed.get(key)!;
          known.add(part);
          (queues[part.degree] ??= []).unshift(part);
        }
        yield;
      }
    }
    this.splits = order
      .reverse()
      .flat()
      .map((monomial) => splits.get(monomial)!);
  }

  /**
   * Records them all, the lowest degrees first.
   *
   * @returns the register of a monomial, which must have been required
   */
  record(recorder: Recorder): (exponents: readonly number[]) => Register {
    const registers = new Map<string, Register>();
    registers.set(new Array<number>(this.coordinates).fill(0).join(), ONE);
    for (let j = 0; j < this.coordinates; j++)
      registers.set(unit(this.coordinates, j).join(), coordinate(j));
    const find = (key: string): Register => {
      const register = registers.get(key);
      if (register === undefined) throw new Error(`monomial [${key}] was not required`);
      return register;
    };
    for (const { key, left, right } of this.splits)
      registers.set(key, recorder.product(find(left), find(right))!);
    return (exponents) => find(exponents.join());
  }
}

/** More than this are not compared with one another: 60,000 took minutes. */
const MANY = 4096;

/** Monomials among which others are divided: thousands of them, so that divisors are compared as numbers where they fit. */
class KnownMonomials {
  private readonly keys = new Set<number | string>();
  /** What one more of a coordinate adds to a key; null where keys are texts. */
  private readonly weights: readonly number[] | null;
  private readonly areMany: boolean;

  constructor(private readonly list: Monomial[]) {
    const weights: number[] = [];
    let weight = 1;
    for (let j = 0; j < (list[0]?.exponents.length ?? 0); j++) {
      weights.push(weight);
      weight *= 1 + list.reduce((most, { exponents }) => Math.max(most, exponents[j]!), 0);
    }
    this.weights = weight <= Number.MAX_SAFE_INTEGER ? weights : null;
    this.areMany = list.length > MANY;
    for (const { exponents } of list) this.keys.add(this.key(exponents));
  }

  /** A divisor of one that is known. */
  add(monomial: Monomial): void {
    this.list.push(monomial);
    this.keys.add(this.key(monomial.exponents));
  }

  split(monomial: Monomial): readonly (readonly number[])[] {
    return this.areMany ? this.splitByCoordinates(monomial) : this.splitAmongAll(monomial);
  }

  /** A coordinate and the rest, where that is known; else by half of the coordinates, of which there are few products. */
  private splitByCoordinates({ exponents }: Monomial): readonly (readonly number[])[] {
    const n = exponents.length;
    const occurring = [...exponents.keys()].filter((j) => exponents[j]! > 0);
    const without = (j: number) => exponents.with(j, exponents[j]! - 1);
    const known = occurring.find((j) => this.keys.has(this.key(without(j))));
    if (known !== undefined) return [without(known), unit(n, known)];
    if (occurring.length === 1) return [without(occurring[0]!), unit(n, occurring[0]!)];
    const upper = new Set(occurring.slice(occurring.length >> 1));
    return [
      exponents.map((each, j) => (upper.has(j) ? 0 : each)),
      exponents.map((each, j) => (upper.has(j) ? each : 0)),
    ];
  }

  /** Both parts known if possible; otherwise the largest known divisor and its cofactor. */
  private splitAmongAll({ exponents, degree }: Monomial): readonly (readonly number[])[] {
    const { list, keys, weights } = this;
    const whole = weights && (this.key(exponents) as number);
    const rest = (divisor: Monomial) => exponents.map((each, j) => each - divisor.exponents[j]!);
    let best: Monomial | null = null;
    for (const candidate of list) {
      if (candidate.degree === 0 || candidate.degree >= degree) continue;
      if (!divides(candidate.exponents, exponents)) continue;
      const key = weights
        ? whole! - (this.key(candidate.exponents) as number)
        : this.key(rest(candidate));
      if (keys.has(key)) return [candidate.exponents, rest(candidate)];
      if (candidate.degree > (best?.degree ?? 0)) best = candidate;
    }
    // Coordinates are always needed, so a divisor exists.
    return [best!.exponents, rest(best!)];
  }

  private key(exponents: readonly number[]): number | string {
    const { weights } = this;
    if (!weights) return exponents.join();
    let key = 0;
    for (let j = 0; j < exponents.length; j++) key += weights[j]! * exponents[j]!;
    return key;
  }
}

function divides(divisor: readonly number[], exponents: readonly number[]): boolean {
  for (let j = 0; j < exponents.length; j++) if (divisor[j]! > exponents[j]!) return false;
  return true;
}

function unit(coordinates: number, j: number): readonly number[] {
  return new Array<number>(coordinates).fill(0).with(j, 1);
}
