/**
 * What suites ask of the host besides the CPU clock: polynomial systems, runs of programs outside
 * the page, sizes of built files.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root } from '../../setup/paths.mjs';
import { peers as programs } from '../solver/peers.mjs';
import { totalDegreeStart } from '../solver/start-system.mjs';
import { benchmarkSystems } from '../solver/systems.mjs';

/** Longest time for one run of a program. */
const PROGRAM_MS = 30_000;

/** Called by name with one JSON argument; the answer is JSON. */
export const services = {
  /** Bytes of the library as a page loads it. */
  bundle() {
    const file = join(root, 'dist', 'browser', 'index.js');
    if (!existsSync(file)) return null;
    const bytes = readFileSync(file);
    return { bytes: bytes.length, gzip: gzipSync(bytes).length };
  },

  /** @param {string} name @returns {{ input: object, solutions: number }} */
  system(name) {
    const found = benchmarkSystems().find((system) => system.name === name);
    if (!found) throw new RangeError(`the benchmark has no system "${name}"`);
    return { input: found.input, solutions: found.solutions };
  },

  /** @returns {{ name: string, version: string }[]} programs that are installed */
  programs() {
    return programs.flatMap(({ name, version }) => {
      const found = version();
      return found ? [{ name, version: found.split('\n')[0] }] : [];
    });
  },

  /**
   * One run of a program on our start system.
   * @returns {Promise<{ seconds: number, paths: number, regular: number } | null>} null when it took too long
   */
  async program({ name, system: systemName, seed }) {
    const lps = await import(pathToFileURL(join(root, 'dist', 'index.js')).href);
    const { input } = services.system(systemName);
    const system = lps.parseSystem(input);
    const start = totalDegreeStart(lps, system, seed);
    return programs.find((program) => program.name === name).run(lps, system, start, PROGRAM_MS);
  },
};
