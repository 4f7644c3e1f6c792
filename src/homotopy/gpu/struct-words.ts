/**
 * A struct of a shader, as the host writes it.
 */
import type { ShaderStruct } from '../../gpu/index.js';

/** @param values of every member, u32 or f32. */
export function wordsOf(
  { size, members }: ShaderStruct,
  values: Readonly<Record<string, number>>,
): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(size));
  for (const [name, { offset, type }] of Object.entries(members)) {
    if (type === 'f32') view.setFloat32(offset, values[name]!, true);
    else view.setUint32(offset, values[name]!, true);
  }
  return view;
}
