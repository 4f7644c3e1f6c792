/**
 * After this passes I believe that uniforms are packed at the offsets that the shader has, and that
 * a wrong name, length or number is refused. The truth is WGSL's layout rules, applied by hand.
 */
import { describe, expect, it } from 'vitest';
import type { Shader } from '../../../src/gpu/index.js';
import { packUniform } from '../../../src/network/gpu/uniforms.js';

const shader: Shader = {
  name: 'test/uniforms',
  code: '',
  arithmetic: false,
  entryPoints: {},
  bindings: [],
  overrides: [],
  workgroupMemory: false,
  structs: {
    // struct Sizes { count: u32, seed: vec2u, scale: f32, shift: i32 }
    Sizes: {
      size: 24,
      members: {
        count: { offset: 0, size: 4, type: 'u32' },
        seed: { offset: 8, size: 8, type: 'vec2<u32>' },
        scale: { offset: 16, size: 4, type: 'f32' },
        shift: { offset: 20, size: 4, type: 'i32' },
      },
    },
  },
};
const values = { count: 7, seed: [1, 0xffffffff], scale: 0.5, shift: -3 };

describe('packUniform', () => {
  it('puts every member at its offset, in whole vec4', () => {
    const view = new DataView(packUniform(shader, 'Sizes', values).buffer);
    expect(view.byteLength).toBe(32);
    expect(view.getUint32(0, true)).toBe(7);
    expect(view.getUint32(4, true)).toBe(0);
    expect(view.getUint32(8, true)).toBe(1);
    expect(view.getUint32(12, true)).toBe(0xffffffff);
    expect(view.getFloat32(16, true)).toBe(0.5);
    expect(view.getInt32(20, true)).toBe(-3);
  });

  it.each([
    ['a missing member', { count: 7, seed: [1, 2], scale: 1 }, /"shift".*needs a value/],
    ['an unknown member', { ...values, width: 1 }, /"width".*unknown.*count, seed/],
    ['too few numbers', { ...values, seed: [1] }, /"seed".*holds 2 numbers, got 1/],
    ['a negative u32', { ...values, count: -1 }, /"count".*cannot hold -1 as u32/],
    ['a fraction', { ...values, shift: 0.5 }, /"shift".*cannot hold 0.5 as i32/],
    ['NaN in a u32', { ...values, count: NaN }, /"count".*cannot hold NaN/],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => packUniform(shader, 'Sizes', wrong as never)).toThrow(message);
  });

  it('refuses a struct that the shader does not have', () => {
    expect(() => packUniform(shader, 'Size', {})).toThrow(/no struct Size; it has Sizes/);
  });
});
