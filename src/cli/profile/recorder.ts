/**
 * Records what a command does on the GPU by standing between it and WebGPU: nothing of the library
 * knows of it, and without it nothing is different.
 *
 * Every dispatch becomes a pass of its own with timestamps at both ends, because WebGPU measures
 * passes and not dispatches. The timestamps are resolved by one more command buffer in the same
 * submit, so that they are there before the command reads its own results.
 */
import { globals } from 'webgpu';

/** One dispatch; times in nanoseconds of the GPU's clock. */
export interface DispatchRecord {
  /** "tracker/track main": shader and entry point. */
  readonly kernel: string;
  /** Which submit it was part of. */
  readonly submit: number;
  readonly begin: bigint;
  readonly end: bigint;
  /** Workgroups; null when the GPU decided. */
  readonly workgroups: number | null;
}

/** Something the host did; milliseconds of performance.now(). */
export interface HostSpan {
  readonly name: string;
  readonly category: 'submit' | 'readback' | 'compile';
  readonly begin: number;
  readonly end: number;
  readonly bytes?: number;
}

export interface Recording {
  readonly dispatches: readonly DispatchRecord[];
  readonly spans: readonly HostSpan[];
  /** Moment at which each submit was known to be done, milliseconds; undefined for lost ones. */
  readonly submitsDone: readonly (number | undefined)[];
  readonly bytesWritten: number;
  readonly bytesRead: number;
  /** Dispatches whose times are not there: without timestamp queries, or beyond the largest number. */
  readonly untimed: number;
}

/** Queries of one set: WebGPU's largest. */
const QUERIES = 4096;
const QUERY_BYTES = 8;
/** More would fill the memory: a long job is profiled by its beginning. */
const MOST_DISPATCHES = 500_000;

/** A pass that is not begun before there is something to dispatch. */
interface SplitPass {
  setPipeline(pipeline: GPUComputePipeline): void;
  setBindGroup(index: number, group: GPUBindGroup | null, ...rest: unknown[]): void;
  dispatchWorkgroups(x: number, y?: number, z?: number): void;
  dispatchWorkgroupsIndirect(buffer: GPUBuffer, offset: number): void;
  pushDebugGroup(): void;
  popDebugGroup(): void;
  insertDebugMarker(): void;
  end(): void;
}

type Timed = Omit<DispatchRecord, 'submit' | 'begin' | 'end'>;

/** Timestamps of dispatches of one command encoder, in one query set. */
interface EncoderQueries {
  readonly queries: GPUQuerySet;
  readonly timed: Timed[];
}

/** What a command buffer holds that has timestamps. */
interface TimedCommands {
  readonly device: GPUDevice;
  readonly used: readonly EncoderQueries[];
}

/** Where timestamps go: made once, used by many submits. */
interface StampBuffers {
  readonly bytes: number;
  readonly resolved: GPUBuffer;
  readonly staging: GPUBuffer;
}

/** What is free to be used again, per device. */
interface Pool {
  readonly sets: GPUQuerySet[];
  readonly stamps: StampBuffers[];
}

type Methods = Record<string, (...parameters: never[]) => unknown>;

export class Recorder {
  readonly #undo: (() => void)[] = [];
  readonly #dispatches: DispatchRecord[] = [];
  readonly #spans: HostSpan[] = [];
  readonly #submitsDone: (number | undefined)[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #pools = new WeakMap<GPUDevice, Pool>();
  readonly #names = new WeakMap<GPUComputePipeline, string>();
  readonly #devices = new WeakMap<GPUCommandEncoder, GPUDevice>();
  readonly #encoders = new WeakMap<GPUCommandEncoder, EncoderQueries[]>();
  readonly #commands = new WeakMap<GPUCommandBuffer, TimedCommands>();
  /** WebGPU's own: what the recorder reads itself is not part of the recording. */
  #mapAsync: GPUBuffer['mapAsync'] = () => Promise.reject(new Error('not started'));
  #bytesWritten = 0;
  #bytesRead = 0;
  #untimed = 0;
  #count = 0;

