/** Systems and structures the structure tests share, and a slow count that shares no code with the fast one. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import type { PolynomialSystem } from '../../../../src/polynomial/system.js';
import { parseStructure } from '../../../../src/homotopy/start/index.js';
import type { ProductStructure, SystemExponents } from '../../../../src/homotopy/start/index.js';
import { randomStream } from '../../../../src/math/random.js';

export interface ReferenceSystem {
  readonly name: string;
  readonly system: PolynomialSystem;
  readonly totalDegree: number;
  /** PHCpack's stable mixed volume: what general coefficients give, zeros with zero coordinates and all. */
  readonly stableMixedVolume: number | null;
  /** PHCpack's set structure heuristic; undefined where PHCpack did not finish. */
  readonly phcCount: number | undefined;
  readonly phcStructure: ProductStructure | undefined;
  /** PHCpack's partition heuristic. */
  readonly phcMultihomogeneous: number | undefined;
}

interface SystemFile {
  readonly name: string;
  readonly variables: readonly string[];
  readonly totalDegree: number;
  readonly stableMixedVolume: number | null;
  readonly multihomBezout: { readonly value: number } | null;
  readonly generalLinearProductBezout: {
    readonly value: number;
    readonly structure: readonly string[];
  } | null;
}

const folder = new URL('../../../data/systems/', import.meta.url);

/** Every system of test/data/systems with PHCpack's counts. */
export function referenceSystems(): ReferenceSystem[] {
  const names = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return names.map((file) => {
    const data = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as SystemFile;
    const general = data.generalLinearProductBezout;
    // The file of katsura10 has other variable names than PHCpack's structure of it.
    const named = general?.structure.every((line) =>
      [...line.matchAll(/[^\s{}]+/g)].every(([name]) => data.variables.includes(name)),
    );
    return {
      name: data.name,
      system: parseSystem(data),
      totalDegree: data.totalDegree,
      stableMixedVolume: data.stableMixedVolume,
      phcCount: general?.value,
      phcStructure:
        general && named ? parseStructure(general.structure, data.variables) : undefined,
      phcMultihomogeneous: data.multihomBezout?.value,
    };
  });
}

/** Every choice of one factor per equation whose sets have distinct representatives, by trying all of them. */
export function allChoices(structure: ProductStructure): number[][] {
  const found: number[][] = [];
  const choice: number[] = [];
  const visit = (equation: number): void => {
    if (equation === structure.length) {
      const sets = choice.map((factor, index) => structure[index]![factor]!);
      if (hasRepresentatives(sets, new Set())) found.push([...choice]);
      return;
    }
    structure[equation]!.forEach((_, factor) => {
      choice[equation] = factor;
      visit(equation + 1);
    });
  };
  visit(0);
  return found;
}

function hasRepresentatives(sets: readonly (readonly number[])[], used: Set<number>): boolean {
  const [first, ...rest] = sets;
  if (!first) return true;
  return first.some((variable) => {
    if (used.has(variable)) return false;
    used.add(variable);
    const possible = hasRepresentatives(rest, used);
    used.delete(variable);
    return possible;
  });
}

/** n equations with 1..3 random sets each. */
export function randomStructure(seed: number, variables: number): ProductStructure {
  const random = randomStream(seed, 99);
  return Array.from({ length: variables }, () =>
    Array.from({ length: 1 + random.integer(3) }, () => {
      const density = random.uniform();
      const set = Array.from({ length: variables }, (_, variable) => variable).filter(
        () => random.uniform() < density,
      );
      return set.length > 0 ? set : [random.integer(variables)];
    }),
  );
}

function unit(length: number, ...ones: number[]): number[] {
  const exponents = new Array<number>(length).fill(0);
  for (const index of ones) exponents[index]!++;
  return exponents;
}

/**
 * (lambda^k A_k + ... + A_0) x = 0 with one linear normalisation of x: unknowns x_1..x_n, lambda.
 * It has k n solutions (the degree of the determinant).
 */
export function eigenvalueProblem(n: number, k: number): SystemExponents {
  const rows = Array.from({ length: n }, () =>
    Array.from({ length: n }, (_, variable) =>
      Array.from({ length: k + 1 }, (__, power) =>
        unit(n + 1, variable, ...new Array<number>(power).fill(n)),
      ),
    ).flat(),
  );
  const normalisation = [...Array.from({ length: n }, (_, v) => unit(n + 1, v)), unit(n + 1)];
  return [...rows, normalisation];
}

/** Totally mixed Nash equilibria, n players with two strategies: equation i is multilinear in the other players' unknowns. */
export function nashGame(players: number): SystemExponents {
  return Array.from({ length: players }, (_, player) => {
    let terms = [unit(players)];
    for (let other = 0; other < players; other++) {
      if (other === player) continue;
      terms = terms.flatMap((term) => [term, term.map((e, v) => (v === other ? 1 : e))]);
    }
    return terms;
  });
}
