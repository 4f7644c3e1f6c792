/**
 * Emits the WebAssembly module of one homotopy structure: evaluate H, J, H_s at (x, s), then LU.
 *
 * A complex number is one f64x2. c * m = (cr, cr) * m + (ci, ci) * (i m), so each register that
 * meets a complex factor gets a rotated twin i m once; a product of registers costs two shuffles,
 * two multiplications and one addition. Everything is unrolled: coordinates, exponents and matrix
 * sizes are known, only the chart columns and the pivot rows are not.
 */
import { MINUS_ONE, ONE, PLUS_ONE, type Sum } from '../../evaluation.js';
import type { HomotopyStructure, StartFactor } from '../../homotopy.js';
import { encodeModule, FunctionBody, Type } from './assembler.js';

/** Byte addresses in the module's memory. */
export interface MemoryLayout {
  readonly point: number;
  readonly startCoefficients: number;
  readonly targetCoefficients: number;
  /** n byte offsets of the active columns, as i32. */
  readonly active: number;
  readonly value: number;
  /** n x N Jacobian of H. */
  readonly jacobian: number;
  /** n x (n + 2) augmented matrix: A | H | -H_s, solved in place. */
  readonly matrix: number;
  readonly bytes: number;
}

export function memoryLayout(structure: HomotopyStructure, startLength: number): MemoryLayout {
  const { variables: n, coordinates: N } = structure;
  let next = 0;
  const reserve = (complexNumbers: number) => {
    const at = next;
    next += 16 * complexNumbers;
    return at;
  };
  return {
    point: reserve(N),
    startCoefficients: reserve(startLength),
    targetCoefficients: reserve(structure.target.derived.length),
    active: reserve(Math.ceil(n / 4)),
    value: reserve(n),
    jacobian: reserve(n * N),
    matrix: reserve(n * (n + 2)),
    bytes: next,
  };
}

/** @returns a module exporting `memory` and `iterate(sRe, sIm): pivot ratio`. */
export function emitModule(
  structure: HomotopyStructure,
  layout: MemoryLayout,
): Uint8Array<ArrayBuffer> {
  const body = new FunctionBody([Type.f64, Type.f64]);
  new EvaluationEmitter(body, structure, layout).emit();
  emitSolve(body, structure.variables, structure.coordinates, layout);
  return encodeModule({ iterate: body }, layout.bytes);
}

class EvaluationEmitter {
  private readonly registers: number[] = [];
  private readonly twins = new Map<number, number>();
  private readonly sRe: number;
  private readonly sIm: number;
  private readonly scratch: number[] = [];

  constructor(
    private readonly body: FunctionBody,
    private readonly structure: HomotopyStructure,
    private readonly layout: MemoryLayout,
  ) {
    this.sRe = body.local(Type.v128);
    this.sIm = body.local(Type.v128);
  }

  emit(): void {
    const { body, layout } = this;
    const { target, start } = this.structure;
    body.get(0).splat().set(this.sRe);
    body.get(1).splat().set(this.sIm);
    for (let j = 0; j < target.coordinates; j++) {
      const register = body.local(Type.v128);
      body
        .i32(0)
        .loadVector(layout.point + 16 * j)
        .set(register);
      this.registers.push(register);
    }
    for (const { left, right } of target.products) {
      const register = body.local(Type.v128);
      this.product(this.registers[left]!, this.registers[right]!);
      body.set(register);
      this.registers.push(register);
    }
    for (let i = 0; i < target.equations; i++) {
      if (start.kind === 'parameters') this.familyEquation(i);
      else this.equation(i, start.kind === 'univariate' ? null : start.factors[i]!);
    }
  }

  /** Row i of H = F + s (G - F) and its Jacobian. */
  private equation(i: number, factors: readonly StartFactor[] | null): void {
    const { body, layout, structure } = this;
    const N = structure.coordinates;
    const targetRow = this.targetRow(i, layout.targetCoefficients);
    const targetValue = this.targetValue(i, targetRow, layout.targetCoefficients);
    const { row: startRow, value: startValue } = factors
      ? this.productRow(factors)
      : this.univariateRow(i);
    for (let j = 0; j < N; j++) {
      const f = targetRow.get(j);
      const g = startRow.get(j);
      if (f === undefined && g === undefined) continue;
      body.i32(0);
      this.blend(f, g);
      body.storeVector(layout.jacobian + 16 * (i * N + j));
    }
    this.storeValues(
      i,
      () => this.blend(targetValue, startValue),
      () => {
        body.get(targetValue).get(startValue).subtractVector();
      },
    );
    this.release([...targetRow.values(), ...startRow.values(), targetValue, startValue]);
  }

