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
  /** Bytes of the library that a page loads at once: index.js and what it imports, and so on. */
  bundle() {
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
        files.add(name);
    }
    return { bytes, gzip };
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
    const lps = await import(pathToFileURL(join(root, 'dist', 'internals', 'index.js')).href);
    const { input } = services.system(systemName);
    const system = lps.parseSystem(input);
    const start = totalDegreeStart(lps, system, seed);
    return programs.find((program) => program.name === name).run(lps, system, start, PROGRAM_MS);
  },
};
