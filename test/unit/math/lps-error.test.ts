import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '..', '..', '..', 'src');

it('every error of the library extends LpsError, whose kind decides the exit code', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const classes = files
    .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
    .flatMap((file) =>
      Array.from(
        readFileSync(join(source, file), 'utf8').matchAll(/\bclass (\w+) extends Error\b/g),
        ([, name]) => name,
      ),
    );
  expect(classes).toEqual(['LpsError']);
});
