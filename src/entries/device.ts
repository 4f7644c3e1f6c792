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
  type ArithmeticErrors,
  type ArithmeticMode,
  type BufferSet,
  type BufferUse,
  type CompileStatistics,
  type Device,
  type DeviceOptions,
  type FrameBudget,
  type GpuInfo,
  type OpenGpuOptions,
  type Operation,
  type PassTimer,
  type PrecisionVerdict,
  type ReadRange,
  type WorkerLike,
  type WorkerOptions,
} from '../gpu/index.js';
