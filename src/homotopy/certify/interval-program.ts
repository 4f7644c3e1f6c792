/**
 * F and its Jacobian in interval arithmetic: enclosures.
 *
 * The coefficients are enclosed, too. Those that f64 represents exactly are points; all others were
 * rounded to nearest, so they are widened by one unit in the last place, and what is proved holds for
 * the exact system. (A part that is 0 in f64 counts as 0: only parts below 2^-1075 round to it.)
 */
import * as interval from '../../math/interval.js';
import type { Homotopy } from '../program/homotopy.js';
import { Interpreter } from '../program/interpreter.js';
import type { Program } from '../program/program.js';

const { STRIDE } = interval;

export class IntervalProgram {
  readonly program: Program;
  /** N rectangles: the point or box to evaluate at. Write it. */
  readonly coordinates: Float64Array;
  /** Rectangles of all registers of the program. */
  readonly registers: Float64Array;
  private readonly interpreter: Interpreter;

  constructor({ structure, targetCoefficients, targetLow }: Homotopy) {
    this.program = structure.target;
    this.interpreter = new Interpreter(structure.target, interval);
    this.interpreter.setData(targetCoefficients, targetLow);
    this.registers = this.interpreter.registers;
    this.coordinates = this.registers.subarray(0, STRIDE * structure.coordinates);
  }

  /** Encloses F and dF over `coordinates`. */
  evaluate(): void {
    this.interpreter.run();
  }
}
