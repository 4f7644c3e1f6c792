/**
 * Which tile a product gets: asked of the device by a short timed trial, once per adapter, form and
 * size class, because the winner differs from one maker's GPUs to the next (registers on Apple's,
 * workgroup memory on large discrete ones).
 *
 * A software adapter is never asked: its costs are known (matmul-tiles.ts), and trials there would
 * cost more than they could save. The choice changes no bit of a result: all tiles sum in one order.
 */
import type { GpuDevice, GpuInfo } from '../../gpu/index.js';
import {
  hardwareTiles,
  MATMUL_TILES,
  softwareTile,
  type MatmulForm,
  type MatmulSize,
  type MatmulTile,
} from './matmul-tiles.js';
import { timeTile } from './time-tile.js';
import { tuningOptions, type TuningOptions } from './tuning.js';

/** Milliseconds that a product of this form and size takes with this tile. */
export type TimeTile = (form: MatmulForm, size: MatmulSize, tile: MatmulTile) => Promise<number>;

const BUDGET_MS = 100;
/** Part of every key: to be raised when kernels change, so that old choices are forgotten. */
const KERNEL_GENERATION = 1;

/** Choices by adapter and then by class, for every device of this process or page. */
const known = new Map<string, Map<string, MatmulTile>>();

/** Chooses tiles for one device. */
export class MatmulTuner {
  readonly #info: GpuInfo;
  readonly #time: TimeTile;
  readonly #options: TuningOptions;
  readonly #key: string;
  #spentMs = 0;
  #loaded: Promise<Map<string, MatmulTile>> | undefined;
  /** Trials run one after another: two at once would time each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(info: GpuInfo, time: TimeTile, options: TuningOptions = {}) {
    this.#info = info;
    this.#time = time;
    this.#options = options;
    const { runtime, vendor, architecture, description } = info;
    this.#key = JSON.stringify([KERNEL_GENERATION, runtime, vendor, architecture, description]);
  }

  /** The tile for a product. */
  async choose(form: MatmulForm, size: MatmulSize): Promise<MatmulTile> {
    if (this.#options.tile) return this.#options.tile;
    if (this.#info.software) return softwareTile(size);
    const tiles = hardwareTiles(size);
    if (tiles.length === 1) return tiles[0]!;
    const trial = this.#last.then(() => this.#choose(form, sizeClass(size), tiles));
    this.#last = trial.catch(() => undefined);
    return trial;
  }

  async #choose(
    form: MatmulForm,
    size: MatmulSize,
    tiles: readonly MatmulTile[],
  ): Promise<MatmulTile> {
    const choices = await (this.#loaded ??= this.#load());
    const name = JSON.stringify([form, size.rows, size.columns, size.depth, size.replicas]);
    const before = choices.get(name);
    if (before && tiles.includes(before)) return before;
    if (this.#spentMs >= (this.#options.budgetMs ?? BUDGET_MS)) return tiles[0]!;

    const started = performance.now();
    let best = tiles[0]!;
    let bestMs = Infinity;
    for (const tile of tiles) {
      const ms = await this.#time(form, size, tile);
      if (ms < bestMs) [best, bestMs] = [tile, ms];
    }
    this.#spentMs += performance.now() - started;
    choices.set(name, best);
    await this.#options.store?.save(this.#key, JSON.stringify(Object.fromEntries(choices)));
    return best;
  }

  async #load(): Promise<Map<string, MatmulTile>> {
    const choices = known.get(this.#key) ?? new Map<string, MatmulTile>();
    known.set(this.#key, choices);
    const text = await this.#options.store?.load(this.#key);
    for (const [name, tile] of Object.entries(readChoices(text)))
      if (!choices.has(name)) choices.set(name, tile);
    return choices;
  }
}

/** Saved choices; a damaged or foreign text is as good as none, for a trial replaces it. */
function readChoices(text: string | undefined): Record<string, MatmulTile> {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, MatmulTile] =>
      MATMUL_TILES.includes(entry[1] as MatmulTile),
    ),
  );
}

/** Sizes of one class share a trial: powers of two, no larger than needed to tell tiles apart. */
export function sizeClass(size: MatmulSize): MatmulSize {
  const round = (value: number, most: number): number =>
    Math.min(most, 2 ** Math.ceil(Math.log2(value)));
  return {
    rows: round(size.rows, 1024),
    columns: round(size.columns, 1024),
    depth: round(size.depth, 1024),
    replicas: round(size.replicas, 16),
  };
}

const tuners = new WeakMap<TuningOptions, MatmulTuner>();

/** The device's tuner: as `setTuning` left it, or one that remembers within this process only. */
export function tuningOf(gpu: GpuDevice): MatmulTuner {
  const options = tuningOptions(gpu);
  let tuner = tuners.get(options);
  if (!tuner) {
    const time: TimeTile = (form, size, tile) => timeTile(gpu, form, size, tile);
    tuners.set(options, (tuner = new MatmulTuner(gpu.info, time, options)));
  }
  return tuner;
}