  /** Row i of H with coefficients c1 + s (c0 - c1), and H_s = sum (c0 - c1) m. */
  private familyEquation(i: number): void {
    const { body, layout, structure } = this;
    const N = structure.coordinates;
    const row = this.targetRow(i, 'blended');
    const value = this.targetValue(i, row, 'blended');
    for (const [j, entry] of row) {
      body
        .i32(0)
        .get(entry)
        .storeVector(layout.jacobian + 16 * (i * N + j));
    }
    this.storeValues(
      i,
      () => body.get(value),
      () => {
        // The right side is -H_s = sum (c1 - c0) m.
        const sum = structure.target.direct![i]!;
        this.sum(sum, 'difference');
      },
    );
    this.release([...row.values(), value]);
  }

  private storeValues(i: number, value: () => void, minusDs: () => void): void {
    const { body, layout, structure } = this;
    const n = structure.variables;
    const at = layout.matrix + 16 * (i * (n + 2) + n);
    const held = this.borrow();
    value();
    body.set(held);
    body.i32(0).get(held).storeVector(at);
    body
      .i32(0)
      .get(held)
      .storeVector(layout.value + 16 * i);
    body.i32(0);
    minusDs();
    body.storeVector(at + 16);
    this.release([held]);
  }

  private targetRow(i: number, coefficients: number | 'blended'): Map<number, number> {
    const row = new Map<number, number>();
    for (const entry of this.structure.target.jacobian[i]!) {
      const local = this.borrow();
      this.sum(entry, coefficients);
      this.body.set(local);
      row.set(entry.coordinate, local);
    }
    return row;
  }

  private targetValue(
    i: number,
    row: ReadonlyMap<number, number>,
    coefficients: number | 'blended',
  ): number {
    const { body, structure } = this;
    const rule = structure.target.values[i]!;
    const local = this.borrow();
    if (rule.kind === 'sum') this.sum(rule.sum, coefficients);
    else {
      let first = true;
      for (const [j, entry] of row) {
        if (structure.groupOf[j] !== rule.group) continue;
        this.product(entry, this.registers[j]!);
        if (!first) body.addVector();
        first = false;
      }
      body
        .f64(1 / rule.degree)
        .splat()
        .multiplyVector();
    }
    body.set(local);
    return local;
  }

  private univariateRow(i: number): { row: Map<number, number>; value: number } {
    const { body, layout, structure } = this;
    if (structure.start.kind !== 'univariate') throw new Error('not a univariate start system');
    const degree = structure.start.degrees[i]!;
    const row = new Map<number, number>();
    const value = this.borrow();
    [i, structure.variables].forEach((coordinate, k) => {
      const x = this.registers[coordinate]!;
      const power = this.borrow();
      body.vectorConstant(1, 0).set(power);
      for (let e = 1; e < degree; e++) {
        if (e === 1) body.get(x);
        else this.productFresh(power, x, true);
        body.set(power);
      }
      const leading = this.borrow();
      this.coefficientTimes(layout.startCoefficients + 16 * (2 * i + k), power);
      body.set(leading);
      this.productFresh(leading, x, true);
      if (k === 1) body.get(value).addVector();
      body.set(value);
      body.get(leading).f64(degree).splat().multiplyVector().set(leading);
      row.set(coordinate, leading);
      this.release([power]);
    });
    return { row, value };
  }

