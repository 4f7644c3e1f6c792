/**
 * A WebAssembly module for double-double Newton iterations: one for all systems, because it loops over tables.
 *
 * Unrolled code as in f64 would be ten times as long and take longer to compile than it saves: few paths need these
 * digits. A number is two f64x2: the high parts of re and im, then the low parts. Error-free transforms after Dekker
 * (1971) and Knuth, as in src/math/double-double.ts; WebAssembly evaluates f64 operations one by one.
 *
 * Table of a program: instructions of four i32 (address of the result, begin and end of its terms, address of a real
 * factor or 0), terms of three (addresses of left and right, how to multiply: see TermKind).
 */
import { encodeModule, FunctionBody, Type } from '../../../math/wasm-assembler.js';

/** Bytes of a number. */
export const NUMBER = 32;
/** Bytes of an instruction and of a term in the table. */
export const INSTRUCTION = 16;
export const TERM = 12;

/** Bit 0: negative; the rest: nothing to multiply by, a real right factor, or a complex one. */
export const TermKind = { unit: 0, real: 2, complex: 4, negative: 1 } as const;

const SPLITTER = 134217729; // 2^27 + 1

/** Locals of a number: high and low parts. */
interface Pair {
  readonly high: number;
  readonly low: number;
}

/**
 * @param pages of 64 KiB memory.
 * @returns a module exporting `memory`, `run(begin, end)`, which runs the instructions of a table, and
 *   `solve(n, rows)`, which solves n equations with two right sides: `rows` is the address of n + 1 i32, the addresses of
 *   the rows in pivot order when it returns. solve returns min |pivot| / max |pivot|, 0 for a singular matrix.
 */
export function doubleDoubleModule(pages: number): Uint8Array<ArrayBuffer> {
  const run = new FunctionBody([Type.i32, Type.i32]);
  new Writer(run).run();
  const solve = new FunctionBody([Type.i32, Type.i32]);
  new Writer(solve).solve();
  return encodeModule({ run, solve }, pages * 65536);
}

/** Locals of products and sums: h and l are the halves of a factor (a, b, b rotated by i), re and im its parts. */
const TEMPORARIES = [
  ...['aH', 'aL', 'bH', 'bL', 'rotated', 'rotatedH', 'rotatedL'],
  ...['re', 'im', 'reH', 'reL', 'imH', 'imL'],
  ...['p', 'q', 'errorP', 'errorQ', 'cross', 'whole', 'part', 'error'],
] as const;

class Writer {
  private readonly t: Record<string, number>;
  private readonly a: Pair;
  private readonly b: Pair;
  private readonly sum: Pair;
  private readonly result: Pair;

  constructor(private readonly body: FunctionBody) {
    [this.a, this.b, this.sum, this.result] = [this.pair(), this.pair(), this.pair(), this.pair()];
    this.t = Object.fromEntries(TEMPORARIES.map((name) => [name, body.local(Type.v128)]));
  }

  run(): void {
    const { body, a, b, sum, result } = this;
    const [instruction, end] = [0, 1];
    const [term, last, kind] = [0, 1, 2].map(() => body.local(Type.i32)) as [
      number,
      number,
      number,
    ];
    body.whileTrue(
      () => body.get(instruction).get(end).lessU32(),
      () => {
        this.zero(sum);
        body.get(instruction).loadI32(4).set(term);
        body.get(instruction).loadI32(8).set(last);
        body.whileTrue(
          () => body.get(term).get(last).lessU32(),
          () => {
            body.get(term).loadI32(8).set(kind);
            this.load(() => body.get(term).loadI32(0), a);
            this.copy(a, result);
            body.get(kind).i32(TermKind.real).andI32();
            body.ifThen(() => {
              this.load(() => body.get(term).loadI32(4), b);
              this.realProduct(a, b, result);
            });
            body.get(kind).i32(TermKind.complex).andI32();
            body.ifThen(() => {
              this.load(() => body.get(term).loadI32(4), b);
              this.product(a, b, result);
            });
            body.get(kind).i32(TermKind.negative).andI32();
            body.ifThen(() => this.negate(result));
            this.add(result, sum);
            body.get(term).i32(TERM).addI32().set(term);
          },
        );
        body.get(instruction).loadI32(12).set(kind);
        body.get(kind);
        body.ifThen(() => {
          this.load(() => body.get(kind), b);
          this.realProduct(sum, b, sum);
        });
        this.store(() => body.get(instruction).loadI32(0), sum);
        body.get(instruction).i32(INSTRUCTION).addI32().set(instruction);
      },
    );
    body.f64(0);
  }

