/**
 * F and its Jacobian in complex disc arithmetic: enclosures {z : |z - midpoint| <= radius}.
 *
 * Midpoints are computed in f64 as usual; the radius of each register collects what its operands' radii and the rounding
 * of its own midpoint make of it, and is then made a little larger to cover the rounding of radii themselves. A tenth of
 * the operations that rectangles take, whose every bound has to be rounded outwards by itself (Rump, BIT 39, 1999).
 *
 * With u = 2^-53, |a| at most m(a) = |re| + |im|: the midpoint of a product is off by at most (2 u + u^2) m(a) m(b), a sum
 * by u m(sum). Radii are sums of products of positive numbers, so k operations make them too small by a factor of at
 * least (1 - u)^k, which the factor 1 + 2 (k + 32) u more than makes up for. Overflow gives infinite or NaN radii, of which
 * no comparison is true, so nothing is ever proved from them.
 *
 * The coefficients are enclosed, too. Those that f64 represents exactly are points; all others were rounded to nearest,
 * and what is proved holds for the exact system. (A part that is 0 in f64 counts as 0: only parts below 2^-1075 round to
 * it.)
 */
import type { Homotopy } from '../program/homotopy.js';
import { jacobianRegisters, neededCode, type NeededCode } from '../program/needed-code.js';
import type { Program } from '../program/program.js';

/** Numbers per disc: re, im, radius, |re| + |im|. */
export const DISC = 4;

const UNIT = 2 ** -53;
/** Of a product's midpoint, and of a scaled one's. */
const PRODUCT_ERROR = 3 * UNIT;
/** Covers products that underflow. */
const TINY = 2 ** -960;

/** What makes up for the rounding of `operations` operations on positive numbers. */
export function margin(operations: number): number {
  return 1 + 2 * (operations + 32) * UNIT;
}

/** Besides, of each instruction what makes up for the rounding of its radius. */
interface Code extends NeededCode {
  readonly margins: Float64Array;
}

export class DiscProgram {
  readonly program: Program;
  /** Discs of all registers; the first N are the coordinates. */
  readonly registers: Float64Array;
  private readonly values: Code;
  private readonly derivatives: Code;

  constructor({ structure, targetCoefficients, targetLow }: Homotopy) {
    const program = structure.target;
    this.program = program;
    this.registers = new Float64Array(DISC * program.registers);
    this.values = codeFor(program, program.values);
    this.derivatives = codeFor(program, jacobianRegisters(program));
    this.set(program.one, 1, 0, 0);
    program.rules.forEach(({ first }, index) => {
      const re = targetCoefficients[2 * first]!;
      const im = targetCoefficients[2 * first + 1]!;
      const off = (part: number, low: number) => (low === 0 ? 0 : Math.abs(part));
      const rounded = off(re, targetLow[2 * first]!) + off(im, targetLow[2 * first + 1]!);
      this.set(program.coefficients + index, re, im, UNIT * margin(4) * rounded);
    });
  }

  /** Writes a register, of a coordinate, say. */
  set(register: number, re: number, im: number, radius: number): void {
    const { registers } = this;
    const at = DISC * register;
    registers[at] = re;
    registers[at + 1] = im;
    registers[at + 2] = radius;
    registers[at + 3] = Math.abs(re) + Math.abs(im);
  }

  /** Encloses F over the coordinates. */
  evaluate(): void {
    this.run(this.values);
  }

  /** Encloses dF over the coordinates. */
  differentiate(): void {
    this.run(this.derivatives);
  }

  private run({ to: targets, begin, left, right, sign, times, over, margins }: Code): void {
    const { registers, program } = this;
    const one = DISC * program.one;
    for (let k = 0; k + 1 < begin.length; k++) {
      const to = targets[k]!;
      let re = 0;
      let im = 0;
      let radius = TINY;
      for (let t = begin[k]!; t < begin[k + 1]!; t++) {
        const a = left[t]!;
        const b = right[t]!;
        const s = sign[t]!;
        const ar = registers[a]!;
        const ai = registers[a + 1]!;
        let own = registers[a + 2]!;
        if (b === one) {
          re += s * ar;
          im += s * ai;
        } else {
          const br = registers[b]!;
          const bi = registers[b + 1]!;
          const am = registers[a + 3]!;
          const bm = registers[b + 3]!;
          const bRadius = registers[b + 2]!;
          re += s * (ar * br - ai * bi);
          im += s * (ar * bi + ai * br);
          own = own * (bm + bRadius) + am * (bRadius + PRODUCT_ERROR * bm) + TINY;
        }
        // The sum's own rounding, too.
        radius += own + UNIT * (Math.abs(re) + Math.abs(im));
      }
      if (times[k] !== over[k]) {
        const factor = times[k]! / over[k]!;
        re *= factor;
        im *= factor;
        radius = radius * factor + PRODUCT_ERROR * (Math.abs(re) + Math.abs(im)) + TINY;
      }
      registers[to] = re;
      registers[to + 1] = im;
      registers[to + 2] = radius * margins[k]!;
      registers[to + 3] = Math.abs(re) + Math.abs(im);
    }
  }
}

function codeFor(program: Program, outputs: readonly number[]): Code {
  const code = neededCode(program, outputs, DISC);
  const { begin } = code;
  return { ...code, margins: code.times.map((_, k) => margin(16 * (begin[k + 1]! - begin[k]!))) };
}
