/**
 * shaders/**.wgsl -> src/generated/: the text of every kernel with what the host must know of it (entry points,
 * bindings, struct layouts), read off by wgsl_reflect and never counted by hand.
 *
 *   shaders/ROOM/NAME.ts    one module per kernel, so that an app gets those that it uses
 *   shaders/lib/NAME.ts     what kernels include, once for all of them
 *   shaders.ts              all of them by name: networkGather is shaders/network/gather.wgsl
 *   all-shaders.ts          all of them as one record, for tests
 *   arithmetic-library.ts, tracker-library.ts   texts that are put into kernels at run time
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

/**
 * Reads every shader under `folder`.
 * @returns the texts of the modules to write, by path below src/generated/
 */
export function generateShaders(folder) {
  const { shaders, own } = readShaders(folder);
  const modules = {};
  for (const [name, text] of Object.entries(own.library)) {
    modules[`shaders/lib/${name}.ts`] =
      `${DO_NOT_EDIT}\nexport const ${exportName(name)} = ${JSON.stringify(text)};\n`;
  }
  for (const shader of shaders) {
    const { includes, text } = own.shaders[shader.name];
    const names = includes.map(exportName);
    const { code: _, ...facts } = shader;
    // No spread, and a mark at the call: of others bundlers cannot tell that nothing else happens, and keep them.
    const parts = [...names, JSON.stringify(text)];
    modules[`shaders/${shader.name}.ts`] = `${DO_NOT_EDIT}
import type { KnownShader } from '../../../gpu/shader.js';
${includes.map((name) => `import { ${exportName(name)} } from '../lib/${name}.js';\n`).join('')}
export const ${exportName(shader.name)}: ${typeOf(facts)} = {
  code: ${parts.length === 1 ? parts[0] : `/* @__PURE__ */ [${parts.join(', ')}].join('\\n')`},
  ${JSON.stringify(facts, null, 1).slice(2, -2)},
};
`;
  }
  modules['shaders.ts'] =
    `${DO_NOT_EDIT}\n${shaders.map(({ name }) => `export { ${exportName(name)} } from './shaders/${name}.js';\n`).join('')}`;
  modules['all-shaders.ts'] = `${DO_NOT_EDIT}
import type { Shader } from '../gpu/shader.js';
import * as all from './shaders.js';

/** Every kernel by its path below shaders/, without ".wgsl". */
export const shaders = {
${shaders.map(({ name }) => `  '${name}': all.${exportName(name)},\n`).join('')}} satisfies Record<string, Shader>;
`;
  const whole = (name) =>
    `[${[...own.libraryIncludes[name], name].map(exportName).join(', ')}].join('\\n')`;
  const imports = (names) =>
    [...new Set(names.flatMap((name) => [...own.libraryIncludes[name], name]))]
      .map((name) => `import { ${exportName(name)} } from './shaders/lib/${name}.js';\n`)
      .join('');
  const arithmetic = arithmeticModes.filter((mode) => `error-free-${mode}` in own.library);
  modules['arithmetic-library.ts'] = `${DO_NOT_EDIT}
${imports(arithmetic.map((mode) => `error-free-${mode}`))}
/** The implementations of two_sum and two_product, one per arithmetic mode. */
export const arithmeticLibrary = {
${arithmetic.map((mode) => `  ${mode}: ${whole(`error-free-${mode}`)},\n`).join('')}};
`;
  if ('cooperative-tracker' in own.library)
    modules['tracker-library.ts'] = `${DO_NOT_EDIT}
${imports(['cooperative-tracker'])}
/** shaders/lib/cooperative-tracker.wgsl with its includes, for kernels generated at run time. */
export const cooperativeTrackerLibrary = ${whole('cooperative-tracker')};
`;
  return modules;
}

const DO_NOT_EDIT = '/** Made by harness/build from shaders/: do not edit. */';

/** Names only: a literal type would repeat every number. */
function typeOf({ entryPoints, structs }) {
  const names = (record) =>
    Object.keys(record)
      .map((name) => `'${name}'`)
      .join(' | ');
  const members = Object.entries(structs).map(
    ([name, { members }]) => `${name}: ${names(members)}`,
  );
  return `KnownShader<${names(entryPoints)}${members.length > 0 ? `, { ${members.join('; ')} }` : ''}>`;
}

/** network/gather -> networkGather */
function exportName(name) {
  return name.replace(/[/-](\w)/g, (_, letter) => letter.toUpperCase());
}

