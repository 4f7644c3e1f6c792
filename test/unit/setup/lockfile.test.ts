/**
 * Believed afterwards: `npm ci` accepts the lockfile on every platform. The truth is npm's rule that
 * each dependency, optional ones of other platforms included, has its entry; a registry without the
 * packages of other platforms makes `npm install` leave them out, and `npm ci` then fails everywhere.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly engines?: { readonly node?: string };
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, LockedPackage>;
};

/** Where npm finds `name` for the package at `path`: its own folder, then those around it. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (`${folder ? `${folder}/` : ''}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

it('has an entry for every dependency of every package', () => {
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter((name) => !isLocked(path, name))
      .map((name) => `${path} needs ${name}`),
  );
  expect(missing).toEqual([]);
});

it('pins exact versions only', () => {
  const own = packages['']!;
  for (const [name, version] of Object.entries({
    ...own.dependencies,
    ...own.optionalDependencies,
  }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
});

it('knows the licence and the hash of every package', () => {
  const licences = new Set(
    'MIT ISC BSD-2-Clause BSD-3-Clause 0BSD Apache-2.0 MPL-2.0 BlueOak-1.0.0 Python-2.0 WTFPL'.split(
      ' ',
    ),
  );
  const unknown = Object.entries(packages).filter(
    ([path, { license = 'none' }]) =>
      path !== '' &&
      !license
        .replaceAll(/[()]/g, '')
        .split(/ (?:OR|AND) /)
        .every((name) => licences.has(name)),
  );
  expect(unknown).toEqual([]);
  const unhashed = Object.entries(packages)
    .filter(([path, { integrity }]) => path !== '' && integrity === undefined)
    .map(([path]) => path);
  // Builds for other platforms than that of the registry's mirror.
  expect(unhashed.filter((path) => !path.startsWith('node_modules/@deno/'))).toEqual([]);
});
