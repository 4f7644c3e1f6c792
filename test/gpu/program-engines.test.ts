/**
 * Believed afterwards: both WGSL translations of a program, straight lines and loops over tables, compute the homotopy,
 * its Jacobian and its derivative in every engine, for every kind of homotopy. Truth: the interpreter in f64, which
 * test/unit/homotopy/program holds against sums multiplied out term by term.
 */
import { expect, it } from 'vitest';
import type { Shader } from '../../src/gpu/shader.js';
import { emitProgram } from '../../src/homotopy/gpu/emit-program.js';
import { cooperativeLibrary } from '../../src/homotopy/gpu/cooperative.js';
import { cooperativeTables } from '../../src/homotopy/gpu/cooperative-tables.js';
import { basisColumns } from '../../src/homotopy/gpu/emit-solve.js';
import { StraightLine } from '../../src/homotopy/gpu/straight-line.js';
import { writePowers, writeStepNumbers } from '../../src/homotopy/newton/step-numbers.js';
import { cellData, cellStructure } from '../../src/homotopy/program/cell-homotopy.js';
import {
  coefficientHomotopies,
  parameterHomotopies,
  type Homotopy,
} from '../../src/homotopy/program/homotopy.js';
import { Interpreter } from '../../src/homotopy/program/interpreter.js';
import * as complex from '../../src/math/complex.js';
import { randomStream } from '../../src/math/random.js';
import { toNumeric } from '../../src/polynomial/numeric.js';
import { parseSystem } from '../../src/polynomial/parse.js';
import { member, memberLine, parameterDegrees, parseFamily } from '../../src/polynomial/family.js';
import { forEachEngine } from '../helpers/engine.js';
import { makeCase } from './tracker-fixture.js';

const S = 0.4;
const TEXT = 'x^3*y - 2*y^2 + 0.3\nx*y - (1.5 - i)*x + y^2';

function familyHomotopy(): Homotopy {
  const family = parseFamily('a*b*x^2 + (b^3 - a)*y + 2*x*y - c\nc^2*y^2 + x/(a + 2) - b', {
    parameters: ['a', 'b', 'c'],
  });
  const from = [
    [0.5, 1],
    [-1, 0.25],
    [1.5, -0.5],
  ] as const;
  const to = [1.25, -0.75, 0.5];
  return parameterHomotopies(
    member(family, to),
    parameterDegrees(family),
    [[0, 1]],
    family.degrees.map((degree) => [degree]),
    [0.6, 0.8],
  )(memberLine(family, from, to));
}

/** Powers of t by term, of no cell in particular. */
const POWERS = [Float64Array.of(0, 1.5, 2), Float64Array.of(1, 0, 0, 3.25)];
const REACH = -4;

function cellHomotopy() {
  const general = toNumeric(parseSystem('(1 + 2*i)*x^3*y - 2*y^2 + 0.3; x*y - 1.5*x + i*y^2 + 2'));
  const family = coefficientHomotopies(
    general,
    [[0], [1]],
    [
      [3, 2],
      [1, 2],
    ],
    [0.6, 0.8],
  )(general);
  const homotopy: Homotopy = {
    ...family,
    structure: cellStructure(family.structure),
    targetCoefficients: cellData(family, POWERS, REACH),
  };
  return { family, homotopy };
}

const cells = cellHomotopy();

const cases = {
  'univariate start': makeCase(TEXT, 'total-degree', 3).homotopy,
  'product start': makeCase(TEXT, 'lps', 4).homotopy,
  'multihomogeneous start': makeCase(TEXT, 'multihomogeneous', 5).homotopy,
  family: familyHomotopy(),
  'mixed cells': cells.homotopy,
};

/** Where a shader reads and writes: all as complex f32, and the table. */
const BINDINGS = `
@group(0) @binding(0) var<storage, read> point: array<vec2f>;
@group(0) @binding(1) var<storage, read_write> results: array<vec2f>;
@group(0) @binding(5) var<storage, read> target_coefficients: array<vec4f>;
@group(0) @binding(6) var<storage, read> start_coefficients: array<vec4f>;
`;

