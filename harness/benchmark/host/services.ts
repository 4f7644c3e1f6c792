/**
 * What suites ask of the host besides the CPU clock: polynomial systems, runs of programs outside
 * the page, sizes of built files.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as lps from '../../internals.js';
import { root } from '../../setup/paths.mjs';
import type { PeerVersion } from '../../generated/result.js';
import { peers as programs, type PeerRun } from '../solver/peers.js';
import { totalDegreeStart } from '../solver/start-system.js';
import { benchmarkSystems, type BenchmarkSystem } from '../solver/systems.js';

/** Longest time for one run of a program. */
const PROGRAM_MS = 30_000;

/** Called by name with one JSON argument; the answer is JSON. */
const services = {
  /** Bytes of the library that a page loads at once: index.js and what it imports, and so on. */
  bundle(): { readonly bytes: number; readonly gzip: number } | null {
    const folder = join(root, 'dist', 'browser');
    if (!existsSync(join(folder, 'index.js'))) return null;
    const files = new Set(['index.js']);
    let bytes = 0;
    let gzip = 0;
    for (const file of files) {
      const content = readFileSync(join(folder, file));
      bytes += content.length;
      gzip += gzipSync(content).length;
      // Not the files that import() loads on demand: those have a parenthesis.
      for (const [, name] of content.toString().matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
        files.add(name!);
    }
    return { bytes, gzip };
  },

  system(name: string): Pick<BenchmarkSystem, 'input' | 'solutions'> {
    const found = benchmarkSystems().find((system) => system.name === name);
    if (!found) throw new RangeError(`the benchmark has no system "${name}"`);
    return { input: found.input, solutions: found.solutions };
  },

  /** Programs that are installed. */
  programs(): PeerVersion[] {
    return programs.flatMap(({ name, version }) => {
      const found = version();
      return found ? [{ name, version: found.split('\n')[0]! }] : [];
    });
  },

  /** One run of a program on our start system; null when it took too long. */
  program(request: {
    readonly name: string;
    readonly system: string;
    readonly seed: number;
  }): PeerRun | null {
    const program = programs.find(({ name }) => name === request.name);
    if (!program) throw new RangeError(`the benchmark has no program "${request.name}"`);
    const system = lps.parseSystem(services.system(request.system).input);
    return program.run(system, totalDegreeStart(system, request.seed), PROGRAM_MS);
  },
};

/** Calls a service by its name. */
export function callService(name: string, argument: unknown): unknown {
  const service = (services as Record<string, ((argument: never) => unknown) | undefined>)[name];
  if (!service) throw new RangeError(`the benchmark's host has no service "${name}"`);
  return service(argument as never);
}
