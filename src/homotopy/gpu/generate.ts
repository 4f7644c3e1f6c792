/**
 * The one place where WGSL is generated: the tracker of one homotopy structure.
 *
 * shaders/tracker/track.wgsl is the algorithm with holes; the evaluation plan, the start form and
 * the groups (all validated, all numbers) fill them. Nothing that a seed or a parameter changes is
 * in the text, so one pipeline serves every seed and every member of a family.
 *
 * What was tried on SwiftShader (Dawn, Node, 2026-11-23, CPU time per path, start points and all):
 * - coefficients read from storage in every iteration: dense n=6 cubics 339 us, noon-6 42 us; copied once per
 *   dispatch: 133 us and 30 us (a read is a bounds-checked gather per lane there). A GPU would spill
 *   them, so only software adapters get them hoisted. Copied by 756 `let`s the pipeline takes 8-11 s of CPU
 *   to compile, by a loop into a local array with constant indices afterwards 2.7 s.
 * - straight-line code against table-driven loops: 33 to 100 times faster on a software adapter.
 */
import type { Shader } from '../../gpu/shader.js';
import { trackerTrack } from '../../generated/shaders/tracker/track.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { cooperativeTracker, ofInvocation } from './cooperative.js';
import { emitChart, type StateVariables } from './emit-chart.js';
import { emitProgram, type CoefficientSource } from './emit-program.js';
import {
  basisColumns,
  emitDisplacement,
  emitSolve,
  rowOrder,
  type BasisColumn,
} from './emit-solve.js';
import { StraightLine, type ComplexValue } from './straight-line.js';
import { fill, specialize } from './template.js';

export interface GenerateOptions {
  /** Read all coefficients once per dispatch (software adapters). */
  readonly hoistCoefficients: boolean;
  readonly workgroupSize: number;
  /** Newton iterations between two changes of chart. */
  readonly iterationsPerChart: number;
  /** Straight-line code of this structure, or code that serves every system and reads this one from a table. */
  readonly kernel: TrackerKernel;
  /** Invocations per path of the latter. */
  readonly lanes: number;
}

export type TrackerKernel = 'straight-line' | 'cooperative';

export interface GeneratedTracker {
  readonly shader: Shader;
  /** f32 operations of one Newton iteration. */
  readonly operationsPerIteration: number;
  /** Complex numbers that change from step to step, per path; the saved point comes after them. */
  readonly runningVectors: number;
  /** Complex numbers of state per path. */
  readonly vectorsPerPath: number;
  /** Content of the binding `system` when the shader has it; else one unused word. */
  readonly system: Uint32Array<ArrayBuffer>;
  readonly pathsPerWorkgroup: number;
}

/** What one of its operations takes, in operations of straight-line code: SwiftShader, one lane a path and four (2026-11-27). */
const COOPERATIVE_SLOWDOWN = { alone: 8, together: 32 };
/** Sign bits of a chart are kept in one u32. */
export const MOST_COLUMNS = 32;

/** Real operations of one Newton iteration with prediction, in straight-line code. */
export function operationsPerIteration(structure: HomotopyStructure): number {
  const { variables: n, coordinates, groups } = structure;
  const columns = basisColumns(groups);
  const signs = columns.map((_, t) => `sign${t}`);
  const coefficients = new CoefficientReader(structure, false);
  return emitIteration(structure, columns, signs, stateVariables(n, coordinates), coefficients)
    .operations;
}

/** Products of an iteration: fewer than its operations, and counted without writing their code. */
export function productsPerIteration({ program }: HomotopyStructure): number {
  return program.instructions.reduce(
    (sum, { terms }) => sum + terms.filter(({ right }) => right !== program.one).length,
    0,
  );
}

/** Operations without common subexpressions and known zeros, of the cooperative kernel. */
function cooperativeOperations({ program, variables: n }: HomotopyStructure): number {
  const products = program.instructions.reduce((sum, { terms }) => sum + terms.length, 0);
  return 8 * (products + n * n * (n + 4));
}

