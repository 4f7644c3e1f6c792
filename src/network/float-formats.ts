/**
 * Number formats of weight files, little-endian, read into f32.
 *
 * F16 is IEEE 754 binary16; BF16 is the upper half of an f32. I64 is there for PyTorch's batch
 * counters only.
 */

export interface FloatType {
  /** Of one number. */
  readonly bytes: number;
  /** The number at a byte offset. */
  readonly read: (view: DataView, offset: number) => number;
}

const scratch = new DataView(new ArrayBuffer(4));

/** By the name that safetensors gives them. */
export const FLOAT_TYPES: ReadonlyMap<string, FloatType> = new Map<string, FloatType>([
  ['F32', { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) }],
  ['F64', { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) }],
  ['F16', { bytes: 2, read: (view, offset) => fromHalf(view.getUint16(offset, true)) }],
  ['BF16', { bytes: 2, read: (view, offset) => fromBrainFloat(view.getUint16(offset, true)) }],
  ['I64', { bytes: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) }],
]);

/** 5 bits of exponent with bias 15, 10 bits of fraction. Node 20 has no Float16Array. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function fromBrainFloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
