/** What the built package has beside this code, in dist/, and above it. */
import { readFileSync } from 'node:fs';

/** The version of this package. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/**
 * The work of a command that is the harness's; only its options are in this folder.
 *
 * @param name of the command, and of its file (harness/tools.mjs)
 */
export async function loadTool<Tool>(name: 'bench' | 'verify' | 'soak'): Promise<Tool> {
  return (await import(new URL(`./${name}.js`, import.meta.url).href)) as Tool;
}