function shaderOf(name: string, code: string, table: boolean): Shader {
  const binding = (each: string, number: number, type: Shader['bindings'][number]['type']) =>
    ({
      name: each,
      group: 0,
      binding: number,
      type,
      minBindingSize: each.endsWith('coefficients') ? 16 : each === 'system' ? 72 : 8,
    }) as const;
  return {
    name,
    code,
    arithmetic: false,
    entryPoints: { main: { workgroupSize: [1, 1, 1] } },
    bindings: [
      binding('point', 0, 'read-only-storage'),
      binding('results', 1, 'storage'),
      binding('target_coefficients', 5, 'read-only-storage'),
      binding('start_coefficients', 6, 'read-only-storage'),
      ...(table ? [binding('system', 7, 'read-only-storage'), binding('state', 8, 'storage')] : []),
    ],
    structs: {},
    overrides: [],
    workgroupMemory: false,
  };
}

const STEP = `let s = ${S}f; let scale = 1.0 / (1.0 - s); let sigma = s * scale;`;

function straightLine({ structure }: Homotopy): Shader {
  const { program } = structure;
  const code = new StraightLine('t');
  const place = (buffer: string, real: number) =>
    `${buffer}_coefficients[${real >> 2}u].${'xyzw'.charAt(real & 3)}`;
  const point = Array.from({ length: program.coordinates }, (_, j) => ({
    re: `point[${j}].x`,
    im: `point[${j}].y`,
  }));
  const { value, jacobian, minusDerivative } = emitProgram(
    code,
    program,
    point,
    {
      target: (k) =>
        program.real
          ? { re: place('target', k), im: null }
          : { re: place('target', 2 * k), im: place('target', 2 * k + 1) },
      start: (k) => ({ re: place('start', 2 * k), im: place('start', 2 * k + 1) }),
    },
    { s: 's', sigma: 'sigma', scale: 'scale' },
  );
  const results = [...value, ...minusDerivative, ...jacobian.flat()];
  const text = [
    BINDINGS,
    '@compute @workgroup_size(1) fn main() {',
    STEP,
    ...code.statements(),
    ...results.map(
      (each, k) => `results[${k}] = vec2f(${each?.re ?? '0.0'}, ${each?.im ?? '0.0'});`,
    ),
    '}',
  ];
  return shaderOf('test/straight-line', text.join('\n'), false);
}

/** The cooperative kernel's evaluation, four lanes a path: their barriers, and rows that not every lane has. */
function tables({ structure }: Homotopy): { shader: Shader; words: number[] } {
  const { program, variables: n, coordinates: N, groups } = structure;
  const reals = program.real ? program.data : 2 * program.data;
  const shape = { lanes: 4, rows: 1, columns: 4 };
  const made = cooperativeTables(structure, shape, Math.max(1, Math.ceil(reals / 4)));
  const column = (t: number, first: number, second: number | null): string => `
  {
    let places = system.words[system.columns_at + ${t}u * LANES + lane];
    if (lane < ${n}u) {
      results[${first}u + lane * ${t < n ? N : 1}u] = operand(places & 0xffffu, 0u);
      ${second === null ? '' : `results[${second}u + lane * ${N}u] = operand(places >> 16u, 0u);`}
    }
  }`;
  const code = `${BINDINGS}
@group(0) @binding(8) var<storage, read_write> state: array<vec2f>;
${cooperativeLibrary(shape, made)}
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) local: u32) {
  lane = local;
  ${STEP}
  load_state(0u, 1u, 0u, 0u);
  for (var j = lane; j < ${N}u; j += LANES) { registers[j] = point[j]; }
  run_step(s, sigma, scale, 0u);
  workgroupBarrier();
  run_program(0u);
  ${basisColumns(groups)
    .map(({ first, second }, t) => column(t, 2 * n + first, 2 * n + second))
    .join('')}
  ${column(n, 0, null)}
  ${column(n + 1, n, null)}
}`;
  return { shader: shaderOf('test/tables', code, true), words: [...made.words] };
}