/** Every kernel, and the texts of the library, as data. */
export function readShaders(folder) {
  const library = {};
  const shaders = [];
  /** The same without what is included. */
  const own = { library: {}, libraryIncludes: {}, shaders: {} };
  for (const file of wgslFiles(folder)) {
    const name = relative(folder, file)
      .split(sep)
      .join('/')
      .replace(/\.wgsl$/, '');
    // Has values only where it is included.
    if (name.startsWith('template/')) continue;
    const included = new Set();
    const text = withoutComments(ownText(folder, file, included));
    // What is included comes first, as WGSL does not care about the order of declarations.
    const parts = [...included].map((each) => withoutComments(ownText(folder, each, new Set())));
    const code = [...parts, text].join('\n');
    if (name.startsWith('lib/')) {
      own.library[libraryName(folder, file)] = text;
      own.libraryIncludes[libraryName(folder, file)] = [...included].map((each) =>
        libraryName(folder, each),
      );
      library[libraryName(folder, file)] = code;
    } else {
      own.shaders[name] = {
        includes: [...included].map((each) => libraryName(folder, each)),
        text,
      };
      shaders.push({ name, code });
    }
  }
  for (const shader of shaders) {
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
  return { shaders, own };
}

/** The text as it is shipped to readers: with its comments, and its includes where they were asked for. */
export function readableShaders(folder) {
  const texts = {};
  const included = new Set();
  // One kernel in several arithmetics is there once as a whole, of the others what differs.
  const bodies = new Map();
  for (const file of wgslFiles(folder)) {
    const name = relative(folder, file).split(sep).join('/');
    // Has values only where it is included.
    if (name.startsWith('template/')) continue;
    const own = new Set();
    const body = bodyOf(file);
    const first = bodies.get(body);
    if (first !== undefined) own.add(join(folder, body));
    else if (body !== null) bodies.set(body, name);
    texts[name] =
      `${resolveIncludes(folder, file, own)}${first ? `\n// The rest is that of ${first}.\n` : ''}`;
    own.forEach((each) => included.add(each));
  }
  // What others include is in their texts.
  return Object.fromEntries(
    Object.entries(texts).filter(([name]) => !included.has(join(folder, name))),
  );
}

/** What a file that is nothing but includes takes in last; null for others. */
function bodyOf(file) {
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(includeLine)].map(([, name]) => name);
  return withoutComments(text) === '' && names.length > 1 ? names.at(-1) : null;
}

/** WGSL has no strings, so "//" always begins a comment. Holes for generated code are comments that stay. */
function withoutComments(code) {
  return code
    .split('\n')
    .map((line) => (/^\s*\/\/ generated: /.test(line) ? line : line.replace(/\/\/.*$/, '')).trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** shaders/lib/NAME.wgsl -> NAME */
function libraryName(folder, file) {
  return relative(join(folder, 'lib'), file).replace(/\.wgsl$/, '');
}

function wgslFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.wgsl'))
    .map((entry) => join(entry.parentPath, entry.name).replace(/\.wgsl$/, ''))
    .sort()
    .map((path) => `${path}.wgsl`);
}

/**
 * A file with the templates that it takes in, without what it includes from lib/.
 * @param {Set<string>} included takes the files of lib/, those that they include among them
 * @param {Record<string, string>} values of the file's placeholders
 */
function ownText(folder, file, included, values = {}) {
  return expand(folder, file, values).replace(includeLine, (_, name, given) =>
    taking(folder, file, name, (path) => {
      if (name.startsWith('template/')) return ownText(folder, path, included, valuesOf(given));
      if (!included.has(path)) {
        included.add(path);
        ownText(folder, path, included);
      }
      return '';
    }),
  );
}

/** A file with everything it includes in the place where it is asked for, once. */
function resolveIncludes(folder, file, seen = new Set(), values = {}) {
  return expand(folder, file, values).replace(includeLine, (_, name, given) =>
    taking(folder, file, name, (path) => {
      if (seen.has(path)) return '';
      seen.add(path);
      return resolveIncludes(folder, path, seen, valuesOf(given));
    }),
  );
}

function valuesOf(given) {
  const pairs = given.split(' ').filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair) => pair.split('=')));
}

/** What `take` makes of an included file. */
function taking(folder, file, name, take) {
  try {
    return take(join(folder, name));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`${relative(folder, file)} includes ${name}, which is not in shaders/`, {
      cause: error,
    });
  }
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
  const { compute, vertex, fragment } = reflection.entry;
  const entryPoints = Object.fromEntries([
    ...compute.map((entry) => [entry.name, { workgroupSize: workgroupSize(entry) }]),
    ...[...vertex, ...fragment].map((entry) => [entry.name, { workgroupSize: [] }]),
  ]);
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
