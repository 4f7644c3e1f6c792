/**
 * Where solved families are kept: a cache folder of the user, and the ones that come with the
 * package (data/families/, made by harness/families.mjs).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../data/cache-file.js';
import type { SolvedMember } from '../homotopy/index.js';
import type { NetworkFamily } from '../minima/network-family.js';
import { decodeBase, describeFamily } from '../minima/solved-family.js';
import { baseSetsFrom } from '../minima/strata/stored-base-set.js';

export interface StoredBase {
  readonly base: SolvedMember;
  /** The file it came from. */
  readonly path: string;
  readonly shipped: boolean;
}

/** Beside dist/, where this code is bundled. */
function shippedFolder(): string {
  return fileURLToPath(new URL('../data/families/', import.meta.url));
}

/** `1-2-1-bias-true-degree-2-1a2b3c4d.json`: the digest is of the activation's coefficients. */
export function familyFileName(family: NetworkFamily): string {
  const { layers, bias, activation } = describeFamily(family);
  const digest = createHash('sha256').update(activation.join()).digest('hex').slice(0, 8);
  const biases = { true: 'all', output: 'output', false: 'no' }[String(bias)]!;
  return `${layers.join('-')}-${biases}-bias-degree-${family.degree}-${digest}.json`;
}

/**
 * The solved member of a family, the user's own before the shipped one.
 *
 * @returns null when there is none
 * @throws FamilyFileError when its file is damaged
 */
export function findBase(family: NetworkFamily): StoredBase | null {
  const name = familyFileName(family);
  for (const folder of [cacheFolder(), shippedFolder()]) {
    const path = join(folder, name);
    if (existsSync(path)) {
      const base = decodeBase(readFileSync(path, 'utf8'), family, path);
      return { base, path, shipped: folder === shippedFolder() };
    }
  }
  return null;
}

/** The shipped base sets of strata. */
export const findBaseSet = baseSetsFrom((name) => {
  const path = join(shippedFolder(), name);
  return Promise.resolve(existsSync(path) ? readFileSync(path, 'utf8') : null);
});
