/** What a suite is given: the host, the options, and a GPU with probes that it shares with the others. */
import { openGpu, type GpuDevice } from '../../../src/gpu/index.js';
import { randomStream } from '../../../src/math/random.js';
import type { MeasureOptions } from './compare.js';
import { Probes } from './probes.js';
import type { Fault, Host, SuiteOptions } from './types.js';

/** Address of the random numbers that order contenders. */
const ORDER_STREAM = 0x6f72;
const SAMPLE_MS = 120;
const QUICK_SAMPLE_MS = 5;

export class SuiteContext {
  #gpu: GpuDevice | undefined;
  #probes: Probes | undefined;

  constructor(
    readonly host: Host,
    readonly options: SuiteOptions,
  ) {}

  /** The device that our side and the probes use. */
  async gpu(): Promise<GpuDevice> {
    this.#gpu ??= await openGpu({ prefer: this.options.adapter });
    return this.#gpu;
  }

  async probes(): Promise<Probes> {
    this.#probes ??= await Probes.create(await this.gpu());
    return this.#probes;
  }

  /** What every comparison of a suite has in common. */
  measuring(): Pick<MeasureOptions, 'host' | 'random' | 'repeat' | 'sampleMs'> {
    const { seed, repeat, quick } = this.options;
    return {
      host: this.host,
      random: randomStream(seed, ORDER_STREAM),
      repeat,
      sampleMs: quick ? QUICK_SAMPLE_MS : SAMPLE_MS,
    };
  }

  /** The fault that a test wants in this row. */
  faultOf(id: string): Fault['kind'] | null {
    const { fault } = this.options;
    return fault && id.includes(fault.rows) ? fault.kind : null;
  }

  close(): void {
    this.#probes?.close();
    this.#gpu?.close();
  }
}