  /** Begins to record all devices that are opened from now on. */
  start(): void {
    const classes = globals as unknown as Record<string, { prototype: Methods }>;
    /** Replaces a method; the replacement gets the original first. */
    const replace = <Original extends (...parameters: never[]) => unknown>(
      type: string,
      method: string,
      make: (original: Original) => (this: never, ...parameters: never[]) => unknown,
    ): void => {
      const { prototype } = classes[type]!;
      const original = prototype[method] as unknown as Original;
      prototype[method] = make(original);
      this.#undo.push(() => (prototype[method] = original as unknown as Methods[string]));
    };
    // Arrow functions cannot have the `this` of the replaced methods.
    // oxlint-disable-next-line typescript/no-this-alias
    const recorder = this;

    replace<GPUDevice['createComputePipelineAsync']>(
      'GPUDevice',
      'createComputePipelineAsync',
      (original) =>
        async function (this: GPUDevice, descriptor: GPUComputePipelineDescriptor) {
          const begin = performance.now();
          const pipeline = await original.call(this, descriptor);
          const name = [descriptor.label, descriptor.compute.entryPoint].filter(Boolean).join(' ');
          recorder.#names.set(pipeline, name);
          recorder.#span(name, 'compile', begin);
          return pipeline;
        },
    );
    replace<GPUDevice['createCommandEncoder']>(
      'GPUDevice',
      'createCommandEncoder',
      (original) =>
        function (this: GPUDevice, descriptor?: GPUCommandEncoderDescriptor) {
          const encoder = original.call(this, descriptor);
          recorder.#devices.set(encoder, this);
          return encoder;
        },
    );
    replace<GPUCommandEncoder['beginComputePass']>(
      'GPUCommandEncoder',
      'beginComputePass',
      (original) =>
        function (this: GPUCommandEncoder, descriptor: GPUComputePassDescriptor = {}) {
          if (descriptor.timestampWrites) return original.call(this, descriptor);
          return recorder.#split(
            (writes) =>
              original.call(this, { ...descriptor, ...(writes && { timestampWrites: writes }) }),
            this,
          );
        },
    );
    replace<GPUCommandEncoder['finish']>(
      'GPUCommandEncoder',
      'finish',
      (original) =>
        function (this: GPUCommandEncoder, descriptor?: GPUCommandBufferDescriptor) {
          const buffer = original.call(this, descriptor);
          const used = recorder.#encoders.get(this);
          const device = recorder.#devices.get(this);
          if (used && device) recorder.#commands.set(buffer, { device, used });
          return buffer;
        },
    );
    replace<GPUQueue['submit']>(
      'GPUQueue',
      'submit',
      (original) =>
        function (this: GPUQueue, commands: Iterable<GPUCommandBuffer>) {
          recorder.#submit([...commands], (all) => {
            original.call(this, all);
          });
        },
    );
    replace<GPUQueue['writeBuffer']>(
      'GPUQueue',
      'writeBuffer',
      (original) =>
        function (this: GPUQueue, ...parameters: Parameters<GPUQueue['writeBuffer']>) {
          const [, , data, , size] = parameters;
          recorder.#bytesWritten += size ?? data.byteLength;
          original.apply(this, parameters);
        },
    );
    replace<GPUBuffer['mapAsync']>('GPUBuffer', 'mapAsync', (original) => {
      this.#mapAsync = original;
      return async function (this: GPUBuffer, ...parameters: Parameters<GPUBuffer['mapAsync']>) {
        const begin = performance.now();
        await original.apply(this, parameters);
        const bytes = parameters[2] ?? this.size;
        recorder.#bytesRead += bytes;
        recorder.#span('read', 'readback', begin, bytes);
      };
    });
  }

  /** Ends the recording and puts WebGPU back as it was. */
  async stop(): Promise<Recording> {
    for (const restore of this.#undo.splice(0)) restore();
    await Promise.all(this.#pending);
    return {
      dispatches: this.#dispatches,
      spans: this.#spans,
      submitsDone: this.#submitsDone,
      bytesWritten: this.#bytesWritten,
      bytesRead: this.#bytesRead,
      untimed: this.#untimed,
    };
  }

  #span(name: string, category: HostSpan['category'], begin: number, bytes?: number): void {
    const end = performance.now();
    this.#spans.push({ name, category, begin, end, ...(bytes === undefined ? {} : { bytes }) });
  }

  /** Stands for a pass: every dispatch is made in a pass of its own. */
  #split(
    begin: (writes?: GPUComputePassTimestampWrites) => GPUComputePassEncoder,
    encoder: GPUCommandEncoder,
  ): SplitPass {
    let pipeline: GPUComputePipeline | null = null;
    const groups = new Map<number, [GPUBindGroup | null, ...unknown[]]>();
    const dispatch = (
      workgroups: number | null,
      encode: (pass: GPUComputePassEncoder) => void,
    ): void => {
      const kernel = this.#names.get(pipeline!) ?? pipeline!.label;
      const pass = begin(this.#timestamps(encoder, { kernel, workgroups }));
      if (pipeline) pass.setPipeline(pipeline);
      for (const [index, group] of groups)
        (pass.setBindGroup as (...parameters: unknown[]) => void).call(pass, index, ...group);
      encode(pass);
      pass.end();
    };
    return {
      setPipeline: (next) => {
        pipeline = next;
      },
      setBindGroup: (index, group, ...rest) => {
        groups.set(index, [group, ...rest]);
      },
      dispatchWorkgroups: (x, y = 1, z = 1) => {
        dispatch(x * y * z, (pass) => {
          pass.dispatchWorkgroups(x, y, z);
        });
      },
      dispatchWorkgroupsIndirect: (buffer, offset) => {
        dispatch(null, (pass) => {
          pass.dispatchWorkgroupsIndirect(buffer, offset);
        });
      },
      pushDebugGroup: () => undefined,
      popDebugGroup: () => undefined,
      insertDebugMarker: () => undefined,
      end: () => undefined,
    };
  }

  #timestamps(encoder: GPUCommandEncoder, timed: Timed): GPUComputePassTimestampWrites | undefined {
    const device = this.#devices.get(encoder);
    if (!device?.features.has('timestamp-query') || this.#count >= MOST_DISPATCHES) {
      this.#untimed++;
      return undefined;
    }
    this.#count++;
    const used = this.#encoders.get(encoder) ?? [];
    this.#encoders.set(encoder, used);
    let current = used.at(-1);
    if (!current || 2 * current.timed.length === QUERIES) {
      const queries =
        this.#pool(device).sets.pop() ??
        device.createQuerySet({ type: 'timestamp', count: QUERIES });
      current = { queries, timed: [] };
      used.push(current);
    }
    const first = 2 * current.timed.length;
    current.timed.push(timed);
    return {
      querySet: current.queries,
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: first + 1,
    };
  }

  #submit(commands: GPUCommandBuffer[], submit: (all: GPUCommandBuffer[]) => void): void {
    const begin = performance.now();
    const timed = commands.flatMap((buffer) => this.#commands.get(buffer) ?? []);
    const device = timed[0]?.device;
    if (!device) {
      submit(commands);
      this.#span('submit', 'submit', begin);
      return;
    }
    const used = timed.flatMap((buffer) => buffer.used);
    const number = this.#submitsDone.push(undefined) - 1;
    const stamps = this.#stampBuffers(
      device,
      used.reduce((sum, part) => sum + bytesOf(part), 0),
    );
    const encoder = device.createCommandEncoder({ label: 'profile' });
    let offset = 0;
    for (const part of used) {
      const { queries } = part;
      encoder.resolveQuerySet(queries, 0, 2 * part.timed.length, stamps.resolved, offset);
      offset += bytesOf(part);
    }
    encoder.copyBufferToBuffer(stamps.resolved, 0, stamps.staging, 0, offset);
    submit([...commands, encoder.finish()]);
    this.#span('submit', 'submit', begin);
    const reading = this.#read(device, stamps, used, number).finally(() =>
      this.#pending.delete(reading),
    );
    this.#pending.add(reading);
  }

  async #read(
    device: GPUDevice,
    stampBuffers: StampBuffers,
    used: readonly EncoderQueries[],
    submit: number,
  ): Promise<void> {
    const { staging } = stampBuffers;
    try {
      await this.#mapAsync.call(staging, GPUMapMode.READ);
    } catch {
      // The device was closed first: these dispatches have no times.
      this.#untimed += used.reduce((sum, { timed }) => sum + timed.length, 0);
      return;
    }
    this.#submitsDone[submit] = performance.now();
    const stamps = new BigUint64Array(staging.getMappedRange());
    const pool = this.#pool(device);
    let place = 0;
    for (const part of used) {
      part.timed.forEach((dispatch, k) => {
        const [begin, end] = [stamps[place + 2 * k]!, stamps[place + 2 * k + 1]!];
        this.#dispatches.push({ ...dispatch, submit, begin, end });
      });
      place += bytesOf(part) / QUERY_BYTES;
      pool.sets.push(part.queries);
    }
    staging.unmap();
    pool.stamps.push(stampBuffers);
  }

  #pool(device: GPUDevice): Pool {
    const pool = this.#pools.get(device) ?? { sets: [], stamps: [] };
    this.#pools.set(device, pool);
    return pool;
  }

  #stampBuffers(device: GPUDevice, bytes: number): StampBuffers {
    const { stamps } = this.#pool(device);
    const fits = stamps.findIndex((free) => free.bytes >= bytes);
    if (fits >= 0) return stamps.splice(fits, 1)[0]!;
    return {
      bytes,
      resolved: device.createBuffer({
        size: bytes,
        usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
      }),
      staging: device.createBuffer({
        size: bytes,
        usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
      }),
    };
  }
}

/** Bytes of a part's timestamps, up to where the next part's may be resolved to. */
function bytesOf({ timed }: EncoderQueries): number {
  const ALIGNMENT = 256;
  return Math.ceil((2 * QUERY_BYTES * timed.length) / ALIGNMENT) * ALIGNMENT;
}