/** Generates the tracker. @throws RangeError when it has more than 32 variables, or no isolated solutions. */
export function generateTracker(
  structure: HomotopyStructure,
  options: GenerateOptions,
): GeneratedTracker {
  const { variables: n, coordinates, groups } = structure;
  if (n > MOST_COLUMNS) {
    throw new RangeError(
      `the GPU tracker handles up to ${MOST_COLUMNS} variables, this system has ${n}`,
    );
  }
  const columns = basisColumns(groups);
  const signs = columns.map((_, t) => `sign${t}`);
  const state = stateVariables(n, coordinates);
  const vectors = Object.values(state).flat() as ComplexValue[];
  const size = { runningVectors: vectors.length, vectorsPerPath: vectors.length + coordinates };
  if (options.kernel === 'cooperative') {
    const { targets } = new CoefficientReader(structure, false);
    const tracker = cooperativeTracker(structure, options.lanes, targets);
    const alone = tracker.lanes === 1;
    return {
      shader: filled(tracker.shader, tracker.holes, {
        ...options,
        workgroupSize: alone ? options.workgroupSize : tracker.lanes,
      }),
      operationsPerIteration:
        cooperativeOperations(structure) * COOPERATIVE_SLOWDOWN[alone ? 'alone' : 'together'],
      ...size,
      system: tracker.words,
      pathsPerWorkgroup: alone ? options.workgroupSize : 1,
    };
  }
  const coefficients = new CoefficientReader(structure, options.hoistCoefficients);
  const iteration = emitIteration(structure, columns, signs, state, coefficients);

  const load = [
    `var vectors: array<vec2f, ${vectors.length}>;`,
    `for (var k = 0u; k < ${vectors.length}u; k++) {`,
    '  vectors[k] = state[k * capacity + path];',
    '}',
    ...vectors.flatMap((vector, k) => [
      `var ${vector.re} = vectors[${k}].x;`,
      `var ${vector.im} = vectors[${k}].y;`,
    ]),
    ...signs.map((sign, t) => `var ${sign} = select(1.0f, -1.0f, (chart & ${2 ** t}u) != 0u);`),
    ...coefficients.loads(),
  ];
  const store = [
    ...vectors.map((vector, k) => `vectors[${k}] = vec2f(${vector.re}, ${vector.im});`),
    `for (var k = 0u; k < ${vectors.length}u; k++) {`,
    '  state[k * capacity + path] = vectors[k];',
    '}',
  ];
  const holes = {
    ...ofInvocation,
    'load the state': load,
    'new chart': emitChart(groups, columns, signs, state),
    'Newton correction and tangent': iteration.newton,
    'accept and predict': iteration.accept,
    'save the hand-over point': state.base.map(
      ({ re, im }, j) =>
        `state[${vectors.length + j}u * capacity + path] = vec2f(${re}, ${im ?? '0.0f'});`,
    ),
    'store the state': store,
  };
  return {
    shader: withSizes(filled(trackerTrack, holes, options), coefficients),
    operationsPerIteration: iteration.operations,
    ...size,
    system: new Uint32Array(1),
    pathsPerWorkgroup: options.workgroupSize,
  };
}

/** Sets the template's constants and fills its holes. */
function filled(
  template: Shader,
  holes: Readonly<Record<string, readonly string[]>>,
  options: Pick<GenerateOptions, 'workgroupSize' | 'iterationsPerChart'>,
): Shader {
  let code = specialize(template.code, {
    WORKGROUP_SIZE: options.workgroupSize,
    ITERATIONS_PER_CHART: options.iterationsPerChart,
  });
  for (const [hole, statements] of Object.entries(holes)) code = fill(code, hole, statements);
  return { ...template, code };
}

