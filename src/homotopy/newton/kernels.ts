/**
 * Which kernels a structure gets: WebAssembly where it is allowed, else typed arrays.
 */
import { nextTurn } from '../../math/stepwise.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { DoubleDoubleKernel, TypedArrayKernel } from './interpreted-kernel.js';
import type { NewtonKernel, PolyhedralKernel } from './kernel.js';
import { compileDoubleDouble, WasmDoubleDoubleKernel } from './wasm/double-double-kernel.js';
import { compileKernel, WasmKernel, type CompiledKernel } from './wasm/kernel.js';

/** What can be compiled once and posted to every thread. */
export interface CompiledKernels {
  /** null: typed arrays. */
  readonly f64: CompiledKernel | null;
  readonly precise: WebAssembly.Module | null;
}

export async function compileKernels(structure: HomotopyStructure): Promise<CompiledKernels> {
  if (typeof WebAssembly === 'undefined') return { f64: null, precise: null };
  try {
    const f64 = compileKernel(structure);
    // It is awaited below, a turn later.
    f64.catch(() => undefined);
    await nextTurn();
    const [first, precise] = await Promise.all([f64, compileDoubleDouble(structure)]);
    return { f64: first, precise };
  } catch (error) {
    // A Content-Security-Policy without 'wasm-unsafe-eval', or no SIMD.
    if (error instanceof WebAssembly.CompileError) return { f64: null, precise: null };
    throw error;
  }
}

export function f64Kernel(
  structure: HomotopyStructure,
  { f64 }: Pick<CompiledKernels, 'f64'>,
): PolyhedralKernel {
  return f64 ? new WasmKernel(structure, f64) : new TypedArrayKernel(structure);
}

/** In about 32 digits. */
export function preciseKernel(
  structure: HomotopyStructure,
  { precise }: Pick<CompiledKernels, 'precise'>,
): NewtonKernel {
  return precise
    ? new WasmDoubleDoubleKernel(structure, precise)
    : new DoubleDoubleKernel(structure);
}
