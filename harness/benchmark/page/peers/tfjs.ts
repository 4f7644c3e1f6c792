/**
 * TensorFlow.js: its WebGPU and WebAssembly backends, one at a time.
 *
 * The modular core needs its gradients registered by hand; `await data()` is the only safe way to
 * wait (4.22, 2026-11).
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

export type TfjsBackend = 'webgpu' | 'wasm';

/** Switches to a backend and waits for it. */
export async function useTfjs(backend: TfjsBackend): Promise<typeof tf> {
  if (backend === 'wasm') setWasmPaths('/peers/tfjs-wasm/');
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no backend "${backend}" here`);
  await tf.ready();
  return tf;
}
