/**
 * An open GPU: the device, what is known of it, and the few verbs the rest of the library uses.
 *
 * Everything that can fail later fails with a typed error here: a lost device, and errors that
 * WebGPU reports to nobody ("uncaptured"), which the next read throws instead of returning data
 * that a failed call never wrote.
 */
import { BufferSet } from './buffers.js';
import { KernelCompiler, type CompileStatistics, type KernelOptions } from './compiler.js';
import { DeviceLostError, GpuError, GpuLimitError, GpuValidationError } from './errors.js';
import { FrameBudget } from './frame-budget.js';
import type { Kernel } from './kernel.js';
import type { WorkerOptions } from './platform.js';
import type { PrecisionVerdict } from './precision.js';
import { Readback, type ReadRange } from './readback.js';
import type { Shader } from './shader.js';
import { PassTimer } from './timer.js';

/** Which adapter this is. */
export interface GpuInfo {
  readonly runtime: 'node' | 'browser' | 'deno';
  readonly vendor: string;
  readonly architecture: string;
  /** Driver's name of the device; browsers may leave it empty. */
  readonly description: string;
  /** Whether a CPU does the work (SwiftShader, lavapipe, WARP). */
  readonly software: boolean;
}

/** What a device is opened with. */
export interface DeviceOptions {
  readonly workers?: WorkerOptions;
  /** Milliseconds of GPU time in each frame; default: no bound. */
  readonly frameBudget?: number;
  /** The app's own device: it is used, and otherwise left alone. */
  readonly isBorrowed?: boolean;
  /** Opens another device as this one was opened; not for one that is the app's own. */
  readonly openAnother?: () => Promise<GpuDevice>;
}

/** How long after a failed read the news of a lost device may take (Chromium under load). */
const LOST_NEWS_MS = 250;
/** Waits between attempts to open a device after a loss: a driver that restarts takes seconds. */
const REOPEN_PAUSES_MS = [0, 250, 500, 1000, 2000, 4000];