  /** Prefix and suffix products: G_i is never expanded. */
  private productRow(factors: readonly StartFactor[]): { row: Map<number, number>; value: number } {
    const { body, layout } = this;
    const address = (factor: StartFactor, k: number) =>
      layout.startCoefficients + 16 * (factor.offset + k);
    const forms = factors.map((factor) => {
      factor.coordinates.forEach((coordinate, k) => {
        this.coefficientTimes(address(factor, k), this.registers[coordinate]!, true);
        if (k > 0) body.addVector();
      });
      const form = this.borrow();
      body.set(form);
      return form;
    });
    const d = factors.length;
    // suffix[j] = product of forms j.., for j >= 1
    const suffix = new Array<number>(d);
    for (let j = d - 1; j >= 1; j--) {
      if (j === d - 1) suffix[j] = forms[j]!;
      else {
        suffix[j] = this.borrow();
        this.productFresh(forms[j]!, suffix[j + 1]!);
        body.set(suffix[j]!);
      }
    }
    const row = new Map<number, number>();
    let prefix: number | null = null;
    const owned: number[] = [];
    factors.forEach((factor, j) => {
      const others = this.borrow();
      owned.push(others);
      if (prefix === null && j + 1 === d) body.vectorConstant(1, 0);
      else if (prefix === null) body.get(suffix[j + 1]!);
      else if (j + 1 === d) body.get(prefix);
      else this.productFresh(prefix, suffix[j + 1]!);
      body.set(others);
      factor.coordinates.forEach((coordinate, k) => {
        const known = row.get(coordinate);
        this.coefficientTimes(address(factor, k), others);
        if (known !== undefined) body.get(known).addVector();
        const local = known ?? this.borrow();
        body.set(local);
        row.set(coordinate, local);
      });
      const next = this.borrow();
      if (prefix === null) body.get(forms[j]!);
      else this.productFresh(prefix, forms[j]!);
      body.set(next);
      if (prefix !== null) owned.push(prefix);
      prefix = next;
    });
    this.release([...forms, ...suffix.slice(1, d - 1), ...owned]);
    return { row, value: prefix! };
  }

  /** Leaves f + s (g - f) on the stack. */
  private blend(f: number | undefined, g: number | undefined): void {
    const { body } = this;
    const difference = this.borrow();
    if (f === undefined) body.get(g!);
    else if (g === undefined) body.vectorConstant(0, 0).get(f).subtractVector();
    else body.get(g).get(f).subtractVector();
    body.set(difference);
    body.get(this.sRe).get(difference).multiplyVector();
    body.get(this.sIm);
    this.rotate(difference);
    body.multiplyVector().addVector();
    if (f !== undefined) body.get(f).addVector();
    this.release([difference]);
  }

  private sum(sum: Sum, coefficients: number | 'blended' | 'difference'): void {
    const { body } = this;
    const real = this.structure.target.real;
    sum.coefficients.forEach((coefficient, k) => {
      const register = sum.registers[k]!;
      const minus = coefficient === MINUS_ONE;
      if (k === 0 && minus) body.vectorConstant(0, 0);
      if (coefficient === PLUS_ONE || minus) {
        if (register === ONE) body.vectorConstant(1, 0);
        else body.get(this.registers[register]!);
      } else if (typeof coefficients === 'number') {
        const at = coefficients + 16 * coefficient;
        if (register === ONE) body.i32(0).loadVector(at);
        else if (real) body.i32(0).loadSplat(at).get(this.registers[register]!).multiplyVector();
        else this.coefficientTimes(at, this.registers[register]!, true);
      } else {
        const local = this.borrow();
        this.movingCoefficient(coefficient, coefficients);
        body.set(local);
        if (register === ONE) body.get(local);
        else this.productFresh(local, this.registers[register]!, true);
        this.release([local]);
      }
      if (minus) body.subtractVector();
      else if (k > 0) body.addVector();
    });
    if (sum.coefficients.length === 0) body.vectorConstant(0, 0);
  }

  /** c1 + s (c0 - c1), or c1 - c0. */
  private movingCoefficient(coefficient: number, kind: 'blended' | 'difference'): void {
    const { body, layout } = this;
    const c0 = layout.startCoefficients + 16 * coefficient;
    const c1 = layout.targetCoefficients + 16 * coefficient;
    if (kind === 'difference') {
      body.i32(0).loadVector(c1).i32(0).loadVector(c0).subtractVector();
      return;
    }
    const f = this.borrow();
    const g = this.borrow();
    body.i32(0).loadVector(c1).set(f);
    body.i32(0).loadVector(c0).set(g);
    this.blend(f, g);
    this.release([f, g]);
  }

