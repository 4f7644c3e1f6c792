/**
 * Believed afterwards: the generated and the fixed kernels of the tracker compile and compute the same in
 * Node (Tint), Chromium (Tint) and Deno (naga). Truth: the zeros of x^3 = 8, x y^2 = 2 in closed form.
 */
import { expect, it } from 'vitest';
import { shaders } from '../../src/generated/all-shaders.js';
import type { Shader } from '../../src/gpu/index.js';
import { generateTracker } from '../../src/homotopy/gpu/generate.js';
import { RECORD_HEADER } from '../../src/homotopy/gpu/status.js';
import { startValues, flattenStart } from '../../src/homotopy/gpu/start-tables.js';
import { specialize } from '../../src/homotopy/gpu/template.js';
import { forEachEngine } from '../helpers/engine.js';
import { affine, makeCase } from './tracker-fixture.js';

const shape = (shader: Shader, constants: Record<string, number>): Shader => ({
  ...shader,
  code: specialize(shader.code, constants),
});

/** What the generator may write. */
const codes = {
  hoisted: { kernel: 'straight-line', hoistCoefficients: true, lanes: 1 },
  plain: { kernel: 'straight-line', hoistCoefficients: false, lanes: 1 },
  'a lane a path': { kernel: 'cooperative', hoistCoefficients: false, lanes: 1 },
  'four lanes a path': { kernel: 'cooperative', hoistCoefficients: false, lanes: 4 },
  'a lane a row': { kernel: 'cooperative', hoistCoefficients: false, lanes: 32 },
} as const;

/** Everything an engine needs to track all paths of a system with plain WebGPU calls. */
function plan(start: 'total-degree' | 'lps', code: keyof typeof codes) {
  const problem = makeCase('x^3 - 8\nx*y^2 - 2', start, 5);
  const { structure, targetCoefficients, startCoefficients } = problem.homotopy;
  const { coordinates } = structure;
  const generated = generateTracker(structure, {
    ...codes[code],
    workgroupSize: 32,
    iterationsPerChart: 8,
  });
  const flat = flattenStart(structure, problem.table);
  const paths = problem.table.paths;
  const recordWords = RECORD_HEADER + 2 * coordinates;
  const words = (values: Float32Array | Uint32Array): number[] => [
    ...new Uint32Array(values.buffer as ArrayBuffer, values.byteOffset, values.length),
  ];
  const padded = (values: readonly number[]): Float32Array => {
    const out = new Float32Array(Math.max(4, 4 * Math.ceil(values.length / 4)));
    out.set(values);
    return out;
  };
  const { members } = generated.shader.structs.Round!;
  const round = new DataView(new ArrayBuffer(generated.shader.structs.Round!.size));
  const parameters: Record<string, number> = {
    capacity: paths,
    paths,
    chart_changes: 4,
    iteration_limit: 1000,
    end_steps: 24,
    end_s: 0.1,
    deepest_s: 1e-3,
    first_step: 0.002,
    smallest_step: 1e-7,
    largest_part: 1,
    least_whole: 1,
  };
  for (const [name, { offset, type }] of Object.entries(members)) {
    if (type === 'f32') round.setFloat32(offset, parameters[name]!, true);
    else round.setUint32(offset, parameters[name]!, true);
  }
  const reals = structure.program.real
    ? Array.from({ length: targetCoefficients.length / 2 }, (_, k) => targetCoefficients[2 * k]!)
    : [...targetCoefficients];
  return {
    problem,
    recordWords,
    job: {
      kernels: [
        shape(shaders['tracker/begin'], {
          COORDINATES: coordinates,
          VECTORS: generated.runningVectors,
        }),
        shape(shaders[flat.kernel], flat.constants),
        generated.shader,
        shape(shaders['tracker/advance'], { PATHS_PER_WORKGROUP: generated.pathsPerWorkgroup }),
        shape(shaders['tracker/collect'], {
          COORDINATES: coordinates,
          SAVED: generated.runningVectors,
        }),
      ],
      // Bytes, or words.
      buffers: {
        round: words(new Uint32Array(round.buffer)),
        counters: [paths, 0, 0, 0, 0],
        workgroups: [Math.ceil(paths / generated.pathsPerWorkgroup), 1, 1],
        state: paths * generated.vectorsPerPath * 8,
        control: paths * generated.shader.structs.PathControl!.size,
        queue: paths * 8,
        path_ids: Array.from({ length: paths }, (_, id) => id),
        family_members: paths * 4,
        records: paths * recordWords * 4,
        target_coefficients: words(padded(reals)),
        start_coefficients: words(padded([...startCoefficients])),
        system: [...generated.system],
        start_table: [...flat.words],
        start_values: words(startValues(problem.homotopy)),
        group_order: structure.groups.flatMap((group) =>
          group.map((j, k) => (k + 1 === group.length ? j + 0x80000000 : j)),
        ),
      } as Record<string, number | number[]>,
      rounds: 10,
    },
  };
}

