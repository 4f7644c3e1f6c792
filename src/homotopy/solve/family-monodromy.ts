/**
 * All solutions of a family's general member, by monodromy from a few: general members are the nodes of a graph, known
 * solutions are carried along its edges, and may come back as others, until no edge brings anything new (Duff, Hill,
 * Jensen, Lee, Leykin and Sommars 2019).
 *
 * Monodromy acts on each irreducible component by itself: solutions of a component that no seed lies on are never found.
 * Solutions that are images of one another under given maps are carried once.
 */
import { randomStream } from '../../math/random.js';
import type { ParameterValue } from '../../polynomial/family.js';
import type { MonodromyOptions, StartSolutions } from './solve-options.js';
import type { SolveResult } from './solution.js';

export { randomSolution } from './random-solution.js';

type Point = StartSolutions['solutions'][number]['coordinates'];

/** Members that solutions are carried between, each to each. */
const NODES = 4;
const STREAM = 0x60000;
const EDGE_SEED = 15_485_863;
/** Other ways between the members in a row that bring nothing new, before the search ends, and solutions that take them. */
const FRUITLESS = 3;
const SAMPLE = 12;
/** Points are the same when they are this close, relative to 1 + their size. */
const SAME_POINT = 1e-7;

export interface MonodromyResult extends SolveResult {
  /** Solutions that were found of each member that they were carried between, one of each orbit. */
  readonly found: readonly number[];
  /** Whether none was lost: general members have equally many, most of these do, and as many arrived in the end. */
  readonly isComplete: boolean;
}

/** With solutions to begin with. */
type MonodromyFrom = Pick<MonodromyOptions, 'signal'> & {
  readonly monodromy: Omit<MonodromyOptions['monodromy'], 'seed'> & {
    readonly from: StartSolutions;
  };
};

/** Follows solutions from one member to another. */
export type FollowEdge = (
  from: StartSolutions,
  to: readonly ParameterValue[],
  seed: number,
) => Promise<SolveResult>;

/**
 * @param follow along an edge
 * @returns the solutions of the member of `monodromy.from`, one of each orbit
 */
export async function solveByMonodromy(
  { monodromy, signal }: MonodromyFrom,
  seed: number,
  follow: FollowEdge,
): Promise<MonodromyResult> {
  const { from, actions = [], invariants, moving, accepts = () => true } = monodromy;
  const nodes = Array.from(
    { length: NODES },
    (_, k) =>
      new Node(
        k === 0 ? from.parameters : moved(from.parameters, moving, seed, k),
        invariants ? [] : actions,
        invariants ?? null,
      ),
  );
  for (const { coordinates } of from.solutions) nodes[0]!.add(coordinates);
  /** Of each edge: how many solutions of its first node were carried. */
  const carried = new Map<string, number>();
  /** Carries solutions from `first` on along one edge; whether that brought any new one. */
  const carry = async (i: number, j: number, start: StartSolutions, edgeSeed: number) => {
    const { solutions } = await follow(start, nodes[j]!.parameters, edgeSeed + NODES * i + j);
    return solutions.filter(
      ({ coordinates, singular }) =>
        !singular && accepts(coordinates) && nodes[j]!.add(coordinates),
    ).length;
  };
  const edges = nodes.flatMap((_, i) =>
    nodes.flatMap((__, j) => (i === j ? [] : [[i, j] as const])),
  );
  // When all were carried along all edges, other ways between the members are tried with some of them.
  for (let fruitless = 0, pass = 0; fruitless < FRUITLESS && !signal?.aborted; pass++) {
    let found = 0;
    for (const [i, j] of edges) {
      if (signal?.aborted) break;
      const sample = nodes[i]!.solutions(-SAMPLE);
      if (pass > 0) found += await carry(i, j, sample, seed + EDGE_SEED * (pass + 1));
    }
    for (let isNew = true; isNew && !signal?.aborted;) {
      isNew = false;
      for (const [i, j] of edges) {
        const first = carried.get(`${i} ${j}`) ?? 0;
        const { length } = nodes[i]!.orbits;
        if (first === length || signal?.aborted) continue;
        carried.set(`${i} ${j}`, length);
        found += await carry(i, j, nodes[i]!.solutions(first), seed + EDGE_SEED);
        isNew = true;
      }
    }
    fruitless = found > 0 ? 0 : fruitless + 1;
  }
  // From another node, so that each is the end of a path and refined.
  const [base, other] = nodes as [Node, Node];
  const fullest = nodes
    .slice(1)
    .reduce((a, b) => (b.orbits.length > a.orbits.length ? b : a), other);
  const result = await follow(fullest.solutions(0), base.parameters, seed);
  const found = nodes.map(({ orbits }) => orbits.length);
  // General members have equally many. One that is short of some lost the paths that led to it; it lacks nothing itself.
  const most = Math.max(...found);
  const full = found.filter((count) => count === most).length;
  const agree = full > NODES / 2 && result.counts.nonsingular === most;
  const isComplete = agree && !result.partial;
  if (agree || result.partial) return { ...result, found, isComplete };
  return {
    ...result,
    found,
    isComplete,
    warnings: [
      ...result.warnings,
      `the members that solutions were carried between have ${found.join(', ')} solutions, and ${result.counts.nonsingular} arrived in the end: some were lost; try another seed`,
    ],
  };
}

