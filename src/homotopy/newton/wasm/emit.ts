/**
 * Emits the WebAssembly module of one homotopy structure: evaluate H, J, H_s at (x, s), then LU.
 *
 * Everything is unrolled: coordinates, exponents and matrix sizes are known, only the chart
 * columns and the pivot rows are not.
 */
import type { HomotopyStructure } from '../../program/homotopy.js';
import { encodeModule, FunctionBody, Type } from './assembler.js';
import { EvaluationEmitter } from './emit-evaluation.js';
import { emitSolve } from './emit-solve.js';
import type { MemoryLayout } from './layout.js';

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