/** Every kernel and every text once. */
const everywhere = [
  ['total-degree', 'hoisted'],
  ['total-degree', 'plain'],
  ['total-degree', 'a lane a row'],
  ['lps', 'a lane a path'],
  ['lps', 'four lanes a path'],
] as const;
/** The same texts with the other start. */
const inNode = [
  ['total-degree', 'a lane a path'],
  ['lps', 'hoisted'],
] as const;

forEachEngine((engine) => {
  it.each(engine.name === 'node' ? [...everywhere, ...inNode] : everywhere)(
    'tracks from a %s start, coefficients or code: %s',
    async (start, code) => {
      const { problem, recordWords, job } = plan(start, code);
      const records = await engine.run(async (_, gpu, { kernels, buffers, rounds }) => {
        const set = gpu.createBuffers();
        const made: Record<string, GPUBuffer> = {};
        for (const [name, content] of Object.entries(buffers)) {
          const use = name === 'round' ? 'uniform' : name === 'workgroups' ? 'indirect' : 'storage';
          made[name] = await set.create(
            name,
            use,
            typeof content === 'number' ? content : Uint32Array.from(content),
          );
        }
        const encoder = gpu.createEncoder('test');
        const pass = encoder.beginComputePass();
        const [begin, start, track, advance, collect] = await Promise.all(
          kernels.map(async (shader) => {
            const kernel = await gpu.createKernel(shader);
            const needed = shader.bindings.map(({ name }) => [name, made[name]!] as const);
            const bindings = await kernel.bind(Object.fromEntries(needed));
            return (size: readonly [number] | { indirect: GPUBuffer; offset: number }) => {
              kernel.encode(pass, bindings, size);
            };
          }),
        );
        begin!([1]);
        start!([1]);
        for (let k = 0; k < rounds; k++) {
          track!({ indirect: made.workgroups!, offset: 0 });
          advance!([1]);
        }
        collect!([1]);
        pass.end();
        const [copy] = await gpu.submitAndRead(encoder, [{ buffer: made.records! }]);
        set.close();
        return [...new Uint32Array(copy!)];
      }, job);
      const words = Uint32Array.from(records);
      const floats = new Float32Array(words.buffer);
      const found: Float64Array[] = [];
      for (let path = 0; path < problem.table.paths; path++) {
        if (words[path * recordWords] !== 1) continue;
        const at = path * recordWords + RECORD_HEADER;
        found.push(affine(problem.homotopy, floats.subarray(at)));
      }
      const expected = [0, 1, 2].flatMap((k) => {
        const angle = (2 * Math.PI * k) / 3;
        // x = 2 e^(i angle), y^2 = e^(-i angle)
        return [1, -1].map((sign) => [
          2 * Math.cos(angle),
          2 * Math.sin(angle),
          sign * Math.cos(angle / 2),
          -sign * Math.sin(angle / 2),
        ]);
      });
      for (const zero of expected) {
        const near = found.filter((x) => zero.every((part, k) => Math.abs(part - x[k]!) < 1e-4));
        expect(near).toHaveLength(1);
      }
      expect(found).toHaveLength(expected.length);
    },
  );
});
