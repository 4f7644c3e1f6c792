/**
 * shaders/**.wgsl -> src/generated/shaders.ts: the text of every kernel with what the host must know
 * of it (entry points, bindings, struct layouts), read off by wgsl_reflect and never counted by hand.
 *
 * Three conventions, all resolved here:
 * - `// include: lib/NAME.wgsl` on a line of its own takes in a library file, once; template/NAME.wgsl
 *   NAME=VALUE` does so with values for its placeholders.
 * - What repeats is written once (template.mjs).
 * - A kernel that uses two_sum or two_product is marked `arithmetic`; which implementation it gets
 *   (lib/error-free-{plain,barrier,integer}.wgsl) is chosen at run time by the device's self-test
 *   and appended there: WGSL does not care about the order of declarations.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { expandTemplate } from './template.mjs';

const includeLine = /^\/\/ include: (\S+)((?: \w+=\w+)*)[ \t]*$/gm;
/** Same as in src/gpu/shader.ts. */
const arithmeticGroup = 1;
const arithmeticModes = ['plain', 'barrier', 'integer'];

/** Reads every shader under `folder`; the result is the text of the generated module. */
export function generateShaders(folder) {
  const library = {};
  const shaders = {};
  for (const file of wgslFiles(folder)) {
    const name = relative(folder, file)
      .split(sep)
      .join('/')
      .replace(/\.wgsl$/, '');
    // Has values only where it is included.
    if (name.startsWith('template/')) continue;
    const code = resolveIncludes(folder, file, new Set([file]));
    if (name.startsWith('lib/')) library[name.slice('lib/'.length)] = code;
    else shaders[name] = { name, code };
  }
  for (const shader of Object.values(shaders)) {
    shader.arithmetic = /\btwo_(sum|product)\s*\(/.test(shader.code);
    const whole = shader.arithmetic
      ? `${shader.code}\n${library['error-free-barrier']}`
      : shader.code;
    try {
      Object.assign(shader, reflect(whole));
      if (shader.arithmetic && shader.bindings.some(({ group }) => group === arithmeticGroup))
        throw new Error(`bind group ${arithmeticGroup} belongs to the arithmetic, use group 0`);
    } catch (error) {
      throw new Error(`shaders/${shader.name}.wgsl: ${error.message ?? error}`, { cause: error });
    }
  }
  const arithmetic = Object.fromEntries(
    arithmeticModes
      .filter((mode) => library[`error-free-${mode}`])
      .map((mode) => [mode, library[`error-free-${mode}`]]),
  );
  return `/** Made by harness/build from shaders/: do not edit. */
import type { Shader } from '../gpu/shader.js';

/** Every kernel by its path below shaders/, without ".wgsl". */
export const shaders = ${JSON.stringify(shaders, null, 1)} satisfies Record<string, Shader>;

/** The text of shaders/lib/NAME.wgsl with its includes, for kernels generated at run time. */
export const shaderLibrary = ${JSON.stringify(library, null, 1)};

/** The implementations of two_sum and two_product, one per arithmetic mode. */
export const arithmeticLibrary = ${JSON.stringify(arithmetic, null, 1)};
`;
}

function wgslFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.wgsl'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {Record<string, string>} values of the file's placeholders */
function resolveIncludes(folder, file, seen, values = {}) {
  return expand(folder, file, values).replace(includeLine, (_, name, given) => {
    const included = join(folder, name);
    if (seen.has(included)) return '';
    seen.add(included);
    const pairs = given.split(' ').filter((pair) => pair !== '');
    try {
      const itsValues = Object.fromEntries(pairs.map((pair) => pair.split('=')));
      return resolveIncludes(folder, included, seen, itsValues);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      throw new Error(`${relative(folder, file)} includes ${name}, which is not in shaders/`, {
        cause: error,
      });
    }
  });
}

function expand(folder, file, values) {
  const text = readFileSync(file, 'utf8');
  try {
    return expandTemplate(text, values);
  } catch (error) {
    throw new Error(`shaders/${relative(folder, file)}: ${error.message}`, { cause: error });
  }
}

/** What the host needs of one shader, as plain data. */
function reflect(code) {
  const reflection = new WgslReflect(code);
  const entryPoints = Object.fromEntries(
    reflection.entry.compute.map((entry) => [entry.name, { workgroupSize: workgroupSize(entry) }]),
  );
  const bindings = [...reflection.uniforms, ...reflection.storage]
    .map((variable) => ({
      name: variable.name,
      group: variable.group,
      binding: variable.binding,
      type: bindingType(variable),
      minBindingSize: minimumSize(variable.type),
    }))
    // The arithmetic's own group is made and bound by the device, not by the kernel's user.
    .filter(({ name }) => name !== 'opaque_zero')
    .sort((a, b) => a.group - b.group || a.binding - b.binding);
  const structs = Object.fromEntries(
    reflection.structs.map((struct) => [
      struct.name,
      {
        size: minimumSize(struct),
        members: Object.fromEntries(
          struct.members.map((member) => [
            member.name,
            { offset: member.offset, size: member.size, type: member.type.getTypeName() },
          ]),
        ),
      },
    ]),
  );
  const overrides = reflection.overrides.map((override) => ({
    name: override.name,
    type: override.type?.name ?? 'f32',
  }));
  return {
    entryPoints,
    bindings,
    structs,
    overrides,
    workgroupMemory: /\bvar\s*<\s*workgroup\s*>/.test(code),
  };
}

/** Workgroup sizes are numbers, or names of overrides when the host may set them. */
function workgroupSize(entry) {
  const attribute = entry.attributes?.find(({ name }) => name === 'workgroup_size');
  const values = [attribute?.value ?? []].flat();
  return [0, 1, 2].map((index) => {
    const value = values[index] ?? '1';
    const number = Number(value);
    return Number.isNaN(number) ? String(value) : number;
  });
}

function bindingType(variable) {
  if (variable.resourceType === 0) return 'uniform';
  return variable.access === 'read_write' ? 'storage' : 'read-only-storage';
}

/** Bytes that a binding must have: a runtime-sized array needs at least one element. */
function minimumSize(type) {
  if (type.isArray && !type.count) return type.stride;
  if (type.isStruct) {
    const last = type.members.at(-1);
    if (last?.isArray && !last.count) return last.offset + last.stride;
  }
  return type.size;
}
