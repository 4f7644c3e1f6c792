/** The web side of the platform, for pages, web workers and Deno: navigator.gpu and Web Workers. */
import type { Platform, WorkerHandle, WorkerScope } from './platform.js';

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

function spawnWorker(url: URL): WorkerHandle {
  const worker = new Worker(url, { type: 'module' });
  return {
    postMessage: (data, transfer = []) => {
      worker.postMessage(data, [...transfer]);
    },
    onMessage: (listener) => {
      worker.onmessage = (event: MessageEvent) => {
        listener(event.data);
      };
    },
    onError: (listener) => {
      worker.onerror = (event) => {
        event.preventDefault();
        listener(new Error(event.message || `the worker ${url.href} could not be started`));
      };
    },
    terminate: () => {
      worker.terminate();
    },
  };
}

/** The part of DedicatedWorkerGlobalScope used here (the DOM library types only know windows). */
interface DedicatedScope {
  postMessage(data: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

function workerScope(): WorkerScope {
  const scope = globalThis as unknown as DedicatedScope;
  return {
    postMessage: (data, transfer = []) => {
      scope.postMessage(data, [...transfer]);
    },
    onMessage: (listener) => {
      scope.onmessage = (event) => {
        listener(event.data);
      };
    },
  };
}

export const platform: Platform = {
  runtime: isDeno ? 'deno' : 'browser',
  loadGpu,
  waitForGpu: (promise) => promise,
  adapterRemedy: isDeno
    ? 'Install a graphics driver with Vulkan, or run Deno with LD_LIBRARY_PATH naming a folder with a libvulkan.so.1.'
    : 'Use a browser with WebGPU switched on (Chrome or Edge 113 and later, Safari 26, Firefox 141), with graphics acceleration allowed in its settings.',
  spawnWorker,
  workerScope,
  hardwareConcurrency: globalThis.navigator.hardwareConcurrency || 1,
};
