/** What users say about the choice of tiles (autotune.ts makes it): nothing here needs a GPU's code. */
import type { GpuDevice } from '../../gpu/index.js';
import type { MatmulTile } from './matmul-tiles.js';

/** Keeps choices between runs: a file, localStorage, ... */
export interface TuningStore {
  /** What was last saved under the key, or undefined. */
  load(key: string): Promise<string | undefined>;
  save(key: string, text: string): Promise<void>;
}

export interface TuningOptions {
  readonly store?: TuningStore;
  /** Every product gets this tile, without a trial. */
  readonly tile?: MatmulTile;
  /** Milliseconds that all trials of this device may take together; 100 unless stated. */
  readonly budgetMs?: number;
}

const chosen = new WeakMap<GpuDevice, TuningOptions>();

/**
 * How tiles are chosen on this device from now on.
 *
 * @example setTuning(gpu, { store: localTuningStore(localStorage) })
 */
export function setTuning(gpu: GpuDevice, options: TuningOptions): void {
  chosen.set(gpu, { ...options });
}

/** As `setTuning` left them: the same object until it is called again. */
export function tuningOptions(gpu: GpuDevice): TuningOptions {
  let options = chosen.get(gpu);
  if (!options) chosen.set(gpu, (options = {}));
  return options;
}

/** Keeps choices in a page's localStorage; where that is full or forbidden, in memory only. */
export function localTuningStore(storage: Pick<Storage, 'getItem' | 'setItem'>): TuningStore {
  const name = (key: string): string => `lps-webgpu tuning ${key}`;
  return {
    load: (key) => Promise.resolve(storage.getItem(name(key)) ?? undefined),
    save: (key, text) => {
      try {
        storage.setItem(name(key), text);
      } catch {
        // A choice that is not kept costs one trial next time.
      }
      return Promise.resolve();
    },
  };
}
