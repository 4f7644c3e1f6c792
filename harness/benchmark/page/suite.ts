/** What a suite is given: the host, the options, and a GPU with probes that it shares with the others. */
import { openGpu, type GpuDevice } from '../../../src/gpu/index.js';
import { randomStream } from '../../../src/math/random.js';
import type { MeasureOptions } from './compare.js';
import { isFine, Probes } from './probes.js';
import type { Fault, Host, SuiteOptions } from './types.js';

/** Address of the random numbers that order contenders. */
const ORDER_STREAM = 0x6f72;
const SAMPLE_MS = 120;
const QUICK_SAMPLE_MS = 5;

export class SuiteContext {
  #gpu: GpuDevice | undefined;
  #probes: Probes | undefined;
  #timestampStep: number | null | undefined;

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

  /** Whether GPU times of kernels mean something. */
  async hasFineTimestamps(): Promise<boolean> {
    this.#timestampStep ??= await (await this.probes()).timestampStep();
    return isFine(this.#timestampStep);
  }

  /** What every comparison of a suite has in common. */
  async measuring(): Promise<Omit<MeasureOptions, 'budgetMs'>> {
    const { seed, repeat, quick, repetitions } = this.options;
    const { software } = (await this.gpu()).info;
    // A probe of the host's clock: some places have none.
    const hasCpuClock = (await this.host.cpuSeconds()) !== null;
    return {
      host: this.host,
      probes: await this.probes(),
      claims: software && hasCpuClock ? 'cpu' : 'wall',
      random: randomStream(seed, ORDER_STREAM),
      repeat,
      repetitions,
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
