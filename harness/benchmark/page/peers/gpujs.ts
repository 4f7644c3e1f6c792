/** gpu.js in its WebGPU and WebGL2 modes. */
import { GPU } from 'gpu.js';

export type GpuJsMode = 'webgpu' | 'webgl2';

/** The parts of gpu.js that are used here; its own types do not know the WebGPU mode. */
export interface GpuJs {
  createKernel(
    kernel: (this: GpuJsThread, a: number[][], b: number[][]) => number,
    settings: {
      readonly output: readonly number[];
      readonly pipeline: boolean;
      readonly immutable: boolean;
      readonly constants: { readonly size: number };
    },
  ): (...inputs: unknown[]) => unknown;
  destroy(): Promise<void> | void;
}

/** `this` inside a gpu.js kernel. */
export interface GpuJsThread {
  readonly thread: { readonly x: number; readonly y: number };
  readonly constants: { readonly size: number };
}

/** Starts gpu.js; its owner destroys it. */
export function openGpuJs(mode: GpuJsMode): GpuJs {
  const Constructor = GPU as unknown as new (options: { mode: string }) => GpuJs;
  return new Constructor({ mode });
}
