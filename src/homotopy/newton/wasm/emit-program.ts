/**
 * Translates a program to WebAssembly: straight-line code for one Newton iteration, and for one step.
 *
 * A complex number is one f64x2. c * m = (cr, cr) * m + (ci, ci) * (i m), so each register that
 * meets a complex factor gets a rotated twin i m once; a product of registers costs two shuffles,
 * two multiplications and one addition.
 */
import type { Stepwise } from '../../../math/stepwise.js';
import type { Program, Term } from '../../program/program.js';
import { Type, type FunctionBody } from '../../../math/wasm-assembler.js';
import { rotate } from './emit-complex.js';
import type { MemoryLayout } from './layout.js';

const INSTRUCTIONS_PER_STEP = 256;

export class ProgramEmitter {
  /** Local of each register that has one. */
  private readonly locals = new Map<number, number>();
  private readonly twins = new Map<number, number>();
  /** Both parts of a number of the step, each in both lanes. */
  private readonly splats = new Map<number, readonly [number, number]>();

  constructor(
    private readonly body: FunctionBody,
    private readonly program: Program,
    private readonly layout: MemoryLayout,
  ) {}

  /** From the coordinates to Jacobian, value and right sides; step by step, and no further than an engine takes it. */
  *emitInstructions(): Stepwise<void> {
    const { body, program } = this;
    for (let j = 0; j < program.coordinates; j++) this.locals.set(j, this.load(j));
    for (const number of [program.step, program.step + 1])
      this.splats.set(number, this.splatsOf(number));
    const places = this.outputs();
    for (const [k, { terms, times, over }] of program.instructions.entries()) {
      if (k % INSTRUCTIONS_PER_STEP === INSTRUCTIONS_PER_STEP - 1) yield;
      if (body.isTooLarge) return;
      const register = program.temporaries + k;
      terms.forEach((term, t) => {
        if (t === 0 && term.negative) body.vectorConstant(0, 0);
        this.term(term);
        if (term.negative) body.subtractVector();
        else if (t > 0) body.addVector();
      });
      if (times !== over) {
        body
          .f64(times / over)
          .splat()
          .multiplyVector();
      }
      const local = body.local(Type.v128);
      body.set(local);
      this.locals.set(register, local);
      this.store(register, places.get(register));
    }
    for (const [register, addresses] of places) {
      if (register < program.temporaries) this.store(register, addresses);
    }
  }

  /** Coefficients that move, and their slopes, by de Casteljau's algorithm: a loop per run of equal degrees. */
  emitStep(): void {
    const { body, program, layout } = this;
    const points = Array.from({ length: program.degree + 1 }, () => body.local(Type.v128));
    /** Byte offsets from the run's first coefficient and from its first datum. */
    const [coefficient, data] = [body.local(Type.i32), body.local(Type.i32)];
    const rotated = points.map(() => body.local(Type.v128));
    const [tau, rest] = [program.step, program.step + 2].map((number) => this.splatsOf(number));
    const times = (point: number, [re, im]: readonly [number, number]): void => {
      body.get(points[point]!).get(re).multiplyVector();
      body.get(rotated[point]!).get(im).multiplyVector().addVector();
    };
    for (const { start, length, index, first, degree } of movingRuns(program)) {
      body.i32(0).set(coefficient).i32(0).set(data);
      body.whileTrue(
        () =>
          body
            .get(coefficient)
            .i32(16 * length)
            .lessU32(),
        () => {
          for (let power = 0; power <= degree; power++) {
            body
              .get(data)
              .loadVector(layout.data + 16 * (first + power))
              .set(points[power]!);
          }
          for (let level = degree; level > 0; level--) {
            if (level === 1) {
              body.get(coefficient).get(points[1]!).get(points[0]!).subtractVector();
              body.f64(degree).splat().multiplyVector();
              body.storeVector(this.address(program.slopes + start));
            }
            for (let power = 0; power <= level; power++) {
              rotate(body, points[power]!);
              body.set(rotated[power]!);
            }
            for (let power = 0; power < level; power++) {
              times(power, rest!);
              times(power + 1, tau!);
              body.addVector().set(points[power]!);
            }
          }
          body
            .get(coefficient)
            .get(points[0]!)
            .storeVector(this.address(program.coefficients + index));
          body.get(coefficient).i32(16).addI32().set(coefficient);
          body
            .get(data)
            .i32(16 * (degree + 1))
            .addI32()
            .set(data);
        },
      );
    }
  }

