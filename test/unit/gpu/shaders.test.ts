/**
 * Believed afterwards: what the build read off the shaders is what WGSL says, every kernel keeps the
 * house rules, and none with workgroup memory has a data race. The truth is WGSL's alignment table
 * and wgsl_reflect's race detector, which executes a workgroup in lockstep.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { detectRaces } from 'wgsl_reflect/wgsl_reflect.module.js';
import { readShaders } from '../../../harness/build/shaders.mjs';
import { shaders } from '../../../src/generated/all-shaders.js';
import { arithmeticLibrary } from '../../../src/generated/arithmetic-library.js';
import type { Shader } from '../../../src/gpu/shader.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-shaders-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Generates from given files and returns the shaders as data. */
function generate(name: string, files: Record<string, string>): Record<string, Shader> {
  const own = join(folder, name);
  for (const room of ['lib', 'template']) mkdirSync(join(own, room), { recursive: true });
  for (const [path, code] of Object.entries(files)) writeFileSync(join(own, path), code);
  const { shaders } = readShaders(own) as unknown as { shaders: Shader[] };
  return Object.fromEntries(shaders.map((shader) => [shader.name, shader]));
}

it('reads entry points, bindings and struct layouts as WGSL lays them out', () => {
  const { kernel } = generate('layout', {
    'kernel.wgsl': `
struct Settings { count: u32, scale: vec3f, step: f32, matrix: mat3x2f, pair: vec2u }
struct Path { head: u32, points: array<vec2f> }
override width: u32 = 8u;
@group(0) @binding(2) var<uniform> settings: Settings;
@group(0) @binding(0) var<storage, read> values: array<f32>;
@group(0) @binding(1) var<storage, read_write> path: Path;
@compute @workgroup_size(width, 2)
fn step_all(@builtin(global_invocation_id) id: vec3u) { path.points[id.x].x = values[id.x] * settings.step; }`,
  });
  expect(kernel!.entryPoints).toEqual({ step_all: { workgroupSize: ['width', 2, 1] } });
  expect(kernel!.overrides).toEqual([{ name: 'width', type: 'u32' }]);
  // https://www.w3.org/TR/WGSL/#alignment-and-size
  expect(kernel!.structs.Settings!.members).toMatchObject({
    count: { offset: 0, size: 4 },
    scale: { offset: 16, size: 12 },
    step: { offset: 28, size: 4 },
    matrix: { offset: 32, size: 24 },
    pair: { offset: 56, size: 8 },
  });
  expect(kernel!.structs.Settings!.size).toBe(64);
  expect(kernel!.bindings).toEqual([
    { name: 'values', group: 0, binding: 0, type: 'read-only-storage', minBindingSize: 4 },
    { name: 'path', group: 0, binding: 1, type: 'storage', minBindingSize: 16 },
    { name: 'settings', group: 0, binding: 2, type: 'uniform', minBindingSize: 64 },
  ]);
});

describe('what repeats', () => {
  it('is written out for every value, whole or in part, with the values of an include', () => {
    const { kernel } = generate('repeat', {
      'template/sum.wgsl': [
        '// repeat: k lane = 0 x | 1 y',
        '// first ${lane} of ${COUNT}',
        'const c${k} = ${COUNT}u;',
        '// when: ${k} = 1',
        '  // repeat: i = 2..${COUNT}',
        '  const d${k}${i} = ${i}u;',
        '  // end',
        '// end',
        '// end',
      ].join('\n'),
      'kernel.wgsl':
        '// include: template/sum.wgsl COUNT=4\n@compute @workgroup_size(1) fn go() { _ = c0; }',
    });
    expect(kernel!.code.split('\n')).toEqual([
      'const c0 = 4u;',
      'const c1 = 4u;',
      'const d12 = 2u;',
      'const d13 = 3u;',
      '@compute @workgroup_size(1) fn go() { _ = c0; }',
    ]);
  });

  it.each([
    ['a name without a value', 'const c = ${NONE};', /kernel.wgsl: \$\{NONE\} has no value/],
    ['no end', '// repeat: i = 0..2', /"\/\/ repeat: i = 0..2" has no "\/\/ end"/],
    ['an end alone', '// end', /has no beginning/],
    ['too few values', '// repeat: i j = 0 1 | 2\n// end', /gives "2" to i j/],
    ['no values', '// repeat: i\n// end', /has no " = "/],
  ])('is refused with %s', (name, code, message) => {
    expect(() => generate(name, { 'kernel.wgsl': code })).toThrow(message);
  });
});

