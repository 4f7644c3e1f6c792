/**
 * Believed afterwards: whatever is fed to a reader, it reads it or throws an LpsError that is no mistake of ours. Truth:
 * the kind of what it throws. `npm run fuzz` does the same with 20,000 others for each.
 */
import { expect, it } from 'vitest';
import { fuzzReader, READERS } from '../../../harness/faults/readers.js';

const SEED = 20261127;

it.each(READERS.map((reader) => [reader.name, reader] as const))(
  'answers spoilt inputs: %s',
  async (_, reader) => {
    // What it reads unspoilt, so that something is tried.
    for (const seed of reader.seeds) {
      const error = await new Promise((resolve) => {
        resolve(reader.read(seed as never));
      }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeNull();
    }
    await fuzzReader(reader, 300, SEED);
  },
);
