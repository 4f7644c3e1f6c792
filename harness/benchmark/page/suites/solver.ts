/**
 * Whole solves in the page against PHCpack and Macaulay2 outside it: the same systems, the same
 * total-degree start of the same seed, the number of solutions compared first.
 *
 * Ours is the whole `solve`, of which theirs is only the tracking: no search for the start, no
 * refinement, no clustering.
 */
import { solve } from '../../../../src/homotopy/solve/solve.js';
import { parseSystem } from '../../../../src/polynomial/index.js';
import { compare, type Contender, type Prepared } from '../compare.js';
import type { SuiteContext } from '../suite.js';
import { isWanted, type Agreement, type Fault } from '../types.js';
import type { GpuDevice } from '../../../../src/gpu/index.js';

const SYSTEMS = ['katsura8', 'noon5', 'dense_n4_d3', 'dense_n6_d3'];
const QUICK_SYSTEMS = ['dense_n4_d3'];
/** The project's aims, whole solves against their tracking. */
const AIMS = { 'phc -p': 20, 'Macaulay2 track': 3 };
const BUDGET_MS = 25_000;
/** Seeds of a round: no two rounds share one. */
const SEEDS_PER_ROUND = 1000;

interface Task {
  readonly name: string;
  readonly input: Parameters<typeof parseSystem>[0];
  readonly solutions: number;
  readonly seed: number;
}

/** The GPU stage and what follows it: neither a choice by cost nor an exact count beside it. */
const STAGE = { start: 'total-degree', precision: 'gpu', countMilliseconds: 0 } as const;

/** Runs the suite. */
export async function solverSuite(context: SuiteContext): Promise<void> {
  const { options, host } = context;
  const programs = options.peers
    ? await host.call<{ readonly name: string; readonly version: string }[]>('programs')
    : [];
  if (options.peers && programs.length === 0)
    host.note('solver: neither PHCpack nor Macaulay2 is installed');
  for (const name of options.quick ? QUICK_SYSTEMS : SYSTEMS) {
    const id = `solver/${name}`;
    if (!isWanted(id, options)) continue;
    const system = await host.call<Omit<Task, 'name' | 'seed'>>('system', name);
    const task = { ...system, name, seed: options.seed };
    const row = await compare(
      {
        id,
        title: `all ${system.solutions} solutions of ${name}, total-degree start`,
        contenders: [
          ours(await context.gpu(), task, context.faultOf(id)),
          ...programs.map((program) => outside(context, task, program.name)),
        ],
        aims: AIMS,
      },
      { ...(await context.measuring()), budgetMs: BUDGET_MS },
    );
    await host.row(row);
  }
}

function countAgreement(task: Task, found: number): Agreement {
  return {
    error: Math.abs(found - task.solutions),
    tolerance: 0,
    against: `${task.solutions} known simple solutions`,
  };
}

function ours(gpu: GpuDevice, task: Task, fault: Fault['kind'] | null): Contender {
  return {
    name: 'lps-webgpu',
    role: 'ours',
    executes: 'gpu',
    prepare(): Promise<Prepared> {
      const system = parseSystem(task.input);
      let worst = task.solutions;
      return Promise.resolve({
        async run(repetitions, round) {
          const first = task.seed + SEEDS_PER_ROUND * (round + 2);
          for (let k = 0; k < repetitions; k++) {
            const seed = first + k;
            const { counts, paths } = await solve(gpu, system, { ...STAGE, seed });
            if (counts.nonsingular !== task.solutions || paths.failed > 0)
              throw new Error(
                `seed ${seed}: ${counts.nonsingular} solutions, ${paths.failed} paths undecided`,
              );
            if (fault === 'slow') await solve(gpu, system, { ...STAGE, seed });
            worst = counts.nonsingular;
          }
        },
        check: () => Promise.resolve(countAgreement(task, fault === 'wrong' ? worst + 1 : worst)),
        close: () => undefined,
      });
    },
  };
}

function outside({ host }: SuiteContext, task: Task, name: string): Contender {
  return {
    name,
    role: 'peer',
    executes: 'cpu',
    prepare(): Promise<Prepared> {
      let found = 0;
      let milliseconds = NaN;
      return Promise.resolve({
        async run(_, round) {
          const run = await host.call<{ seconds: number; regular: number } | null>('program', {
            name,
            system: task.name,
            seed: task.seed + SEEDS_PER_ROUND * (round + 2),
          });
          if (!run) throw new Error(`${name} takes too long`);
          found = run.regular;
          milliseconds = 1000 * run.seconds;
        },
        ownCpuMs: () => milliseconds,
        check: () => Promise.resolve(countAgreement(task, found)),
        close: () => undefined,
      });
    },
  };
}