  /** Leaves (complex number in memory) * register on the stack. */
  private coefficientTimes(address: number, register: number, keepTwin = false): void {
    const { body } = this;
    body.i32(0).loadSplat(address).get(register).multiplyVector();
    body.i32(0).loadSplat(address + 8);
    if (keepTwin) body.get(this.twin(register));
    else this.rotate(register);
    body.multiplyVector().addVector();
  }

  /** a * b where b is a register of the program (its twin is kept). */
  private product(a: number, b: number): void {
    this.productFresh(a, b, true);
  }

  private productFresh(a: number, b: number, keepTwin = false): void {
    const { body } = this;
    body.get(a).get(a).shuffle(0, 0).get(b).multiplyVector();
    body.get(a).get(a).shuffle(1, 1);
    if (keepTwin) body.get(this.twin(b));
    else this.rotate(b);
    body.multiplyVector().addVector();
  }

  /** Leaves i * local on the stack. */
  private rotate(local: number): void {
    this.body.get(local).get(local).shuffle(1, 0).vectorConstant(-0, 0).xorVector();
  }

  /** Local that holds i * register; made where first needed, which is before every later use. */
  private twin(register: number): number {
    let twin = this.twins.get(register);
    if (twin === undefined) {
      twin = this.body.local(Type.v128);
      this.rotate(register);
      this.body.set(twin);
      this.twins.set(register, twin);
    }
    return twin;
  }

  private borrow(): number {
    return this.scratch.pop() ?? this.body.local(Type.v128);
  }

  private release(locals: readonly number[]): void {
    this.scratch.push(...locals);
  }
}

