/**
 * Which kernels a structure gets: WebAssembly where it is allowed, else typed arrays. The compiler is loaded when the
 * first paths are followed; what refines their ends (precise-kernel.ts) does without it.
 */
import { nextTurn } from '../../math/stepwise.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { TypedArrayKernel } from './interpreted-kernel.js';
import type { PolyhedralKernel } from './kernel.js';
import type { CompiledKernels } from './precise-kernel.js';
import { compileDoubleDouble } from './wasm/double-double-kernel.js';
import { compileKernel, WasmKernel } from './wasm/kernel.js';

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