/** Values, derivatives and Jacobian by the interpreter in f64. */
function expected(homotopy: Homotopy, point: readonly number[]): number[] {
  // Cells have the program of the family, whose coefficients the f64 kernels replace by powers of t.
  const { structure, ...data } = homotopy === cells.homotopy ? cells.family : homotopy;
  const { program } = structure;
  const interpreter = new Interpreter(program, complex);
  const { registers } = interpreter;
  interpreter.setData(data.targetCoefficients);
  interpreter.setStarts(data.startCoefficients);
  registers.set(point);
  const gamma = [data.startCoefficients[0]!, data.startCoefficients[1]!] as const;
  writeStepNumbers(complex, program.stepKind, [S, 0], gamma, registers, 2 * program.step);
  interpreter.runStep();
  if (homotopy === cells.homotopy) {
    const powers = structure.ruleTerms.map(
      (term) => REACH * POWERS.flatMap((of) => [...of])[term]!,
    );
    writePowers(program, Float64Array.from(powers), S, data.targetCoefficients, registers);
  }
  interpreter.run();
  const read = (register: number) => [registers[2 * register]!, registers[2 * register + 1]!];
  const jacobian = program.jacobian.map((row) => {
    const entries = Array.from({ length: program.coordinates }, () => [0, 0]);
    for (const { coordinate, register } of row) entries[coordinate] = read(register);
    return entries;
  });
  return [...program.values.map(read), ...program.derivatives.map(read), ...jacobian.flat()].flat();
}

forEachEngine((engine) => {
  it.each(Object.keys(cases) as (keyof typeof cases)[])('%s', async (name) => {
    const homotopy = cases[name];
    const { program } = homotopy.structure;
    const random = randomStream(11, 7);
    const point = Array.from({ length: 2 * program.coordinates }, () =>
      Math.fround(2 * random.uniform() - 1),
    );
    const truth = expected(homotopy, point);
    const table = tables(homotopy);
    const target = program.real
      ? [...homotopy.targetCoefficients].filter((_, k) => k % 2 === 0)
      : [...homotopy.targetCoefficients];
    const results = await engine.run(
      async (_, gpu, { shaders, words, floats, size }) => {
        const set = gpu.createBuffers();
        const out: number[][] = [];
        for (const shader of shaders) {
          const kernel = await gpu.createKernel(shader);
          const buffers: Record<string, GPUBuffer> = {
            results: await set.create('results', 'storage', 8 * size),
            state: await set.create('state', 'storage', 8 * 64),
            system: await set.create('table', 'storage', Uint32Array.from(words)),
          };
          for (const [key, values] of Object.entries(floats)) {
            const padded = new Float32Array(Math.max(4, 4 * Math.ceil(values.length / 4)));
            padded.set(values);
            buffers[key] = await set.create(key, 'storage', padded);
          }
          const needed = shader.bindings.map((each) => [each.name, buffers[each.name]!] as const);
          const encoder = gpu.createEncoder('test');
          const pass = encoder.beginComputePass();
          kernel.encode(pass, await kernel.bind(Object.fromEntries(needed)), [1]);
          pass.end();
          const [copy] = await gpu.submitAndRead(encoder, [{ buffer: buffers.results! }]);
          out.push([...new Float32Array(copy!)]);
        }
        set.close();
        return out;
      },
      {
        shaders: [straightLine(homotopy), table.shader],
        words: table.words,
        floats: {
          point,
          target_coefficients: target,
          start_coefficients: [...homotopy.startCoefficients],
        },
        size: truth.length / 2,
      },
    );
    const size = Math.max(...truth.map(Math.abs));
    for (const values of results) {
      expect(values).toHaveLength(truth.length);
      // Some hundred roundings of 2^-24 each, on numbers no larger than a few times the largest.
      values.forEach((value, k) => expect(Math.abs(value - truth[k]!) / size).toBeLessThan(1e-5));
    }
  });
});