/** Gives the bindings of coefficients the sizes of this structure. */
function withSizes(shader: Shader, coefficients: CoefficientReader): Shader {
  const code = shader.code.replace(
    /\/\/ generated: coefficient bindings\n[^]*\/\/ generated: end of coefficient bindings\n/,
    coefficients.declarations(),
  );
  const bindings = shader.bindings.map((binding) => ({
    ...binding,
    minBindingSize: coefficients.minimumSize(binding.name) ?? binding.minBindingSize,
  }));
  return { ...shader, code, bindings };
}

/** Complex start coefficients that the program reads. */
export function startCoefficientCount({ program }: HomotopyStructure): number {
  return program.temporaries - program.starts;
}

/** vec4f that hold `count` coefficients; a binding cannot be empty. */
export function coefficientVectors(count: number, real: boolean): number {
  return Math.max(1, Math.ceil((real ? count : 2 * count) / 4));
}

function stateVariables(n: number, coordinates: number): StateVariables {
  const list = (name: string, count: number): ComplexValue[] =>
    Array.from({ length: count }, (_, j) => ({ re: `${name}${j}_re`, im: `${name}${j}_im` }));
  // The order of the vectors in the state buffer (shaders/lib/path-state.wgsl).
  return {
    base: list('base', coordinates),
    displacement: list('displacement', n),
    tangent: list('tangent', n),
    previousTangent: list('previous_tangent', n),
    previousStep: list('previous_step', n),
  };
}

function emitIteration(
  structure: HomotopyStructure,
  columns: readonly BasisColumn[],
  signs: readonly string[],
  state: StateVariables,
  source: CoefficientSource,
): { newton: string[]; accept: string[]; operations: number } {
  const code = new StraightLine('t');
  const { coordinates } = structure;
  const displaced = emitDisplacement(code, coordinates, columns, signs, state.displacement);
  const point = state.base.map((value, j) => code.sum([{ value }, { value: displaced[j]! }])!);
  const { value, jacobian, minusDerivative } = emitProgram(code, structure.program, point, source, {
    s: 's',
    sigma: 'sigma',
    scale: 'scale',
  });
  const { solutions, pivots } = emitSolve(
    code,
    jacobian,
    [value, minusDerivative],
    columns,
    signs,
    newtonRowOrder(structure, columns),
  );
  const [correction, tangent] = solutions as [ComplexValue[], ComplexValue[]];
  const minus = (a: ComplexValue, b: ComplexValue): ComplexValue =>
    code.sum([{ value: a }, { value: b, negative: true }])!;
  const corrected = state.displacement.map((value, t) => minus(value, correction[t]!));
  const change = emitDisplacement(code, coordinates, columns, signs, correction);
  const newBase = point.map((value, j) => minus(value, change[j]!));
  const parts = (values: readonly ComplexValue[]): string[] =>
    values.flatMap((value) => [`abs(${value.re})`, `abs(${value.im ?? '0.0f'})`]);
  const results = [
    `let correction_size = ${code.extreme('max', parts(change))};`,
    `let magnitudes = ${parts(tangent).join(' + ')};`,
    `let smallest_pivot = ${code.extreme('min', pivots)};`,
    `let largest_pivot = ${code.extreme('max', pivots)};`,
  ];
  const newton = [...code.statements(), ...results];
  const choose = (variable: ComplexValue, value: ComplexValue): string[] => [
    `${variable.re} = select(${variable.re}, ${value.re}, proceed);`,
    `${variable.im} = select(${variable.im}, ${value.im ?? '0.0f'}, proceed);`,
  ];
  const accept = [
    ...state.base.flatMap((variable, j) => choose(variable, newBase[j]!)),
    ...state.displacement.flatMap((variable, t) => {
      const before = state.previousTangent[t]!;
      const now = state.tangent[t]!;
      const step = state.previousStep[t]!;
      const predict = (part: 're' | 'im'): string =>
        `${variable[part]} = select(${corrected[t]![part]}, tangent_weight * ${now[part]} + ` +
        `previous_tangent_weight * ${before[part]} + previous_step_weight * ${step[part]}, moves);`;
      return [
        ...choose(before, now),
        ...choose(now, tangent[t]!),
        ...choose(step, corrected[t]!),
        predict('re'),
        predict('im'),
      ];
    }),
  ];
  // Accepting and predicting: 4 selects and 5 flops per real of the basis, and the base's select.
  const operations = code.operations + 18 * columns.length + 2 * coordinates + 40;
  return { newton, accept, operations };
}