  /** Gaussian elimination with partial pivoting by row pointers, then back substitution of both right sides. */
  solve(): void {
    const { body, a, b, sum, result } = this;
    const [n, rows] = [0, 1];
    const i32 = () => body.local(Type.i32);
    const f64 = () => body.local(Type.f64);
    const [k, i, c, best, row, pivotRow, width, column] = [
      i32(),
      i32(),
      i32(),
      i32(),
      i32(),
      i32(),
      i32(),
      i32(),
    ];
    const [size, bestSize, smallest, largest] = [f64(), f64(), f64(), f64()];
    const factor = this.pair();
    const next = (local: number) => body.get(local).i32(1).addI32().set(local);
    const below = (local: number, limit: number) => () => body.get(local).get(limit).lessU32();
    /** Address of a row, of the element in column `local` of it. */
    const rowAt = (local: number) =>
      body.get(local).i32(4).multiplyI32().get(rows).addI32().loadI32(0);
    const element = (base: number, local: number) => () =>
      body.get(local).i32(NUMBER).multiplyI32().get(base).addI32();
    body.get(n).i32(2).addI32().set(width);
    body.f64(Infinity).set(smallest);
    body.f64(0).set(largest);
    body.i32(0).set(k);
    body.whileTrue(below(k, n), () => {
      body.f64(0).set(bestSize);
      body.get(k).set(best);
      body.get(k).set(i);
      body.whileTrue(below(i, n), () => {
        rowAt(i).set(row);
        element(row, k)().loadVector(0).absoluteVector().set(a.high);
        body.get(a.high).extractLane(0).get(a.high).extractLane(1).add().set(size);
        body.get(size).get(bestSize).greaterF64();
        body.ifThen(() => {
          body.get(size).set(bestSize);
          body.get(i).set(best);
        });
        next(i);
      });
      // Written so that NaN is singular.
      body.get(bestSize).f64(0).greaterF64().get(bestSize).f64(Infinity).lessF64().andI32();
      body.equalZeroI32().ifThen(() => body.f64(0).return());
      body.get(smallest).get(bestSize).minimum().set(smallest);
      body.get(largest).get(bestSize).maximum().set(largest);
      rowAt(best).set(pivotRow);
      body.get(best).i32(4).multiplyI32().get(rows).addI32();
      rowAt(k).storeI32(0);
      body.get(k).i32(4).multiplyI32().get(rows).addI32().get(pivotRow).storeI32(0);
      this.load(element(pivotRow, k), a);
      this.reciprocal(a, b);
      this.store(element(pivotRow, k), b);
      body.get(k).i32(1).addI32().set(i);
      body.whileTrue(below(i, n), () => {
        rowAt(i).set(row);
        this.load(element(row, k), a);
        this.load(element(pivotRow, k), b);
        this.product(a, b, factor);
        this.negate(factor);
        this.prepare(factor);
        body.get(k).i32(1).addI32().set(c);
        body.whileTrue(below(c, width), () => {
          this.load(element(pivotRow, c), b);
          this.productWith(factor, b, result);
          this.load(element(row, c), sum);
          this.add(result, sum);
          this.store(element(row, c), sum);
          next(c);
        });
        next(i);
      });
      next(k);
    });
    body.get(n).set(column);
    body.whileTrue(below(column, width), () => {
      body.get(n).set(i);
      body.whileTrue(
        () => body.i32(0).get(i).lessU32(),
        () => {
          body.get(i).i32(-1).addI32().set(i);
          rowAt(i).set(row);
          this.load(element(row, column), sum);
          body.get(i).i32(1).addI32().set(c);
          body.whileTrue(below(c, n), () => {
            rowAt(c).set(pivotRow);
            this.load(element(row, c), a);
            this.load(element(pivotRow, column), b);
            this.product(a, b, result);
            this.negate(result);
            this.add(result, sum);
            next(c);
          });
          this.load(element(row, i), a);
          this.product(a, sum, result);
          this.store(element(row, column), result);
        },
      );
      next(column);
    });
    body.get(smallest).get(largest).divide();
  }

