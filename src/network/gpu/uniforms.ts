/**
 * Packs a shader's uniform struct from values by name, at the offsets that the build read off the
 * WGSL: nothing is counted by hand, and a renamed member fails here and not as wrong numbers.
 */
import { GpuValidationError, type Shader } from '../../gpu/index.js';
import type { UniformValues } from './operation.js';

const WORD_BYTES = 4;
/** Uniform buffers are bound in multiples of a vec4. */
const UNIFORM_ALIGNMENT = 16;

/** What a member holds: a scalar, or a vector of them. */
const memberType = /^(?:vec([234])(?:<(f32|i32|u32)>|([fiu]))|(f32|i32|u32))$/;

const scalarOf = { f: 'f32', i: 'i32', u: 'u32' } as const;

/**
 * @param struct name of a struct in the shader, of scalars and vectors of f32, i32 and u32
 * @param values a number for each scalar, as many numbers as components for each vector
 * @returns the struct's bytes
 * @throws {GpuValidationError} for a missing or unknown member, a value of the wrong length, or a
 *   number its type cannot hold
 */
export function packUniform(
  shader: Shader,
  struct: string,
  values: UniformValues,
): Uint8Array<ArrayBuffer> {
  const layout = shader.structs[struct];
  if (!layout) {
    throw new GpuValidationError(
      `kernel "${shader.name}" has no struct ${struct}; it has ${Object.keys(shader.structs).join(', ') || 'none'}`,
    );
  }
  const fail = (member: string, what: string): never => {
    throw new GpuValidationError(`member "${member}" of ${struct} in "${shader.name}": ${what}`);
  };
  for (const name of Object.keys(values)) {
    if (!(name in layout.members)) {
      fail(name, `is unknown; the struct has ${Object.keys(layout.members).join(', ')}`);
    }
  }
  const bytes = new Uint8Array(Math.ceil(layout.size / UNIFORM_ALIGNMENT) * UNIFORM_ALIGNMENT);
  const view = new DataView(bytes.buffer);
  for (const [name, { offset, type }] of Object.entries(layout.members)) {
    const match = memberType.exec(type) ?? fail(name, `has type ${type}, which cannot be packed`);
    const components = Number(match[1] ?? 1);
    const scalar = (match[2] ?? match[4] ?? scalarOf[match[3] as 'f' | 'i' | 'u']) as
      | 'f32'
      | 'i32'
      | 'u32';
    const value = values[name] ?? fail(name, `needs a value (${type})`);
    const numbers = typeof value === 'number' ? [value] : value;
    if (numbers.length !== components) {
      fail(name, `holds ${components} numbers, got ${numbers.length}`);
    }
    numbers.forEach((number, index) => {
      const place = offset + index * WORD_BYTES;
      if (scalar === 'f32') {
        view.setFloat32(place, number, true);
      } else if (scalar === 'u32' && Number.isInteger(number) && number >= 0 && number < 2 ** 32) {
        view.setUint32(place, number, true);
      } else if (scalar === 'i32' && Number.isInteger(number) && Math.abs(number) < 2 ** 31) {
        view.setInt32(place, number, true);
      } else {
        fail(name, `cannot hold ${number} as ${scalar}`);
      }
    });
  }
  return bytes;
}
