/** What every entry point of the package has: errors, and devices to compute on. */

// Errors: `kind` says who can mend it; the classes listed here carry data besides the message.
export { LpsError, type ErrorKind } from '../math/lps-error.js';

// The GPU.
export {
  CpuDevice,
  DeviceLostError,
  GpuDevice,
  GpuLimitError,
  GpuOptionError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
  openGpu,
  type ArithmeticMode,
  type Device,
  type GpuInfo,
  type OpenGpuOptions,
  type PrecisionVerdict,
  type WorkerLike,
  type WorkerOptions,
} from '../gpu/index.js';
