/** jax-js: its WebGPU and WebAssembly devices, one at a time. */
import * as jax from '@jax-js/jax';

export type JaxDevice = 'webgpu' | 'wasm';

/** Makes a device the default one; new arrays go there. */
export async function useJax(device: JaxDevice): Promise<typeof jax> {
  const ready = await jax.init(device);
  if (!ready.includes(device)) throw new Error(`jax-js has no device "${device}" here`);
  jax.defaultDevice(device);
  return jax;
}
