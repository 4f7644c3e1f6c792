/**
 * The tracker for systems whose straight-line code would take too long to compile: the template
 * with calls into shaders/lib/table-tracker.wgsl, and the tables that it loops over.
 */
import { shaderLibrary, shaders } from '../../generated/shaders.js';
import type { Shader } from '../../gpu/shader.js';
import { MINUS_ONE, ONE, PLUS_ONE, type Sum } from '../program/evaluation.js';
import type { HomotopyStructure } from '../program/homotopy.js';

export interface SystemTables {
  readonly words: Uint32Array<ArrayBuffer>;
  /** Constants of shaders/lib/table-tracker.wgsl. */
  readonly constants: Readonly<Record<string, number>>;
}

/** What replaces the holes of shaders/tracker/track.wgsl. */
export const tableHoles: Readonly<Record<string, readonly string[]>> = {
  'load the state': ['load_state(path, capacity, chart);'],
  'new chart': ['chart = new_chart();'],
  'Newton correction and tangent': [
    'let newton = newton_iteration(s, sigma, scale, now.family_member);',
    'let correction_size = newton.x;',
    'let magnitudes = newton.y;',
    'let smallest_pivot = newton.z;',
    'let largest_pivot = newton.w;',
  ],
  'accept and predict': [
    'accept_and_predict(proceed, moves, tangent_weight, previous_tangent_weight, previous_step_weight);',
  ],
  'save the hand-over point': ['save_base(path, capacity);'],
  'store the state': ['store_state(path, capacity);'],
};

/** The template's shader with one more binding, `system_table`. */
export function tableShader(): Shader {
  const template: Shader = shaders['tracker/track'];
  return {
    ...template,
    code: `${template.code}\n${shaderLibrary['table-tracker']}`,
    bindings: [
      ...template.bindings,
      { name: 'system_table', group: 0, binding: 7, type: 'read-only-storage', minBindingSize: 4 },
    ],
  };
}

const VALUE_IS_SUM = 0xffffffff;

/** @param targetVectors vec4f of target coefficients per family member. */
export function systemTables(structure: HomotopyStructure, targetVectors: number): SystemTables {
  const { target: plan, start, variables: n, coordinates, groups, groupOf } = structure;
  const one = coordinates + plan.products.length;
  const terms: number[] = [];
  const addSum = (sum: Sum): [number, number] => {
    const begin = terms.length / 2;
    sum.coefficients.forEach((index, k) => {
      const register = sum.registers[k]!;
      const code = index === PLUS_ONE ? 0 : index === MINUS_ONE ? 1 : index + 2;
      terms.push(code, register === ONE ? one : register);
    });
    return [begin, terms.length / 2];
  };
  const entries = plan.jacobian.flatMap((row, i) =>
    row.flatMap((entry) => [i, entry.coordinate, ...addSum(entry)]),
  );
  const values = plan.values.flatMap((rule, i) => {
    const direct = plan.direct?.[i];
    if (direct) return [VALUE_IS_SUM, 1, ...addSum(direct)];
    if (rule.kind === 'sum') return [VALUE_IS_SUM, 1, ...addSum(rule.sum)];
    return [rule.group, rule.degree, 0, 0];
  });
  const groupBegins = [0];
  for (const group of groups) groupBegins.push(groupBegins.at(-1)! + group.length);
  const starts: number[] = [];
  const factors: number[] = [];
  const factorMembers: number[] = [];
  if (start.kind === 'univariate') {
    start.degrees.forEach((degree, i) => starts.push(degree, n + groupOf[i]!));
  } else if (start.kind === 'product') {
    starts.push(0);
    for (const ofEquation of start.factors) {
      starts.push(starts.at(-1)! + ofEquation.length);
      for (const { offset, coordinates: members } of ofEquation) {
        factors.push(offset, factorMembers.length, members.length);
        factorMembers.push(...members);
      }
    }
  }
  const parts = {
    PRODUCTS_AT: plan.products.flatMap(({ left, right }) => [left, right]),
    ENTRIES_AT: entries,
    TERMS_AT: terms,
    VALUES_AT: values,
    GROUPS_AT: groupBegins,
    MEMBERS_AT: groups.flat(),
    STARTS_AT: starts,
    FACTORS_AT: factors,
    FACTOR_MEMBERS_AT: factorMembers,
  };
  const words: number[] = [];
  const places: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts)) {
    places[name] = words.length;
    for (const word of part) words.push(word);
  }
  return {
    words: Uint32Array.from(words),
    constants: {
      VARIABLES: n,
      COORDINATES: coordinates,
      PRODUCTS: plan.products.length,
      ENTRIES: entries.length / 4,
      GROUPS: groups.length,
      REAL_TARGET: plan.real ? 1 : 0,
      START_KIND: { univariate: 0, product: 1, parameters: 2 }[start.kind],
      TARGET_VECTORS: targetVectors,
      ...places,
    },
  };
}
