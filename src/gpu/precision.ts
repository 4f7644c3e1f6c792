/**
 * The precision self-test: which arithmetic gives double-single results on this device.
 *
 * WGSL allows a compiler to rearrange f32 arithmetic, and some do: on Mesa's lavapipe plain
 * double-single arithmetic has errors of 1.2e-7 where SwiftShader's are 1.4e-14, and the barrier brings
 * them to 1.4e-14 again (Mesa 22.3 through Deno, 2026-11-23).
 * Nothing in the adapter's name tells, so every device is asked: plain, then behind an opaque
 * barrier, and only when both fail in integer arithmetic (20 times slower).
 */
import { inSlices } from '../math/stepwise.js';
import { BufferSet } from './buffers.js';
import type { KernelCompiler } from './compiler.js';
import {
  measureErrorsStepwise,
  numbersPerCase,
  operations,
  precisionCases,
  type Operation,
} from './precision-cases.js';
import type { Readback } from './readback.js';
import type { ArithmeticMode } from './shader.js';
import { precisionSelfTest } from '../generated/shaders/precision/self-test.js';

/**
 * Largest relative error allowed for a double-single operation: 16 u^2 with u = 2^-24. The proven
 * bounds are 3 u^2 (sum), 5 u^2 (product) and 15 u^2 (quotient); one lost error term costs 2^-24.
 */
export const doubleSingleTolerance = 16 * 2 ** -48;

const errorFree: readonly Operation[] = ['twoSum', 'twoProduct'];
const boundedOperations: readonly Operation[] = ['add', 'multiply', 'divide', 'multiplyAdd'];

/** What one arithmetic achieved. */
export interface ArithmeticErrors {
  /** Largest relative error of each operation over all cases. */
  readonly errors: Readonly<Record<Operation, number>>;
  /** The largest of the double-single operations (x + y, x y, x / y, x y + x). */
  readonly maxRelativeError: number;
  /** Whether the transforms are exact and the operations within `doubleSingleTolerance`. */
  readonly passed: boolean;
}

/** The verdict that every result carries. */
export interface PrecisionVerdict {
  /** The arithmetic that kernels get: the first that passed, or 'integer' when none did. */
  readonly mode: ArithmeticMode;
  readonly plain: ArithmeticErrors;
  readonly barrier: ArithmeticErrors;
  /** Only tested when plain and barrier failed. */
  readonly integer?: ArithmeticErrors;
  /** Whether `mode` passed. When not, double-single results of this device are not to be trusted. */
  readonly passed: boolean;
  /** Cases per arithmetic. */
  readonly cases: number;
  /** Milliseconds for everything, compiling included. */
  readonly totalMs: number;
}

/** Runs the self-test (about 0.1 s plus compiling two small kernels). */
export async function measurePrecision(
  device: GPUDevice,
  compiler: KernelCompiler,
  readback: Readback,
  seed = 1,
): Promise<PrecisionVerdict> {
  const started = performance.now();
  const cases = precisionCases(seed);
  const count = cases.length / numbersPerCase;
  const buffers = new BufferSet(
    device,
    () => undefined,
    () => undefined,
  );
  try {
    const input = await buffers.storage('self-test cases', cases);
    const output = await buffers.storage(
      'self-test results',
      count * operations.length * 2 * Float32Array.BYTES_PER_ELEMENT,
    );
    const measure = async (mode: ArithmeticMode): Promise<ArithmeticErrors> => {
      const kernel = await compiler.compile(precisionSelfTest, mode);
      const bindings = await kernel.bind({ cases: input, results: output });
      const encoder = device.createCommandEncoder({ label: 'precision self-test' });
      const pass = encoder.beginComputePass();
      kernel.encode(pass, bindings, [Math.ceil(count / 64)]);
      pass.end();
      const [results] = await readback.submitAndRead(encoder, [{ buffer: output }]);
      return judge(await inSlices(measureErrorsStepwise(cases, new Float32Array(results!))));
    };
    // Compile both at once; the measurements share the output buffer and follow one another.
    await Promise.all([
      compiler.compile(precisionSelfTest, 'plain'),
      compiler.compile(precisionSelfTest, 'barrier'),
    ]);
    const plain = await measure('plain');
    const barrier = await measure('barrier');
    const integer = plain.passed || barrier.passed ? undefined : await measure('integer');
    const mode = plain.passed ? 'plain' : barrier.passed ? 'barrier' : 'integer';
    return {
      mode,
      plain,
      barrier,
      ...(integer ? { integer } : {}),
      passed: plain.passed || barrier.passed || (integer?.passed ?? false),
      cases: count,
      totalMs: performance.now() - started,
    };
  } finally {
    buffers.close();
  }
}

/** Applies the tolerances to measured errors. */
export function judge(errors: Record<Operation, number>): ArithmeticErrors {
  const maxRelativeError = Math.max(...boundedOperations.map((operation) => errors[operation]));
  return {
    errors,
    maxRelativeError,
    passed:
      errorFree.every((operation) => errors[operation] === 0) &&
      maxRelativeError <= doubleSingleTolerance,
  };
}
