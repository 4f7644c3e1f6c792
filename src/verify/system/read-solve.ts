/** A solve from JSON, as far as its form goes; whether it is right is for the checks. */
import { parseSystem } from '../../polynomial/parse.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import {
  DocumentError,
  flagAt,
  listAt,
  numberAt,
  objectAt,
  textAt,
  type Fields,
} from '../read-fields.js';

export interface ClaimedSolution {
  readonly coordinates: readonly (readonly [number, number])[];
  readonly residual: number;
  readonly multiplicity: number;
  readonly real: boolean;
  readonly singular: boolean;
  readonly certified: boolean;
  /** Solutions that it stands for, itself among them: 1 where all are listed. */
  readonly copies: number;
}

export interface ClaimedSolve {
  readonly system: PolynomialSystem;
  readonly startPaths: number;
  readonly paths: Readonly<Record<PathField, number>>;
  readonly recovered: number;
  /** Ends of paths, with multiplicity, that are no isolated solutions: at excluded points, or on sets of positive dimension. */
  readonly dropped: number;
  /** Solutions that each stratum found, and the copies of each; null when the paths are those of the system itself. */
  readonly strata: readonly { readonly solutions: number; readonly copies: number }[] | null;
  readonly counts: Readonly<Record<CountField, number>>;
  readonly exactCount: { readonly status: string; readonly count: number | null };
  readonly partial: boolean;
  readonly solutions: readonly ClaimedSolution[];
  readonly completeness: readonly { readonly check: string; readonly value: Fields }[];
}

const PATH_FIELDS = ['tracked', 'regular', 'singular', 'atInfinity', 'failed'] as const;
const COUNT_FIELDS = ['distinct', 'nonsingular', 'real'] as const;
type PathField = (typeof PATH_FIELDS)[number];
type CountField = (typeof COUNT_FIELDS)[number];

/**
 * @param system to check against in the place of the document's own
 * @throws DocumentError that names the field; SystemError for equations that cannot be read
 */
export function readSolve(root: Fields, system?: PolynomialSystem): ClaimedSolve {
  const own = objectAt(root.system, 'system');
  const names = listAt(own.variables, 'system.variables').map((name, k) =>
    textAt(name, `system.variables[${k}]`),
  );
  if (system !== undefined && system.variables.join() !== names.join()) {
    throw new DocumentError(
      `the system has the unknowns ${system.variables.join(', ')} and the document ${names.join(', ')}: give the system that was solved`,
    );
  }
  const [paths, counts] = [objectAt(root.paths, 'paths'), objectAt(root.counts, 'counts')];
  const exactCount = objectAt(root.exactCount, 'exactCount');
  return {
    system: squareSystem(system ?? ownSystem(own, names)),
    startPaths: numberAt(objectAt(root.start, 'start').paths, 'start.paths'),
    paths: numbersOf(paths, PATH_FIELDS, 'paths'),
    recovered: numberAt(root.recovered, 'recovered'),
    dropped:
      multiplicities(root.excluded, 'excluded', 'zeros') +
      multiplicities(root.components, 'components', 'points'),
    strata:
      root.strata === undefined
        ? null
        : listAt(root.strata, 'strata').map((entry, k) =>
            numbersOf(objectAt(entry, `strata[${k}]`), ['solutions', 'copies'], `strata[${k}]`),
          ),
    counts: numbersOf(counts, COUNT_FIELDS, 'counts'),
    exactCount: {
      status: textAt(exactCount.status, 'exactCount.status'),
      count: exactCount.count === null ? null : numberAt(exactCount.count, 'exactCount.count'),
    },
    partial: flagAt(root.partial, 'partial'),
    solutions: listAt(root.solutions, 'solutions').map((entry, k) =>
      readSolution(objectAt(entry, `solutions[${k}]`), `solutions[${k}]`, names.length),
    ),
    completeness: listAt(root.completeness, 'completeness').map((entry, k) => {
      const check = objectAt(entry, `completeness[${k}]`);
      return {
        check: textAt(check.check, `completeness[${k}].check`),
        value: objectAt(check.value, `completeness[${k}].value`),
      };
    }),
  };
}

/** A zero of more equations than unknowns cannot be proved: the slightest change of one leaves none. */
function squareSystem(system: PolynomialSystem): PolynomialSystem {
  const [equations, unknowns] = [system.polynomials.length, system.variables.length];
  if (equations === unknowns) return system;
  throw new DocumentError(
    `the system has ${equations} equations in ${unknowns} unknowns: solutions can be proved only where there are as many equations as unknowns`,
  );
}

function ownSystem(own: Fields, variables: readonly string[]): PolynomialSystem {
  if (own.equations === undefined) {
    throw new DocumentError(
      'the document has no system.equations to check against; give the system by --system FILE',
    );
  }
  const equations = listAt(own.equations, 'system.equations');
  return parseSystem(JSON.stringify({ name: 'system', variables, equations }), { format: 'json' });
}

function readSolution(entry: Fields, name: string, unknowns: number): ClaimedSolution {
  const coordinates = listAt(entry.coordinates, `${name}.coordinates`).map((pair, j) => {
    const at = `${name}.coordinates[${j}]`;
    const parts = listAt(pair, at);
    return [numberAt(parts[0], `${at}[0]`), numberAt(parts[1], `${at}[1]`)] as const;
  });
  if (coordinates.length !== unknowns) {
    throw new DocumentError(`${name} has ${coordinates.length} coordinates, not ${unknowns}`);
  }
  return {
    coordinates,
    residual: numberAt(entry.residual, `${name}.residual`),
    multiplicity: numberAt(entry.multiplicity, `${name}.multiplicity`),
    real: flagAt(entry.real, `${name}.real`),
    singular: flagAt(entry.singular, `${name}.singular`),
    certified: flagAt(entry.certified, `${name}.certified`),
    copies: entry.copies === undefined ? 1 : numberAt(entry.copies, `${name}.copies`),
  };
}

/** The sum over a list of points, which may be absent. */
function multiplicities(owner: unknown, name: string, list: string): number {
  if (owner === undefined) return 0;
  return listAt(objectAt(owner, name)[list], `${name}.${list}`).reduce((sum: number, point, k) => {
    const at = `${name}.${list}[${k}]`;
    return sum + numberAt(objectAt(point, at).multiplicity, `${at}.multiplicity`);
  }, 0);
}

function numbersOf<Name extends string>(
  fields: Fields,
  names: readonly Name[],
  at: string,
): Record<Name, number> {
  return Object.fromEntries(
    names.map((name) => [name, numberAt(fields[name], `${at}.${name}`)]),
  ) as Record<Name, number>;
}
