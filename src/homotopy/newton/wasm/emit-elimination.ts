/**
 * Emits the solution of the linear system in a static order of pivots: straight-line code for the entries that may differ
 * from 0.
 *
 * The homogenising column is a third right side: with A the other columns, A y = b and A w = J_0, all solutions of J z = b
 * are z = (y, 0) - t (w, -1), of which the chart wants the one with z_c = 0: t = y_c / w_c.
 */
import type { HomotopyStructure } from '../../program/homotopy.js';
import { Type, type FunctionBody } from '../../../math/wasm-assembler.js';
import type { Pivot } from './elimination.js';
import { rotate, SizeEmitter } from './emit-complex.js';
import type { MemoryLayout } from './layout.js';

/** An entry of the pivot's column may be so many times the pivot: of 16 digits two or three may be lost. */
const LARGEST_MULTIPLIER = 256;

/** Leaves min |pivot| / max |pivot|, of rows as they are; 0 where a pivot is too small for its column, or not finite. */
export function emitElimination(
  body: FunctionBody,
  structure: HomotopyStructure,
  pivots: readonly Pivot[],
  layout: MemoryLayout,
): void {
  const emitter = new EliminationEmitter(body, structure, layout);
  for (const pivot of pivots) emitter.eliminate(pivot);
  for (const pivot of [...pivots].reverse()) emitter.substitute(pivot);
  emitter.moveToChart();
  emitter.pushRatio();
}

/** Both parts of a number, each in both lanes. */
type Splats = readonly [re: number, im: number];

class EliminationEmitter {
  /** n: of the homogenising column, which is followed by the two right sides. */
  private readonly n: number;
  private readonly sides: readonly number[];
  /** [row] locals of its entries, by column. */
  private readonly rows: readonly Map<number, number>[];
  /** [side - n] locals of the solution, by column. */
  private readonly solutions: readonly Map<number, number>[];
  private readonly inverses = new Map<Pivot, Splats>();
  private readonly twins = new Map<number, number>();
  private readonly multipliers: SizeEmitter;
  private readonly smallest: number;
  private readonly largest: number;

  constructor(
    private readonly body: FunctionBody,
    { variables: n, coordinates, program }: HomotopyStructure,
    private readonly layout: MemoryLayout,
  ) {
    this.n = n;
    this.sides = [n, n + 1, n + 2];
    this.rows = program.jacobian.map((row, i) => {
      const right = layout.matrix + 16 * (i * (n + 2) + n);
      return new Map([
        ...row.map(({ coordinate }): [number, number] => [
          coordinate,
          this.load(layout.jacobian + 16 * (i * coordinates + coordinate)),
        ]),
        [n + 1, this.load(right)],
        [n + 2, this.load(right + 16)],
      ]);
    });
    // At the homogenising coordinate y is 0, and w is -1.
    this.solutions = [-1, 0, 0].map(
      (value) => new Map([[n, this.keep(() => body.vectorConstant(value, 0))]]),
    );
    this.multipliers = new SizeEmitter(body);
    this.smallest = body.local(Type.f64);
    this.largest = body.local(Type.f64);
    body.f64(Infinity).set(this.smallest).f64(0).set(this.largest);
  }

  eliminate(pivot: Pivot): void {
    const { body, rows, n } = this;
    const row = rows[pivot.row]!;
    const diagonal = row.get(pivot.column)!;
    const norm = this.norm(diagonal);
    body.get(this.smallest).get(norm).minimum().set(this.smallest);
    body.get(this.largest).get(norm).maximum().set(this.largest);
    const inverse = this.invert(diagonal, norm);
    this.inverses.set(pivot, inverse);
    for (const i of pivot.below) {
      const entries = rows[i]!;
      const multiplier = this.keep(() => this.times(entries.get(pivot.column)!, inverse));
      this.multipliers.largestPart(multiplier);
      const splats = this.splats(multiplier);
      for (const column of [...pivot.right, n + 1, n + 2]) {
        const result = this.minus(entries.get(column), [[row.get(column)!, splats]]);
        entries.set(column, result);
      }
    }
  }

