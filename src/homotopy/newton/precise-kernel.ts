/** The double-double kernel of a structure: it confirms and refines ends, in every thread. */
import type { HomotopyStructure } from '../program/homotopy.js';
import { DoubleDoubleKernel } from './interpreted-kernel.js';
import type { NewtonKernel } from './kernel.js';
import { WasmDoubleDoubleKernel } from './wasm/double-double-kernel.js';
import type { CompiledKernel } from './wasm/kernel.js';

/** What can be compiled once and posted to every thread. */
export interface CompiledKernels {
  /** null: typed arrays. */
  readonly f64: CompiledKernel | null;
  readonly precise: WebAssembly.Module | null;
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
