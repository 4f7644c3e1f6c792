/**
 * Everything that can go wrong between us and a GPU, as types: each says what was needed, what was
 * there and what to do, and carries the data, so that callers decide on the type and never on text.
 */
import { LpsError, type ErrorKind } from '../math/lps-error.js';

/** The common ancestor: `error instanceof GpuError` means "the GPU side failed". */
export class GpuError extends LpsError {
  override name = 'GpuError';
  override readonly kind: ErrorKind = 'internal';
}

/** No device could be opened. */
export class GpuUnavailableError extends GpuError {
  override name = 'GpuUnavailableError';
  override readonly kind = 'device';
  /** What was tried, in order, one line each. */
  readonly tried: readonly string[];

  constructor(tried: readonly string[], remedy: string) {
    super(`no WebGPU device: ${tried.join('; ')}. ${remedy}`);
    this.tried = tried;
  }
}

/** An option of `openGpu` that means nothing. */
export class GpuOptionError extends GpuError {
  override name = 'GpuOptionError';
  override readonly kind = 'usage';
  /** Its name. */
  readonly option: string;

  constructor(option: string, remedy: string) {
    super(`openGpu: option "${option}": ${remedy}`);
    this.option = option;
  }
}

/** A shader or pipeline was refused by the compiler. */
export class GpuCompileError extends GpuError {
  override name = 'GpuCompileError';
  /** The kernel's label. */
  readonly label: string;
  /** The compiler's messages, "line:column message" each. */
  readonly messages: readonly string[];

  constructor(label: string, messages: readonly string[], options?: ErrorOptions) {
    super(`shader "${label}" does not compile: ${messages.join('; ')}`, options);
    this.label = label;
    this.messages = messages;
  }
}

/** More was asked for than the device's limits allow. */
export class GpuLimitError extends GpuError {
  override name = 'GpuLimitError';
  override readonly kind = 'limit';
  /** Name of the WebGPU limit. */
  readonly limit: string;
  readonly needed: number;
  readonly available: number;

  constructor(what: string, limit: string, needed: number, available: number, remedy: string) {
    super(`${what} needs ${limit} ${needed}, this device allows ${available}: ${remedy}`);
    this.limit = limit;
    this.needed = needed;
    this.available = available;
  }
}

/** The allocation was within the limits, but the memory was not there. */
export class GpuOutOfMemoryError extends GpuError {
  override name = 'GpuOutOfMemoryError';
  override readonly kind = 'limit';
  /** Bytes asked for. */
  readonly needed: number;

  constructor(what: string, needed: number, detail: string) {
    super(
      `${what} needs ${needed} bytes and the device has no memory left (${detail}): close other GPU programs or use smaller batches`,
    );
    this.needed = needed;
  }
}

/** WebGPU refused a call: a mistake in this library, or in a caller who uses `device` directly. */
export class GpuValidationError extends GpuError {
  override name = 'GpuValidationError';
}

/** The device is gone (driver reset, machine asleep, closed): open a new one and start again. */
export class DeviceLostError extends GpuError {
  override name = 'DeviceLostError';
  override readonly kind = 'failed';
  /** WebGPU's reason, 'destroyed' or 'unknown', or 'closed' after `close()`. */
  readonly reason: string;

  constructor(reason: string, detail: string) {
    super(
      `the GPU device was lost (${reason}${detail ? `: ${detail}` : ''}): call openGpu again; if that fails, restart this process or page`,
    );
    this.reason = reason;
  }
}
