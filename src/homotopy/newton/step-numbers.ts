/**
 * The three numbers of a program that depend on s alone, in any arithmetic.
 */
import type { Arithmetic } from '../program/interpreter.js';
import type { Program, StepKind } from '../program/program.js';

export interface StepArithmetic extends Pick<
  Arithmetic,
  'STRIDE' | 'put' | 'addTo' | 'addProduct'
> {
  /** out = 1 / a; out may be a. */
  reciprocal(a: Float64Array, i: number, out: Float64Array, k: number): void;
}

type Complex = readonly [number, number];

/** 1 / (1 - s) at s = 1: F vanishes beside G, in double-double, too. */
const LARGEST_SCALE = 2 ** 200;

/** Five numbers of the largest type. */
const scratch = new Float64Array(20);

/**
 * From a start system sigma = s / (1 - s) and 1 / (1 - s); in a family tau = gamma s / w and -dtau/ds = -gamma / w^2,
 * w = 1 + (gamma - 1) s, and 1 - tau = (1 - s) / w, which is not rounded off near s = 1.
 *
 * @param out three numbers from index k on; a start system leaves the third alone.
 */
export function writeStepNumbers(
  arithmetic: StepArithmetic,
  kind: StepKind,
  [sRe, sIm]: Complex,
  gamma: Complex,
  out: Float64Array,
  k: number,
): void {
  const { STRIDE, put, addTo, addProduct, reciprocal } = arithmetic;
  const [s, other, weight, product, rest] = [0, 1, 2, 3, 4].map((at) => at * STRIDE) as [
    number,
    number,
    number,
    number,
    number,
  ];
  put(scratch, s, sRe, sIm);
  put(scratch, weight, 1, 0);
  addTo(scratch, s, -1, scratch, weight);
  put(out, k, 0, 0);
  put(out, k + STRIDE, 0, 0);
  if (kind === 'start') {
    if (sRe === 1 && sIm === 0) put(scratch, weight, LARGEST_SCALE, 0);
    else reciprocal(scratch, weight, scratch, weight);
    addProduct(scratch, s, scratch, weight, 1, out, k);
    addTo(scratch, weight, 1, out, k + STRIDE);
    return;
  }
  put(scratch, rest, 0, 0);
  addTo(scratch, weight, 1, scratch, rest);
  put(scratch, other, ...gamma);
  addProduct(scratch, other, scratch, s, 1, scratch, weight);
  reciprocal(scratch, weight, scratch, weight);
  // gamma / w
  put(scratch, product, 0, 0);
  addProduct(scratch, other, scratch, weight, 1, scratch, product);
  addProduct(scratch, product, scratch, s, 1, out, k);
  addProduct(scratch, product, scratch, weight, -1, out, k + STRIDE);
  put(out, k + 2 * STRIDE, 0, 0);
  addProduct(scratch, rest, scratch, weight, 1, out, k + 2 * STRIDE);
}

/** The same in f64, for the fast kernel: once a step, but a step is a few microseconds. */
export function writeF64StepNumbers(
  kind: StepKind,
  sRe: number,
  sIm: number,
  [gRe, gIm]: Complex,
  out: Float64Array,
  k: number,
): void {
  if (kind === 'start') {
    const re = 1 - sRe;
    const norm = re * re + sIm * sIm;
    const atStart = sRe === 1 && sIm === 0;
    const scaleRe = atStart ? LARGEST_SCALE : re / norm;
    const scaleIm = atStart ? 0 : sIm / norm;
    out[k] = sRe * scaleRe - sIm * scaleIm;
    out[k + 1] = sRe * scaleIm + sIm * scaleRe;
    out[k + 2] = scaleRe;
    out[k + 3] = scaleIm;
    return;
  }
  const weightRe = 1 + (gRe - 1) * sRe - gIm * sIm;
  const weightIm = (gRe - 1) * sIm + gIm * sRe;
  const norm = weightRe * weightRe + weightIm * weightIm;
  // gamma / w
  const re = (gRe * weightRe + gIm * weightIm) / norm;
  const im = (gIm * weightRe - gRe * weightIm) / norm;
  out[k] = re * sRe - im * sIm;
  out[k + 1] = re * sIm + im * sRe;
  out[k + 2] = -(re * weightRe + im * weightIm) / norm;
  out[k + 3] = -(im * weightRe - re * weightIm) / norm;
  // (1 - s) / w
  out[k + 4] = ((1 - sRe) * weightRe - sIm * weightIm) / norm;
  out[k + 5] = (-sIm * weightRe - (1 - sRe) * weightIm) / norm;
}

/**
 * What the coefficient program does, for a polyhedral homotopy in f64: coefficients c exp(p s), their slopes, and -1 for
 * -dtau/ds.
 *
 * @param data interleaved; of a rule the first is read.
 * @param registers interleaved, in the order of the program's.
 */
export function writePowers(
  program: Program,
  powers: Float64Array,
  s: number,
  data: Float64Array,
  registers: Float64Array,
): void {
  const { rules, coefficients, slopes, step } = program;
  registers[2 * step + 2] = -1;
  registers[2 * step + 3] = 0;
  for (let k = 0; k < rules.length; k++) {
    const power = powers[k]!;
    const factor = power === 0 ? 1 : Math.exp(power * s);
    const from = 2 * rules[k]!.first;
    const at = 2 * (coefficients + k);
    const slope = 2 * (slopes + k);
    const re = data[from]! * factor;
    const im = data[from + 1]! * factor;
    registers[at] = re;
    registers[at + 1] = im;
    registers[slope] = power * re;
    registers[slope + 1] = power * im;
  }
}
