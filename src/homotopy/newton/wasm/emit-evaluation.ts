/**
 * Emits the evaluation of H, its Jacobian and H_s from the evaluation program.
 *
 * A complex number is one f64x2. c * m = (cr, cr) * m + (ci, ci) * (i m), so each register that
 * meets a complex factor gets a rotated twin i m once; a product of registers costs two shuffles,
 * two multiplications and one addition.
 */
import { MINUS_ONE, ONE, PLUS_ONE, type Sum } from '../../program/evaluation.js';
import type { HomotopyStructure, StartFactor } from '../../program/homotopy.js';
import { Type, type FunctionBody } from './assembler.js';
import type { MemoryLayout } from './layout.js';

export class EvaluationEmitter {
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
