/** The base sets that the package ships, as the command line finds them. */
import { existsSync, readFileSync } from 'node:fs';
import { baseSetsFrom } from '../../../../src/minima/strata/stored-base-set.js';

export const shippedBaseSet = baseSetsFrom((name) => {
  const path = new URL(`../../../../data/families/${name}`, import.meta.url);
  return Promise.resolve(existsSync(path) ? readFileSync(path, 'utf8') : null);
});
