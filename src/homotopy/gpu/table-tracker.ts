/**
 * The tracker for systems whose straight-line code would take too long to compile: the template
 * with calls into shaders/lib/table-tracker.wgsl, and the tables that it loops over.
 */
import { trackerTrack } from '../../generated/shaders/tracker/track.js';
import { tableTrackerLibrary } from '../../generated/tracker-library.js';
import type { Shader } from '../../gpu/shader.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { programTables } from './program-tables.js';

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
  const template: Shader = trackerTrack;
  return {
    ...template,
    code: `${template.code}\n${tableTrackerLibrary}`,
    bindings: [
      ...template.bindings,
      { name: 'system_table', group: 0, binding: 7, type: 'read-only-storage', minBindingSize: 4 },
    ],
  };
}

/** @param targetVectors vec4f of target coefficients per family member. */
export function systemTables(structure: HomotopyStructure, targetVectors: number): SystemTables {
  const { program, variables, coordinates, groups } = structure;
  const { words, constants } = programTables(program);
  const groupBegins = [0];
  for (const group of groups) groupBegins.push(groupBegins.at(-1)! + group.length);
  return {
    words: Uint32Array.from([...words, ...groupBegins, ...groups.flat()]),
    constants: {
      ...constants,
      GROUPS_AT: words.length,
      MEMBERS_AT: words.length + groupBegins.length,
      VARIABLES: variables,
      COORDINATES: coordinates,
      GROUPS: groups.length,
      REAL_TARGET: program.real ? 1 : 0,
      POINTS: 1 + program.degree,
      FAMILY: program.stepKind === 'parameters' ? 1 : 0,
      TARGET_VECTORS: targetVectors,
    },
  };
}
