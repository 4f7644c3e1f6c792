/**
 * Threads that take shares of a layer's rows, one fewer than cores: the caller's works, too. They need no care: the caller
 * does what one of them does not, and begins alone, before the first is there.
 */
import type { Device, WorkerHandle } from '../gpu/index.js';
import { platform } from '../gpu/this-platform.js';
import type { WorkerReply, WorkerRequest } from '../homotopy/track/workshop.js';
import {
  f32Products,
  type LayerProducts,
  type RowHelpers,
  type SharedWork,
} from '../network/host/f32-layer.js';
import type { Features } from '../network/host/features.js';
import type { F32Products } from '../network/host/forward-pass.js';
import type { MultiplyReflections } from './semi-orthogonal.js';
import { multiplyReflectionsInF32 } from './semi-orthogonal-f32.js';

/** A worker with the shares that it was given. */
interface RowThread {
  readonly handle: WorkerHandle;
  readonly atWork: Map<number, { state: SharedWork['state'] }>;
  /** The layer whose products it has loaded. */
  loaded: LayerProducts | null;
}

/** Shares that wait in a thread beside the one that it is at. */
const SHARES_AHEAD = 1;

/** What a pass of rows in f32 needs, with matrices for its layers. */
export interface RowThreads {
  readonly products: F32Products;
  readonly multiplyReflections: MultiplyReflections;
  /** The same rows in f32, where the threads see them. */
  inF32(rows: Features): Features<Float32Array>;
  close(): void;
}

/** Starts a device's. */
export function openRowThreads(device: Device): RowThreads {
  const { helpers, close } = startHelpers(device);
  return {
    products: f32Products(helpers),
    multiplyReflections: multiplyReflectionsInF32,
    inF32: ({ data, ...rest }) => {
      const bytes = Float32Array.BYTES_PER_ELEMENT * data.length;
      const room = helpers ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
      const rows = new Float32Array(room);
      rows.set(data);
      return { ...rest, data: rows };
    },
    close,
  };
}

function startHelpers(device: Device): {
  /** None where memory cannot be shared, or no thread may be started. */
  readonly helpers: RowHelpers | undefined;
  close(): void;
} {
  const { workers = platform.hardwareConcurrency, createWorker } = device?.workers ?? {};
  if (workers < 2 || !isMemoryShared()) return { helpers: undefined, close: () => undefined };
  const threads = new Set<RowThread>();
  let isClosed = false;
  let tickets = 0;
  const start = async (): Promise<void> => {
    const handle = await platform.startWorker(createWorker);
    if (isClosed) {
      handle.terminate();
      return;
    }
    const thread: RowThread = { handle, atWork: new Map(), loaded: null };
    threads.add(thread);
    handle.onMessage((data) => {
      const reply = data as WorkerReply;
      thread.atWork.get(reply.ticket)!.state = 'error' in reply ? 'failed' : 'done';
      thread.atWork.delete(reply.ticket);
    });
    handle.onEnd(() => {
      threads.delete(thread);
      for (const work of thread.atWork.values()) work.state = 'failed';
    });
  };
  // Where none can be started the caller does everything.
  for (let number = 1; number < workers; number++) start().catch(() => undefined);
  const idle = (): RowThread | undefined =>
    [...threads].find(({ atWork }) => atWork.size <= SHARES_AHEAD);
  return {
    helpers: {
      get areIdle() {
        return idle() !== undefined;
      },
      begin: (products, share) => {
        const thread = idle()!;
        const post = (request: WorkerRequest): void => {
          thread.handle.postMessage(request);
        };
        if (thread.loaded !== products) {
          // The layer before is not held on to.
          if (thread.loaded) post({ kind: 'unload', key: 0 });
          thread.loaded = products;
          post({ kind: 'load share maker', key: 0, setup: products });
        }
        const work = { state: 'away' as SharedWork['state'] };
        const ticket = tickets++;
        thread.atWork.set(ticket, work);
        post({ kind: 'work', ticket, work: { kind: 'share', key: 0, number: share } });
        return work;
      },
    },
    close: () => {
      isClosed = true;
      for (const { handle } of threads) handle.terminate();
    },
  };
}

/** Pages share memory only where they are isolated from others. */
function isMemoryShared(): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false;
}
