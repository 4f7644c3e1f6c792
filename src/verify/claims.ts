/**
 * What a document says of its own completeness: figures that must agree with the rest of it, only checks that are known, and
 * "global" only of a minimum that the enumeration has proved to be.
 */
import type { CheckOutcome } from './check-outcome.js';
import { listAt, objectAt, textAt, type Fields } from './read-fields.js';

export function checkClaims(root: Fields): CheckOutcome {
  const failures: string[] = [];
  const best = valueAt(root, 'exact', 'minima', 0);
  const isGlobal = valueAt(best, 'global') === true;
  listAt(root.completeness ?? [], 'completeness').forEach((entry, k) => {
    const name = `completeness[${k}]`;
    const claim = objectAt(entry, name);
    const check = textAt(claim.check, `${name}.check`);
    const value = objectAt(claim.value, `${name}.value`);
    const expected = FIGURES[check];
    if (expected === undefined) {
      failures.push(`it names a check "${check}", of which nothing is known`);
      return;
    }
    for (const [figure, truth] of Object.entries(expected(root))) {
      const said = value[figure];
      if (said !== undefined && truth !== undefined && !isSame(said, truth))
        failures.push(
          `${check}: ${figure} is ${JSON.stringify(said)}, and ${JSON.stringify(truth)} elsewhere`,
        );
    }
    if (!isGlobal && /\bglobal\b/i.test(textAt(claim.proves, `${name}.proves`)))
      failures.push(`${check}: it speaks of a global minimum, and none is proved`);
  });
  const { exact: _, columns: __, ...others } = root;
  for (const path of globalFlags(others, []))
    failures.push(
      `${path.join('.')}: only a minimum of the enumeration can be proved to be global`,
    );
  return { check: 'claims', detail: 'what it says of its own completeness', failures };
}

/** What the figures of each check must be; undefined where that is not known. */
const FIGURES: Readonly<Record<string, (root: Fields) => Fields>> = {
  paths: (root) => ({ ...asFields(root.paths), bound: valueAt(root, 'start', 'paths') }),
  collisions: () => ({}),
  conjugates: () => ({}),
  'exact count': (root) => ({
    status: valueAt(root, 'exactCount', 'status'),
    count: valueAt(root, 'exactCount', 'count'),
    nonsingular: valueAt(root, 'exactCount', 'nonsingular'),
  }),
  certificates: ({ counts }) => asFields(counts),
  'positive dimension': (root) => ({ points: lengthOf(valueAt(root, 'components', 'points')) }),
  'all equations': () => ({}),
  'excluded points': () => ({}),
  strata: (root) => ({
    ...asFields(root.paths),
    strata: lengthOf(root.strata),
    found: valueAt(root, 'counts', 'distinct'),
  }),
  symmetry: (root) => ({ real: valueAt(root, 'counts', 'real') }),
  'Euler sum': (root) => ({ eulerSum: root.eulerSum, real: valueAt(root, 'counts', 'real') }),
  'trace test': ({ solutions }) => ({ solutions: lengthOf(solutions) }),
  combinations: ({ exact }) => asFields(exact),
  'dual norm': (root) => ({
    dualNorm: valueAt(root, 'exact', 'minima', 0, 'dualNorm'),
    lowerBound: valueAt(root, 'exact', 'lowerBound'),
  }),
};

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function valueAt(owner: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => asFields(value)[key], owner);
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function lengthOf(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}

/** Paths of fields named "global" that are not false. */
function globalFlags(value: unknown, path: readonly string[]): string[][] {
  return Object.entries(asFields(value)).flatMap(([key, entry]) => {
    const here = [...path, key];
    if (key === 'global' && entry !== false) return [here];
    return typeof entry === 'object' ? globalFlags(entry, here) : [];
  });
}
