/** The version of this package. */
import { readFileSync } from 'node:fs';

/** The manifest lies one folder above the bundle (dist/). */
export function packageVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