/** Scales rows, factors with partial pivoting, substitutes both right sides; leaves the pivot ratio. */
function emitSolve(body: FunctionBody, n: number, N: number, layout: MemoryLayout): void {
  const width = 16 * (n + 2);
  const at = (i: number, c: number) => layout.matrix + i * width + 16 * c;
  const vector = body.local(Type.v128);
  const rotated = body.local(Type.v128);
  const factorRe = body.local(Type.v128);
  const factorIm = body.local(Type.v128);
  const size = body.local(Type.f64);
  const best = body.local(Type.f64);
  const smallest = body.local(Type.f64);
  const largest = body.local(Type.f64);
  const inverseRe = body.local(Type.f64);
  const inverseIm = body.local(Type.f64);
  const pivotRow = body.local(Type.i32);
  const infinite = Infinity;

  const failUnlessPositiveFinite = (local: number) => {
    body.get(local).f64(0).greaterF64().get(local).f64(infinite).lessF64().andI32().equalZeroI32();
    body.ifThen(() => body.f64(0).return());
  };
  const splatScalar = (local: number, target: number) => body.get(local).splat().set(target);

  const offsets = Array.from({ length: n }, () => body.local(Type.i32));
  offsets.forEach((local, c) =>
    body
      .i32(0)
      .loadI32(layout.active + 4 * c)
      .set(local),
  );
  for (let i = 0; i < n; i++) {
    body.vectorConstant(0, 0).set(vector);
    for (let c = 0; c < n; c++) {
      body.i32(0);
      body
        .get(offsets[c]!)
        .loadVector(layout.jacobian + 16 * i * N)
        .tee(rotated);
      body.storeVector(at(i, c));
      body.get(vector).get(rotated).absoluteVector().maximumVector().set(vector);
    }
    body.get(vector).extractLane(0).get(vector).extractLane(1).maximum().set(size);
    failUnlessPositiveFinite(size);
    // 2^-floor(log2 size): negate the exponent field (2046 - e), mantissa dropped.
    body.i64(2046n << 52n);
    body.get(size).bitsOfF64().i64(0x7ff0000000000000n).andI64();
    body.subtractI64().f64OfBits().splat().set(factorRe);
    for (let c = 0; c < n + 2; c++) {
      body.i32(0).i32(0).loadVector(at(i, c)).get(factorRe).multiplyVector().storeVector(at(i, c));
    }
  }
  body.f64(infinite).set(smallest);
  body.f64(0).set(largest);
  for (let k = 0; k < n; k++) {
    body.f64(0).set(best);
    body.i32(0).set(pivotRow);
    for (let i = k; i < n; i++) {
      body.i32(0).loadVector(at(i, k)).absoluteVector().tee(vector).extractLane(0);
      body.get(vector).extractLane(1).add().set(size);
      body
        .i32(i * width)
        .get(pivotRow)
        .get(size)
        .get(best)
        .greaterF64()
        .select()
        .set(pivotRow);
      body.get(size).get(best).get(size).get(best).greaterF64().select().set(best);
    }
    failUnlessPositiveFinite(best);
    body.get(smallest).get(best).minimum().set(smallest);
    body.get(largest).get(best).maximum().set(largest);
    if (k < n - 1) {
      for (let c = k; c < n + 2; c++) {
        body.i32(0).loadVector(at(k, c)).set(vector);
        body.i32(0).get(pivotRow).loadVector(at(0, c)).storeVector(at(k, c));
        body.get(pivotRow).get(vector).storeVector(at(0, c));
      }
    }
    // 1 / pivot
    body.i32(0).loadF64(at(k, k)).set(inverseRe);
    body
      .i32(0)
      .loadF64(at(k, k) + 8)
      .set(inverseIm);
    body.f64(1);
    body.get(inverseRe).get(inverseRe).multiply().get(inverseIm).get(inverseIm).multiply().add();
    body.divide().set(size);
    body.get(inverseRe).get(size).multiply().set(inverseRe);
    body.get(inverseIm).get(size).multiply().negate().set(inverseIm);
    body.i32(0).get(inverseRe).storeF64(at(k, k));
    body
      .i32(0)
      .get(inverseIm)
      .storeF64(at(k, k) + 8);
    for (let i = k + 1; i < n; i++) {
      // -l = -(a_ik / pivot), as two splats
      const re = size;
      const im = best;
      body
        .i32(0)
        .loadF64(at(i, k) + 8)
        .get(inverseIm)
        .multiply();
      body.i32(0).loadF64(at(i, k)).get(inverseRe).multiply().subtract().set(re);
      body.i32(0).loadF64(at(i, k)).get(inverseIm).multiply();
      body
        .i32(0)
        .loadF64(at(i, k) + 8)
        .get(inverseRe)
        .multiply()
        .add()
        .negate()
        .set(im);
      splatScalar(re, factorRe);
      splatScalar(im, factorIm);
      for (let c = k + 1; c < n + 2; c++) {
        body.i32(0);
        body.i32(0).loadVector(at(i, c));
        body.i32(0).loadVector(at(k, c)).tee(vector).get(factorRe).multiplyVector().addVector();
        body.get(vector).get(vector).shuffle(1, 0).vectorConstant(-0, 0).xorVector();
        body.get(factorIm).multiplyVector().addVector();
        body.storeVector(at(i, c));
      }
    }
  }
  for (const column of [n, n + 1]) {
    const solution = Array.from({ length: n }, () => body.local(Type.v128));
    const twins = Array.from({ length: n }, () => body.local(Type.v128));
    for (let i = n - 1; i >= 0; i--) {
      body.i32(0).loadVector(at(i, column));
      for (let c = i + 1; c < n; c++) {
        body.i32(0).loadSplat(at(i, c)).get(solution[c]!).multiplyVector().subtractVector();
        body
          .i32(0)
          .loadSplat(at(i, c) + 8)
          .get(twins[c]!)
          .multiplyVector()
          .subtractVector();
      }
      body.set(vector);
      body.i32(0).loadSplat(at(i, i)).get(vector).multiplyVector();
      body.i32(0).loadSplat(at(i, i) + 8);
      body.get(vector).get(vector).shuffle(1, 0).vectorConstant(-0, 0).xorVector();
      body.multiplyVector().addVector().set(solution[i]!);
      if (i > 0) {
        body.get(solution[i]!).get(solution[i]!).shuffle(1, 0);
        body.vectorConstant(-0, 0).xorVector().set(twins[i]!);
      }
      body.i32(0).get(solution[i]!).storeVector(at(i, column));
    }
  }
  body.get(smallest).get(largest).divide();
}
