/** The web side of the platform, for pages, web workers and Deno: navigator.gpu and Web Workers. */
import type { Platform } from './platform.js';
import { startWebWorker } from './web-worker.js';

const isDeno = 'Deno' in globalThis;

function loadGpu(): ReturnType<Platform['loadGpu']> {
  // The types promise navigator.gpu; older browsers and insecure pages do not keep that.
  const gpu = (globalThis.navigator as { readonly gpu?: GPU } | undefined)?.gpu;
  if (gpu) return Promise.resolve({ gpu });
  const secure = (globalThis as { readonly isSecureContext?: boolean }).isSecureContext ?? true;
  return Promise.resolve({
    reason: secure
      ? 'navigator.gpu is missing'
      : 'navigator.gpu is missing because this page is not a secure context (serve it from https or 127.0.0.1)',
  });
}

export const webPlatform: Platform = {
  runtime: isDeno ? 'deno' : 'browser',
  loadGpu,
  waitForGpu: (ask) => ask(),
  adapterRemedy: isDeno
    ? 'Install a graphics driver with Vulkan, or run Deno with LD_LIBRARY_PATH naming a folder with a libvulkan.so.1.'
    : 'Use a browser with WebGPU switched on (Chrome or Edge 113 and later, Safari 26, Firefox 141), with graphics acceleration allowed in its settings.',
  startWorker: startWebWorker,
  get hardwareConcurrency() {
    return globalThis.navigator.hardwareConcurrency || 1;
  },
};