  /** Leaves the product on the stack. */
  private term({ left, right }: Term): void {
    const { body, program } = this;
    if (right === program.one) {
      this.push(left);
      return;
    }
    const factor = this.local(left);
    const splats = this.splats.get(right);
    if (splats) {
      body.get(splats[0]).get(factor).multiplyVector();
      body.get(splats[1]).get(this.twin(factor)).multiplyVector().addVector();
      return;
    }
    const local = this.locals.get(right);
    if (local !== undefined) {
      if (this.twins.has(factor)) this.product(local, factor);
      else this.product(factor, local);
      return;
    }
    const at = this.address(right);
    body.i32(0).loadSplat(at).get(factor).multiplyVector();
    if (program.real && right < program.slopes) return;
    body.i32(0).loadSplat(at + 8);
    body.get(this.twin(factor)).multiplyVector().addVector();
  }

  private push(register: number): void {
    const { body, program } = this;
    const local = this.locals.get(register);
    if (local !== undefined) body.get(local);
    else if (register === program.one) body.vectorConstant(1, 0);
    else if (register === program.zero) body.vectorConstant(0, 0);
    else body.i32(0).loadVector(this.address(register));
  }

  private store(register: number, addresses: readonly number[] = []): void {
    for (const at of addresses) {
      this.body.i32(0);
      this.push(register);
      this.body.storeVector(at);
    }
  }

  /** Where each output goes. */
  private outputs(): Map<number, number[]> {
    const { program, layout } = this;
    const n = program.equations;
    const places = new Map<number, number[]>();
    const add = (register: number, at: number) => {
      const list = places.get(register);
      if (list) list.push(at);
      else places.set(register, [at]);
    };
    program.jacobian.forEach((row, i) => {
      for (const { coordinate, register } of row) {
        add(register, layout.jacobian + 16 * (i * program.coordinates + coordinate));
      }
      const right = layout.matrix + 16 * (i * (n + 2) + n);
      add(program.values[i]!, right);
      add(program.values[i]!, layout.value + 16 * i);
      add(program.derivatives[i]!, right + 16);
    });
    return places;
  }

  private address(register: number): number {
    return this.layout.registers + 16 * register;
  }

  /** Local of a register; one in memory is loaded where first needed. */
  private local(register: number): number {
    let local = this.locals.get(register);
    if (local === undefined) {
      local = this.load(register);
      this.locals.set(register, local);
    }
    return local;
  }

  /** Locals of both parts of a number of the step, each in both lanes. */
  private splatsOf(number: number): readonly [number, number] {
    const { body } = this;
    const [re, im] = [body.local(Type.v128), body.local(Type.v128)];
    const at = this.address(number);
    body.i32(0).loadSplat(at).set(re);
    body
      .i32(0)
      .loadSplat(at + 8)
      .set(im);
    return [re, im];
  }

  private load(register: number): number {
    const local = this.body.local(Type.v128);
    this.body.i32(0).loadVector(this.address(register)).set(local);
    return local;
  }

  /** a * b; the twin of b is kept. */
  private product(a: number, b: number): void {
    const { body } = this;
    body.get(a).get(a).shuffle(0, 0).get(b).multiplyVector();
    body.get(a).get(a).shuffle(1, 1);
    body.get(this.twin(b)).multiplyVector().addVector();
  }

  /** Local that holds i * local; made where first needed, which is before every later use. */
  private twin(local: number): number {
    let twin = this.twins.get(local);
    if (twin === undefined) {
      const { body } = this;
      twin = body.local(Type.v128);
      rotate(body, local);
      body.set(twin);
      this.twins.set(local, twin);
    }
    return twin;
  }
}

/** Coefficients that follow one another in the program and in the data, all of one degree. */
interface MovingRun {
  /** Place of the first one among those that move; its slope's, too. */
  readonly start: number;
  length: number;
  /** The first one among all coefficients, and its first datum. */
  readonly index: number;
  readonly first: number;
  readonly degree: number;
}

function movingRuns({ moving, rules }: Program): readonly MovingRun[] {
  const runs: MovingRun[] = [];
  moving.forEach((index, start) => {
    const { first, degree } = rules[index]!;
    const last = runs.at(-1);
    const continues =
      last?.degree === degree &&
      index === last.index + last.length &&
      first === last.first + last.length * (degree + 1);
    if (continues) last.length++;
    else runs.push({ start, length: 1, index, first, degree });
  });
  return runs;
}