  /** out = 1 / a by one Newton step from the f64 reciprocal: r (2 - a r). */
  private reciprocal(a: Pair, out: Pair): void {
    const { body, result } = this;
    const [re, im, norm] = [0, 1, 2].map(() => body.local(Type.f64)) as [number, number, number];
    body.get(a.high).extractLane(0).set(re);
    body.get(a.high).extractLane(1).set(im);
    body.get(re).get(re).multiply().get(im).get(im).multiply().add().set(norm);
    body.get(re).get(norm).divide().splat();
    body.get(im).get(norm).divide().negate().splat().shuffle(0, 2).set(out.high);
    body.vectorConstant(0, 0).set(out.low);
    this.product(a, out, result);
    this.negate(result);
    body.vectorConstant(2, 0).set(this.sum.high);
    body.vectorConstant(0, 0).set(this.sum.low);
    this.add(result, this.sum);
    this.product(out, this.sum, result);
    this.copy(result, out);
  }

  /** out = a * b; out may be a or b. */
  private product(a: Pair, b: Pair, out: Pair): void {
    this.prepare(a);
    this.productWith(a, b, out);
  }

  /** What products with the same left factor have in common. */
  private prepare(a: Pair): void {
    const { t } = this;
    this.split(a.high, t.aH!, t.aL!);
    this.lane(a.high, 0).set(t.re!);
    this.lane(a.high, 1).set(t.im!);
    this.lane(t.aH!, 0).set(t.reH!);
    this.lane(t.aL!, 0).set(t.reL!);
    this.lane(t.aH!, 1).set(t.imH!);
    this.lane(t.aL!, 1).set(t.imL!);
  }

  /** out = a * b for the prepared a. */
  private productWith(a: Pair, b: Pair, out: Pair): void {
    const { body, t } = this;
    this.split(b.high, t.bH!, t.bL!);
    this.rotate(b.high).set(t.rotated!);
    this.rotate(t.bH!).set(t.rotatedH!);
    this.rotate(t.bL!).set(t.rotatedL!);
    body.get(t.re!).get(b.high).multiplyVector().set(t.p!);
    this.productError(t.p!, t.reH!, t.reL!, t.bH!, t.bL!).set(t.errorP!);
    body.get(t.im!).get(t.rotated!).multiplyVector().set(t.q!);
    this.productError(t.q!, t.imH!, t.imL!, t.rotatedH!, t.rotatedL!).set(t.errorQ!);
    body.get(t.re!).get(b.low).multiplyVector();
    this.lane(a.low, 0).get(b.high).multiplyVector().addVector();
    body.get(t.im!);
    this.rotate(b.low).multiplyVector().addVector();
    this.lane(a.low, 1).get(t.rotated!).multiplyVector().addVector().set(t.cross!);
    const rest = () => {
      body.get(t.errorP!).get(t.errorQ!).addVector().get(t.cross!).addVector();
    };
    this.sumWithError(t.p!, t.q!, rest, out);
  }

