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
import type { Way } from './follow-members.js';
import type { SolveResult } from './solution.js';

export { randomSolution } from './random-solution.js';

export type Point = StartSolutions['solutions'][number]['coordinates'];

/**
 * Members that solutions are carried between, each to each and back the same way, which those need not take that came by it:
 * six ways, three independent loops.
 */
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
export type MonodromyFrom = Pick<MonodromyOptions, 'signal' | 'certify' | 'onProgress'> & {
  readonly monodromy: Omit<MonodromyOptions['monodromy'], 'seed' | 'trace'> & {
    readonly from: StartSolutions;
  };
};

export interface EdgeOptions extends Way {
  readonly certify?: boolean;
}

/** Follows solutions from one member to another. */
export type FollowEdge = (
  from: StartSolutions,
  to: readonly ParameterValue[],
  options: EdgeOptions,
) => Promise<SolveResult>;

/**
 * @param follow along an edge
 * @returns the solutions of the member of `monodromy.from`, one of each orbit
 */
export async function solveByMonodromy(
  { monodromy, signal, certify = false, onProgress }: MonodromyFrom,
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
  let carried = 0;
  const carry = async (start: StartSolutions, to: Node, options: EdgeOptions) => {
    const { solutions } = await follow(start, to.parameters, options);
    const arrived = solutions
      .filter(({ coordinates, singular }) => !singular && accepts(coordinates))
      .map(({ coordinates }) => to.add(coordinates));
    carried += start.solutions.length;
    const found = Math.max(...nodes.map(({ orbits }) => orbits.length));
    onProgress?.({ stage: 'carrying', found, carried });
    return arrived;
  };
  const edges = nodes.flatMap((from, i) =>
    nodes.slice(i + 1).map((to, k) => new Edge(from, to, seed + EDGE_SEED + NODES * i + i + 1 + k)),
  );
  const countAll = () => nodes.reduce((sum, { orbits }) => sum + orbits.length, 0);
  // When all were carried along all edges, other ways between the members are tried with some of them.
  for (let fruitless = 0, pass = 0; fruitless < FRUITLESS && !signal?.aborted; pass++) {
    const before = countAll();
    for (const edge of pass > 0 ? edges : []) {
      for (const isReversed of [false, true]) {
        if (signal?.aborted) break;
        const [from, to] = edge.ends(isReversed);
        const other = edge.seed + EDGE_SEED * (2 * pass + (isReversed ? 1 : 0));
        await carry(from.solutions(from.last(SAMPLE)), to, { seed: other });
      }
    }
    for (let isDone = false; !isDone && !signal?.aborted;) {
      isDone = true;
      for (const edge of edges) {
        for (const isReversed of [false, true]) {
          const [from, to] = edge.ends(isReversed);
          const waiting = edge.waiting(from);
          if (waiting.length === 0 || signal?.aborted) continue;
          isDone = false;
          const arrived = await carry(from.solutions(waiting), to, { seed: edge.seed, isReversed });
          edge.note(from, waiting);
          edge.note(to, arrived);
        }
      }
    }
    fruitless = countAll() > before ? 0 : fruitless + 1;
  }
  // From another node, so that each is the end of a path and refined.
  const [base, other] = nodes as [Node, Node];
  const fullest = nodes
    .slice(1)
    .reduce((a, b) => (b.orbits.length > a.orbits.length ? b : a), other);
  const result = await follow(fullest.solutions(fullest.last(Infinity)), base.parameters, {
    seed,
    certify,
  });
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

/** All images of points under the group that maps generate. */
export function closedUnder(
  points: readonly Point[],
  actions: readonly ((point: Point) => Point)[],
): Point[] {
  const all = new Node([], [], null);
  const waiting = [...points];
  for (const point of waiting) {
    const before = all.orbits.length;
    all.add(point);
    if (all.orbits.length > before) waiting.push(...actions.map((action) => action(point)));
  }
  return all.orbits;
}

/** One way between two members, and which of their solutions have gone it, or come by it. */
class Edge {
  private readonly gone: readonly [Set<number>, Set<number>] = [new Set(), new Set()];

  constructor(
    private readonly first: Node,
    private readonly second: Node,
    readonly seed: number,
  ) {}

  ends(isReversed: boolean): readonly [Node, Node] {
    return isReversed ? [this.second, this.first] : [this.first, this.second];
  }

  /** Solutions of a node that have yet to go. */
  waiting(node: Node): number[] {
    const gone = this.of(node);
    return [...node.orbits.keys()].filter((index) => !gone.has(index));
  }

  note(node: Node, indices: readonly number[]): void {
    const gone = this.of(node);
    for (const index of indices) gone.add(index);
  }

  private of(node: Node): Set<number> {
    return this.gone[node === this.first ? 0 : 1];
  }
}

/** A member, and its solutions so far. */
class Node {
  /** One solution of each orbit. */
  readonly orbits: Point[] = [];
  /** All images, or the invariants of each orbit, with a linear form of each that is compared first. */
  private readonly images: {
    readonly form: readonly [number, number];
    readonly point: Point;
    readonly orbit: number;
  }[] = [];

  constructor(
    readonly parameters: readonly ParameterValue[],
    private readonly actions: readonly ((point: Point) => Point)[],
    /** Places of the coordinates that are compared; null for all. */
    private readonly invariants: readonly number[] | null,
  ) {}

  solutions(indices: readonly number[]): StartSolutions {
    return {
      parameters: this.parameters,
      solutions: indices.map((index) => ({ coordinates: this.orbits[index]! })),
    };
  }

  /** The newest. */
  last(count: number): number[] {
    return [...this.orbits.keys()].slice(-count);
  }

  /** @returns the number of its orbit, a new one when it is on none that is known */
  add(solution: Point): number {
    const point = this.invariants?.map((place) => solution[place]!) ?? solution;
    const known = this.find(point);
    if (known !== undefined) return known;
    const index = this.orbits.push(solution) - 1;
    const keep = (image: Point) =>
      this.images.push({ form: formOf(image), point: image, orbit: index });
    keep(point);
    const orbit = [point];
    for (const image of orbit) {
      for (const action of this.actions) {
        const next = action(image);
        if (this.find(next) !== undefined) continue;
        keep(next);
        orbit.push(next);
      }
    }
    return index;
  }

  private find(point: Point): number | undefined {
    const size = 1 + Math.max(...point.flat().map(Math.abs));
    const limit = SAME_POINT * size;
    const [re, im] = formOf(point);
    return this.images.find(
      ({ form, point: other }) =>
        Math.abs(form[0] - re) <= limit * point.length &&
        Math.abs(form[1] - im) <= limit * point.length &&
        point.every(
          ([a, b], j) => Math.abs(a - other[j]![0]) <= limit && Math.abs(b - other[j]![1]) <= limit,
        ),
    )?.orbit;
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