/** Rows such that no entry of the diagonal is structurally zero: which are largest is seen when paths are followed. */
function newtonRowOrder({ target }: HomotopyStructure, columns: readonly BasisColumn[]): number[] {
  return rowOrder(
    target.jacobian.map((row) => {
      const coordinates = new Set(row.map(({ coordinate }) => coordinate));
      return columns.map(({ first, second }) => coordinates.has(first) || coordinates.has(second));
    }),
  );
}

/**
 * How the generated code reads coefficients, and what it must declare for that: both buffers are
 * arrays of vec4f, and one vec4f holds four reals or two complex numbers.
 */
class CoefficientReader implements CoefficientSource {
  private readonly names = new Map<string, string>();
  private readonly real: boolean;
  private readonly family: boolean;
  /** vec4f of one member's target coefficients. */
  readonly targets: number;
  private readonly starts: number;

  constructor(
    structure: HomotopyStructure,
    private readonly hoist: boolean,
  ) {
    this.real = structure.program.real;
    this.family = structure.program.stepKind !== 'start';
    this.targets = coefficientVectors(structure.program.data, this.real);
    this.starts = coefficientVectors(startCoefficientCount(structure), false);
  }

  // Properties, because the emitters pass them on as functions.
  readonly target = (index: number): ComplexValue =>
    this.real
      ? { re: this.place('target', index), im: null }
      : { re: this.place('target', 2 * index), im: this.place('target', 2 * index + 1) };

  readonly start = (index: number): ComplexValue => ({
    re: this.place('start', 2 * index),
    im: this.place('start', 2 * index + 1),
  });

  /** Statements before the loop. */
  loads(): string[] {
    const { targets, starts } = this;
    const block = this.family ? [`let first_coefficient = now.family_member * ${targets}u;`] : [];
    if (!this.hoist) return block;
    const first = this.family ? 'first_coefficient + ' : '';
    return [
      ...block,
      `var coefficients: array<vec4f, ${targets + starts}>;`,
      `for (var k = 0u; k < ${targets}u; k++) {`,
      `  coefficients[k] = target_coefficients[${first}k];`,
      '}',
      `for (var k = 0u; k < ${starts}u; k++) {`,
      `  coefficients[${targets}u + k] = start_coefficients[k];`,
      '}',
      ...[...this.names].map(([text, name]) => `let ${name} = ${text};`),
    ];
  }

  declarations(): string {
    // A fixed size lets the compiler drop the bounds check of a constant index.
    const size = this.family ? '' : `, ${this.targets}`;
    return (
      `@group(0) @binding(5) var<storage, read> target_coefficients: array<vec4f${size}>;\n` +
      `@group(0) @binding(6) var<storage, read> start_coefficients: array<vec4f, ${this.starts}>;\n`
    );
  }

  minimumSize(binding: string): number | undefined {
    if (binding === 'target_coefficients') return 16 * this.targets;
    return binding === 'start_coefficients' ? 16 * this.starts : undefined;
  }

  private place(of: 'target' | 'start', real: number): string {
    const vector = real >> 2;
    const part = 'xyzw'.charAt(real & 3);
    if (this.hoist) {
      const name = `coefficient_${of}${real}`;
      this.names.set(
        `coefficients[${of === 'target' ? vector : this.targets + vector}].${part}`,
        name,
      );
      return name;
    }
    const first = of === 'target' && this.family ? 'first_coefficient + ' : '';
    return `${of}_coefficients[${first}${vector}u].${part}`;
  }
}