/** A member, and its solutions so far. */
class Node {
  /** One solution of each orbit. */
  readonly orbits: Point[] = [];
  /** All images, or the invariants of each orbit, with a linear form of each that is compared first. */
  private readonly images: { readonly form: readonly [number, number]; readonly point: Point }[] =
    [];

  constructor(
    readonly parameters: readonly ParameterValue[],
    private readonly actions: readonly ((point: Point) => Point)[],
    /** Places of the coordinates that are compared; null for all. */
    private readonly invariants: readonly number[] | null,
  ) {}

  solutions(first: number): StartSolutions {
    return {
      parameters: this.parameters,
      solutions: this.orbits.slice(first).map((coordinates) => ({ coordinates })),
    };
  }

  /** @returns whether it is on a new orbit */
  add(solution: Point): boolean {
    const point = this.invariants?.map((place) => solution[place]!) ?? solution;
    if (this.has(point)) return false;
    this.orbits.push(solution);
    const orbit = [point];
    this.images.push({ form: formOf(point), point });
    for (const image of orbit) {
      for (const action of this.actions) {
        const next = action(image);
        if (this.has(next)) continue;
        this.images.push({ form: formOf(next), point: next });
        orbit.push(next);
      }
    }
    return true;
  }

  private has(point: Point): boolean {
    const size = 1 + Math.max(...point.flat().map(Math.abs));
    const limit = SAME_POINT * size;
    const [re, im] = formOf(point);
    return this.images.some(
      ({ form, point: other }) =>
        Math.abs(form[0] - re) <= limit * point.length &&
        Math.abs(form[1] - im) <= limit * point.length &&
        point.every(
          ([a, b], j) => Math.abs(a - other[j]![0]) <= limit && Math.abs(b - other[j]![1]) <= limit,
        ),
    );
  }
}

/** A linear form with fixed weights of at most 1. */
function formOf(point: Point): [number, number] {
  let [re, im] = [0, 0];
  point.forEach(([a, b], j) => {
    const weight = Math.cos(1 + 2.3 * j);
    re += weight * a;
    im += weight * b;
  });
  return [re, im];
}

/** Other general parameters, of the size of the given ones. */
function moved(
  parameters: readonly ParameterValue[],
  moving: readonly number[] | undefined,
  seed: number,
  node: number,
): ParameterValue[] {
  const random = randomStream(seed, STREAM + node);
  return parameters.map((value, k) => {
    const [re, im] = typeof value === 'number' ? [value, 0] : value;
    const [c, s] = random.unitCircle();
    if (moving && !moving.includes(k)) return value;
    const size = Math.hypot(re, im) || 1;
    return [size * c, size * s];
  });
}