export class GpuDevice {
  readonly info: GpuInfo;
  /** For direct WebGPU calls; buffers made with it are the caller's to destroy. */
  readonly device: GPUDevice;
  /** The limits in force: WebGPU's defaults, whatever more the adapter could do. */
  readonly limits: GPUSupportedLimits;
  /** How worker threads are started for this device's solves. */
  readonly workers: WorkerOptions;
  /** How much of each frame the GPU may work. */
  readonly budget: FrameBudget;
  /** Whether `createTimer` gives a timer. */
  readonly hasTimestamps: boolean;
  readonly #compiler: KernelCompiler;
  readonly #readback: Readback;
  readonly #bufferSets = new Set<BufferSet>();
  readonly #owned: { close(): void }[] = [];
  #precision: PrecisionVerdict | undefined;
  readonly #isBorrowed: boolean;
  #closed = false;
  #lost: DeviceLostError | undefined;
  #uncaptured: string | undefined;
  /** Settled when it is known whether the calls so far were refused; only on a borrowed device. */
  #news: Promise<void> | undefined;
  readonly #openAnother: (() => Promise<GpuDevice>) | undefined;
  #replacement: GpuDevice | undefined;
  /** The attempts that are under way to open one. */
  #replacing: Promise<GpuDevice> | undefined;
  #signalLost: (error: DeviceLostError) => void = () => undefined;
  /** Resolves when the device is lost; never when it is closed by `close()`. */
  readonly lost = new Promise<DeviceLostError>((resolve) => (this.#signalLost = resolve));

  private constructor(
    device: GPUDevice,
    info: GpuInfo,
    { workers = {}, frameBudget = Infinity, isBorrowed = false, openAnother }: DeviceOptions,
  ) {
    this.device = device;
    this.info = info;
    this.limits = device.limits;
    this.workers = workers;
    this.budget = new FrameBudget(frameBudget);
    this.#isBorrowed = isBorrowed;
    this.#openAnother = openAnother;
    this.hasTimestamps = device.features.has('timestamp-query');
    this.#compiler = new KernelCompiler(device);
    this.#readback = new Readback(device, info.software);
    void device.lost.then(({ reason, message }) => {
      if (this.#closed) return;
      this.#lost = new DeviceLostError(reason, message);
      this.#signalLost(this.#lost);
    });
    // On an app's device these may be the app's own; there `#watched` tells ours.
    if (!isBorrowed)
      device.addEventListener('uncapturederror', (event) => {
        this.#uncaptured ??= event.error.message;
      });
  }

  /** Use `openGpu()`. Takes over the device, unless it is borrowed, and runs the precision self-test on it. */
  static async create(
    device: GPUDevice,
    info: GpuInfo,
    options: DeviceOptions = {},
  ): Promise<GpuDevice> {
    const gpu = new GpuDevice(device, info, options);
    try {
      const { measurePrecision } = await import('./precision.js');
      gpu.#precision = await measurePrecision(device, gpu.#compiler, gpu.#readback);
      gpu.assertUsable();
      return gpu;
    } catch (error) {
      const lost = gpu.#lost;
      gpu.close();
      throw lost ?? error;
    }
  }

  /** The self-test's verdict; its `mode` is the arithmetic that every kernel of this device gets. */
  get precision(): PrecisionVerdict {
    if (!this.#precision) throw new GpuValidationError('the precision self-test has not run yet');
    return this.#precision;
  }

  /** What compiling has cost so far on this device. */
  get compileStatistics(): CompileStatistics {
    return this.#compiler.statistics;
  }

  /**
   * Compiles a kernel, or returns the one already compiled from the same code and constants.
   * @throws {GpuCompileError} with the compiler's messages
   * @throws {GpuLimitError} when it binds more buffers than the device allows
   */
  async createKernel(shader: Shader, options: KernelOptions = {}): Promise<Kernel> {
    this.assertUsable();
    const storage = shader.bindings.filter(({ type }) => type !== 'uniform').length;
    const available = this.limits.maxStorageBuffersPerShaderStage;
    if (storage > available)
      throw new GpuLimitError(
        `kernel "${shader.name}"`,
        'maxStorageBuffersPerShaderStage',
        storage,
        available,
        'put several arrays into one buffer',
      );
    try {
      return await this.#compiler.compile(shader, this.precision.mode, options);
    } catch (error) {
      this.assertUsable();
      throw error;
    }
  }

  /** A new set of buffers; its owner closes it. */
  createBuffers(): BufferSet {
    this.assertUsable();
    const set = new BufferSet(
      this.device,
      () => {
        this.assertUsable();
      },
      (closed) => this.#bufferSets.delete(closed),
    );
    this.#bufferSets.add(set);
    return set;
  }

  /** A timer for `capacity` passes between two reads, or undefined without timestamp queries. */
  createTimer(capacity: number): PassTimer | undefined {
    this.assertUsable();
    return this.hasTimestamps ? new PassTimer(this.device, capacity) : undefined;
  }

  /** A command encoder for work that `submit` or `submitAndRead` ends. */
  createEncoder(label: string): GPUCommandEncoder {
    this.assertUsable();
    return this.device.createCommandEncoder({ label });
  }

  /** Ends the encoder and submits it. */
  submit(encoder: GPUCommandEncoder): void {
    this.assertUsable();
    this.#watched(() => {
      this.device.queue.submit([encoder.finish()]);
    });
  }

  /**
   * Ends the encoder with copies of the ranges, submits it and waits for them.
   * @param soonestMs from now, before which they are not there: a software adapter is not asked earlier; default 0
   * @returns one ArrayBuffer per range
   * @throws {DeviceLostError} when the device is gone
   * @throws {GpuValidationError} when WebGPU refused any call since the last read
   */
  async submitAndRead(
    encoder: GPUCommandEncoder,
    ranges: readonly ReadRange[],
    soonestMs?: number,
  ): Promise<ArrayBuffer[]> {
    this.assertUsable();
    const begin = performance.now();
    try {
      const copies = await this.#watched(() =>
        this.#readback.submitAndRead(encoder, ranges, soonestMs),
      );
      this.budget.spend(begin, performance.now());
      await this.#news;
      this.assertUsable();
      return copies;
    } catch (error) {
      throw (await this.lossBehind(error)) ?? error;
    }
  }

  /** Reads a buffer, or a part of it (offset and size in bytes, multiples of 4). */
  async read(buffer: GPUBuffer, offset = 0, size = buffer.size - offset): Promise<ArrayBuffer> {
    const encoder = this.createEncoder('read');
    const [copy] = await this.submitAndRead(encoder, [{ buffer, offset, size }]);
    return copy!;
  }

  /** Overwrites part of a buffer; ordered before all work submitted later. */
  write(buffer: GPUBuffer, data: ArrayBufferView<ArrayBuffer>, offset = 0): void {
    this.assertUsable();
    this.#watched(() => {
      this.device.queue.writeBuffer(buffer, offset, data.buffer, data.byteOffset, data.byteLength);
    });
  }

  /**
   * @throws {DeviceLostError} when the device is gone, or was closed
   * @throws {GpuValidationError} when a call failed that nobody checked
   */
  assertUsable(): void {
    if (this.#lost) throw this.#lost;
    if (this.#closed) throw new DeviceLostError('closed', 'close() was called');
    if (this.#uncaptured !== undefined) {
      const message = this.#uncaptured;
      this.#uncaptured = undefined;
      throw new GpuValidationError(`WebGPU refused an earlier call: ${message}`);
    }
  }

  /** This device, or the one that was opened in its place after it was lost. */
  get current(): GpuDevice {
    return this.#replacement?.current ?? this;
  }

  /**
   * The loss of this device that an error is a sign of, if it is one. WebGPU tells of a loss a moment after the calls
   * that fail by it.
   */
  async lossBehind(error: unknown): Promise<DeviceLostError | undefined> {
    if (error instanceof DeviceLostError) return error;
    const soon = new Promise<void>((resolve) => setTimeout(resolve, LOST_NEWS_MS));
    await Promise.race([this.lost, soon]);
    if (this.#lost) return this.#lost;
    return this.#closed ? new DeviceLostError('closed', 'close() was called') : undefined;
  }

  /**
   * Opens a device in the place of this one, which is lost: once, whoever asks. It is closed with this one. Compiled
   * kernels and the contents of buffers are gone.
   *
   * @returns null for the app's own device: it is the app's to replace
   * @throws {DeviceLostError} when several attempts in some seconds have failed, or this device was closed
   */
  async replace(): Promise<GpuDevice | null> {
    if (this.#replacement) return this.#replacement;
    if (!this.#openAnother) return null;
    this.#replacing ??= this.#openInPlace(this.#openAnother).finally(() => {
      this.#replacing = undefined;
    });
    return this.#replacing;
  }

  async #openInPlace(openAnother: () => Promise<GpuDevice>): Promise<GpuDevice> {
    let failure = '';
    for (const pauseMs of REOPEN_PAUSES_MS) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (this.#closed) break;
      try {
        const opened = await openAnother();
        this.#replacement = opened;
        // It was closed meanwhile, and all that follows it.
        if (this.#closed) opened.close();
        return opened;
      } catch (error) {
        if (!(error instanceof GpuError)) throw error;
        failure = error.message;
      }
    }
    const { reason = 'closed' } = this.#lost ?? {};
    throw new DeviceLostError(reason, failure && `no other opens, ${failure}`);
  }

  /**
   * Ties the life of another resource (worker threads, say) to this device's, lost or not.
   *
   * @throws {DeviceLostError} when it was closed
   */
  own(resource: { close(): void }): void {
    if (this.#closed) throw new DeviceLostError('closed', 'close() was called');
    this.#owned.push(resource);
  }

  /**
   * Calls WebGPU so that our mistakes, and no others, are known as ours. Scopes are a stack, so ours is closed
   * before anybody else can open one.
   */
  #watched<Result>(call: () => Result): Result {
    if (!this.#isBorrowed) return call();
    this.device.pushErrorScope('validation');
    try {
      return call();
    } finally {
      this.#news = this.device.popErrorScope().then(
        (error) => {
          if (error) this.#uncaptured ??= error.message;
        },
        // The device was lost, which is noticed elsewhere.
        () => undefined,
      );
    }
  }

  /** Frees every buffer, everything owned and the device, unless it is the app's own. Closing twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const resource of this.#owned) resource.close();
    for (const set of [...this.#bufferSets]) set.close();
    this.#readback.close();
    this.#compiler.close();
    if (!this.#isBorrowed) this.device.destroy();
    this.#replacement?.close();
  }
}