  /** out = a * re(b); out may be a. */
  private realProduct(a: Pair, b: Pair, out: Pair): void {
    const { body, t } = this;
    this.split(a.high, t.aH!, t.aL!);
    this.split(b.high, t.bH!, t.bL!);
    this.lane(b.high, 0).set(t.re!);
    this.lane(t.bH!, 0).set(t.reH!);
    this.lane(t.bL!, 0).set(t.reL!);
    body.get(a.high).get(t.re!).multiplyVector().set(t.p!);
    this.productError(t.p!, t.aH!, t.aL!, t.reH!, t.reL!);
    this.lane(b.low, 0).get(a.high).multiplyVector().addVector();
    body.get(a.low).get(t.re!).multiplyVector().addVector().set(t.error!);
    body.get(t.p!).get(t.error!).addVector().set(out.high);
    body.get(t.error!).get(out.high).get(t.p!).subtractVector().subtractVector().set(out.low);
  }

  /** Leaves x y - p, p = fl(x y), from the halves of x and y. */
  private productError(p: number, xh: number, xl: number, yh: number, yl: number): FunctionBody {
    return this.body
      .get(xh)
      .get(yh)
      .multiplyVector()
      .get(p)
      .subtractVector()
      .get(xh)
      .get(yl)
      .multiplyVector()
      .addVector()
      .get(xl)
      .get(yh)
      .multiplyVector()
      .addVector()
      .get(xl)
      .get(yl)
      .multiplyVector()
      .addVector();
  }

  /** to += x */
  private add(x: Pair, to: Pair): void {
    this.sumWithError(to.high, x.high, () => this.body.get(to.low).get(x.low).addVector(), to);
  }

  /** out = p + q + rest, the sum of p and q without error. */
  private sumWithError(p: number, q: number, rest: () => unknown, out: Pair): void {
    const { body } = this;
    const [whole, part, error] = [this.t.whole!, this.t.part!, this.t.error!];
    body.get(p).get(q).addVector().tee(whole).get(p).subtractVector().set(part);
    body.get(p).get(whole).get(part).subtractVector().subtractVector();
    body.get(q).get(part).subtractVector().addVector();
    rest();
    body.addVector().set(error);
    body.get(whole).get(error).addVector().set(out.high);
    body.get(error).get(out.high).get(whole).subtractVector().subtractVector().set(out.low);
  }

  /** x = high + low, 26 bits each. */
  private split(x: number, high: number, low: number): void {
    const { body } = this;
    body.get(x).vectorConstant(SPLITTER, SPLITTER).multiplyVector().tee(high);
    body.get(high).get(x).subtractVector().subtractVector().set(high);
    body.get(x).get(high).subtractVector().set(low);
  }

  /** Leaves one part of x in both lanes. */
  private lane(x: number, lane: 0 | 1): FunctionBody {
    return this.body.get(x).get(x).shuffle(lane, lane);
  }

  /** Leaves i x. */
  private rotate(x: number): FunctionBody {
    return this.body.get(x).get(x).shuffle(1, 0).vectorConstant(-0, 0).xorVector();
  }

  private negate(x: Pair): void {
    for (const local of [x.high, x.low]) {
      this.body.get(local).vectorConstant(-0, -0).xorVector().set(local);
    }
  }

  private zero(x: Pair): void {
    this.body.vectorConstant(0, 0).tee(x.high).set(x.low);
  }

  private copy(from: Pair, to: Pair): void {
    this.body.get(from.high).set(to.high).get(from.low).set(to.low);
  }

  private load(address: () => unknown, to: Pair): void {
    address();
    this.body.loadVector(0).set(to.high);
    address();
    this.body.loadVector(16).set(to.low);
  }

  private store(address: () => unknown, from: Pair): void {
    address();
    this.body.get(from.high).storeVector(0);
    address();
    this.body.get(from.low).storeVector(16);
  }

  private pair(): Pair {
    return { high: this.body.local(Type.v128), low: this.body.local(Type.v128) };
  }
}
