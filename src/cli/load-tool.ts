/**
 * The two commands whose work is the harness's: only their options are in this folder. A checkout has
 * their tools, built beside this code; the published package has not.
 */
import { existsSync } from 'node:fs';
import { UsageError } from './errors.js';

/**
 * @param name of the command, and of its file in dist/internals (harness/tools.mjs)
 * @param noun what the command runs, for the message
 * @throws UsageError in the published package
 */
export async function loadTool<Tool>(name: 'bench' | 'verify', noun: string): Promise<Tool> {
  const url = new URL(`./internals/${name}.js`, import.meta.url);
  if (!existsSync(url)) {
    throw new UsageError(
      `the ${noun} is not part of the published package: clone the repository and run "npm run ${name}" there`,
    );
  }
  return (await import(url.href)) as Tool;
}