it('takes in every library once, and says which is missing', () => {
  const main = '@compute @workgroup_size(1) fn main() {}';
  const { a } = generate('include', {
    'a.wgsl': `// include: lib/one.wgsl\n// include: lib/two.wgsl\n${main}`,
    'lib/one.wgsl': '// include: lib/two.wgsl\nfn one() -> u32 { return two(); }',
    'lib/two.wgsl': 'fn two() -> u32 { return 2u; }',
  });
  expect(a!.code.match(/fn two/g)).toHaveLength(1);
  expect(a!.code).toContain('fn one');
  expect(() => generate('missing', { 'b.wgsl': `// include: lib/none.wgsl\n${main}` })).toThrow(
    /b\.wgsl includes lib\/none\.wgsl/,
  );
});

it('offers all three arithmetics with the same functions', () => {
  for (const code of Object.values(arithmeticLibrary))
    for (const name of ['two_sum', 'quick_two_sum', 'two_product'])
      expect(code).toMatch(new RegExp(`^fn ${name}\\(a: f32, b: f32\\) -> vec2f`, 'm'));
  expect(Object.keys(arithmeticLibrary)).toEqual(['plain', 'barrier', 'integer']);
});

const kernels: Shader[] = Object.values(shaders);

const named = kernels.map((shader) => [shader.name, shader] as const);

describe.each(named)('%s', (_, shader) => {
  it('stays within the default limits and leaves group 1 to the arithmetic', () => {
    expect(Object.keys(shader.entryPoints).length).toBeGreaterThan(0);
    const storage = shader.bindings.filter(({ type }) => type !== 'uniform');
    expect(storage.length).toBeLessThanOrEqual(8);
    for (const { workgroupSize } of Object.values(shader.entryPoints)) {
      const invocations = workgroupSize.reduce<number>(
        (product, size) => product * (typeof size === 'number' ? size : 1),
        1,
      );
      expect(invocations).toBeLessThanOrEqual(256);
    }
  });
});

describe.each(named.filter(([, shader]) => shader.workgroupMemory))('%s', (_, shader) => {
  it('has no data race', () => {
    const code = shader.arithmetic ? `${shader.code}\n${arithmeticLibrary.plain}` : shader.code;
    for (const entryPoint of Object.keys(shader.entryPoints))
      expect(detectRaces(code, entryPoint, [2, 1, 1], testBuffers(shader)).races).toEqual([]);
  });
});

/** One buffer per binding, large enough for two workgroups, with small numbers in it. */
function testBuffers(shader: Shader): Record<string, Record<string, unknown>> {
  const words = 4096;
  const groups: Record<string, Record<string, unknown>> = {};
  for (const { group, binding, type, minBindingSize } of shader.bindings) {
    const content = new Uint32Array(Math.max(words, minBindingSize / 4)).fill(1);
    (groups[group] ??= {})[binding] = type === 'uniform' ? { uniform: content } : content;
  }
  return groups;
}

it('the race detector sees a missing barrier', () => {
  const code = (barrier: string): string => `
var<workgroup> shared_values: array<u32, 32>;
@group(0) @binding(0) var<storage, read_write> values: array<u32>;
@compute @workgroup_size(32)
fn main(@builtin(local_invocation_id) id: vec3u) {
  shared_values[id.x] = values[id.x];
  ${barrier}
  values[id.x] = shared_values[31u - id.x];
}`;
  const races = (barrier: string): number =>
    detectRaces(code(barrier), 'main', [1, 1, 1], { 0: { 0: new Uint32Array(32).fill(1) } }).races
      .length;
  expect(races('workgroupBarrier();')).toBe(0);
  expect(races('')).toBeGreaterThan(0);
});