  substitute(pivot: Pivot): void {
    const { n, rows, solutions } = this;
    const row = rows[pivot.row]!;
    const others = pivot.right
      .filter((column) => column !== n)
      .map((column) => ({ column, splats: this.splats(row.get(column)!) }));
    this.sides.forEach((side, k) => {
      const known = solutions[k]!;
      const rest = this.minus(
        row.get(side),
        others.map(({ column, splats }) => [known.get(column)!, splats]),
      );
      known.set(
        pivot.column,
        this.keep(() => this.times(rest, this.inverses.get(pivot)!)),
      );
    });
  }

  /** Adds the multiple of the null vector that makes the chart's coordinate 0. */
  moveToChart(): void {
    const { body, layout, solutions } = this;
    const places = [layout.null, layout.correction, layout.tangent];
    places.forEach((place, k) => {
      for (const [j, local] of solutions[k]!)
        body
          .i32(0)
          .get(local)
          .storeVector(place + 16 * j);
    });
    const chart = body.local(Type.i32);
    body.i32(0).loadI32(layout.chart).set(chart);
    const [null_, ...sides] = places.map((place) =>
      this.keep(() => body.get(chart).loadVector(place)),
    );
    const inverse = this.invert(null_!, this.norm(null_!));
    sides.forEach((atChart, k) => {
      const place = places[k + 1]!;
      const parameter = this.splats(this.keep(() => this.times(atChart, inverse)));
      const sizes = new SizeEmitter(body);
      for (const [j, local] of solutions[k + 1]!) {
        const moved = this.minus(local, [[solutions[0]!.get(j)!, parameter]]);
        body
          .i32(0)
          .get(moved)
          .storeVector(place + 16 * j);
        if (k === 0) sizes.square(moved);
        else sizes.largestPart(moved);
      }
      body.get(chart).vectorConstant(0, 0).storeVector(place);
      sizes.store(layout.sizes + 8 * k);
    });
  }

  pushRatio(): void {
    const { body } = this;
    body.get(this.smallest).get(this.largest).divide().squareRoot().f64(0);
    // Written so that NaN gives 0.
    this.multipliers.push();
    body.f64(LARGEST_MULTIPLIER).lessF64().select();
  }

  private keep(push: () => void): number {
    const local = this.body.local(Type.v128);
    push();
    this.body.set(local);
    return local;
  }

  private load(address: number): number {
    return this.keep(() => this.body.i32(0).loadVector(address));
  }

  /** a minus products; undefined is 0. */
  private minus(a: number | undefined, products: readonly (readonly [number, Splats])[]): number {
    const { body } = this;
    return this.keep(() => {
      if (a === undefined) body.vectorConstant(0, 0);
      else body.get(a);
      for (const [factor, [re, im]] of products) {
        body.get(factor).get(re).multiplyVector().subtractVector();
        body.get(this.twin(factor)).get(im).multiplyVector().subtractVector();
      }
    });
  }

  /** Leaves a product. */
  private times(a: number, [re, im]: Splats): void {
    const { body } = this;
    body.get(a).get(re).multiplyVector();
    body.get(this.twin(a)).get(im).multiplyVector().addVector();
  }

  private splats(a: number): Splats {
    const { body } = this;
    const lane = (k: number) => this.keep(() => body.get(a).get(a).shuffle(k, k));
    return [lane(0), lane(1)];
  }

  /** |a|^2 */
  private norm(a: number): number {
    const { body } = this;
    const squares = this.keep(() => body.get(a).get(a).multiplyVector());
    const norm = body.local(Type.f64);
    body.get(squares).extractLane(0).get(squares).extractLane(1).add().set(norm);
    return norm;
  }

  private invert(a: number, norm: number): Splats {
    const { body } = this;
    const conjugate = () => body.get(a).vectorConstant(0, -0).xorVector();
    return this.splats(
      this.keep(() => {
        conjugate();
        body.f64(1).get(norm).divide().splat().multiplyVector();
      }),
    );
  }

  /** i a, made once. */
  private twin(a: number): number {
    let twin = this.twins.get(a);
    if (twin === undefined) {
      twin = this.body.local(Type.v128);
      // In the middle of an expression: what is on the stack stays there.
      rotate(this.body, a);
      this.body.set(twin);
      this.twins.set(a, twin);
    }
    return twin;
  }
}
