/**
 * Believed afterwards: a solve that goes on from its journal, wherever that was cut off, gives what an
 * uninterrupted one gives, and so do shares of it put together. The truth: the uninterrupted solve.
 */
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { UsageError } from '../../../src/cli/errors.js';
import { PathLog, PathLogs, pathsIn } from '../../../src/cli/path-log.js';
import {
  solve,
  type PathJournal,
  type SolveOptions,
  type SolveResult,
} from '../../../src/homotopy/index.js';
import { parseSystem } from '../../../src/polynomial/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-log-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Simple solutions, a double one, a multiple one, paths to infinity. */
const systems = [
  'x^3 - y\ny^3 - x*y - 1',
  '(x - 1)^2*(x + y)\ny^2 - x',
  'x*y*z - 1\nx^2 - y*z\n(x - y)*(z - 2)',
].map((text) => parseSystem(text));

const run = async (system: (typeof systems)[number], options: SolveOptions = {}) => {
  const { timing: _, ...rest } = await solve(null, system, { seed: 3, certify: true, ...options });
  return rest;
};
const log = (path: string): PathLog =>
  new PathLog(path, (reason) => {
    throw new Error(reason);
  });

describe('a journal of paths', () => {
  it('gives the result again, cut off anywhere', async () => {
    for (const [k, system] of systems.entries()) {
      const whole = join(folder, `whole-${k}`);
      const expected = await run(system);
      expect(await run(system, { journal: log(whole) })).toEqual(expected);
      const bytes = readFileSync(whole);
      const header = bytes.indexOf(0x0a) + 1;
      const cut = fc.integer({ min: header, max: bytes.length });
      await fc.assert(
        fc.asyncProperty(cut, async (length) => {
          const path = join(folder, 'cut');
          writeFileSync(path, bytes.subarray(0, length));
          expect(await run(system, { journal: log(path) })).toEqual(expected);
          // And what it wrote then is whole.
          expect(await run(system, { journal: log(path) })).toEqual(expected);
        }),
        { numRuns: 4 },
      );
    }
  });

  it('begins anew in a file that was killed before its first line', async () => {
    const path = join(folder, 'empty');
    writeFileSync(path, '');
    const expected = await run(systems[0]!);
    expect(await run(systems[0]!, { journal: log(path) })).toEqual(expected);
    expect([...pathsIn(path)].length).toBeGreaterThan(0);
  });

  it('drops what does not have its checksum', async () => {
    const [system] = systems;
    const path = join(folder, 'flipped');
    const expected = await run(system!, { journal: log(path) });
    const bytes = readFileSync(path);
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(path, bytes);
    const before = [...pathsIn(path)].reduce((sum, ids) => sum + ids.length, 0);
    expect(before).toBeLessThan(expected.paths.tracked + 1);
    expect(await run(system!, { journal: log(path) })).toEqual(expected);
  });

  it('is refused by another solve, and a file that is none', async () => {
    const [one, other] = systems;
    const path = join(folder, 'one');
    await run(one!, { journal: log(path) });
    await expect(run(other!, { journal: log(path) })).rejects.toThrow(/another solve/);
    await expect(run(one!, { journal: log(path), seed: 4 })).rejects.toThrow(UsageError);
    const random = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(random, (bytes) => {
        writeFileSync(join(folder, 'none'), bytes);
        expect(() => [...pathsIn(join(folder, 'none'))]).toThrow(UsageError);
      }),
      { numRuns: 100 },
    );
    copyFileSync(path, join(folder, 'longer'));
    appendFileSync(join(folder, 'longer'), Buffer.alloc(64, 0xff));
    expect([...pathsIn(join(folder, 'longer'))]).toEqual([...pathsIn(path)]);
  });
});

describe('shares', () => {
  it('put together give the whole', async () => {
    for (const [k, system] of systems.entries()) {
      const expected = await run(system);
      const of = 3;
      const paths: string[] = [];
      let tracked = 0;
      for (let index = 1; index <= of; index++) {
        const path = join(folder, `share-${k}-${index}`);
        paths.push(path);
        const part = await run(system, { journal: log(path), shard: { index, of } });
        expect(part.solutions).toEqual([]);
        tracked += part.paths.tracked;
      }
      expect(tracked).toBe(expected.start.paths);
      const journal: PathJournal = new PathLogs(paths);
      const merged: Omit<SolveResult, 'timing'> = await run(system, { journal });
      expect(merged).toEqual(expected);
    }
  });
});
