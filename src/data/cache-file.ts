/** Where this user's files are kept between runs (Node only). */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** $LPS_CACHE, else lps-webgpu in the XDG cache folder. */
export function cacheFolder(): string {
  const own = variable('LPS_CACHE');
  return own ?? join(variable('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'lps-webgpu');
}

/** The folder that a data set is downloaded into. */
export function dataCacheFolder(name: string): string {
  return join(cacheFolder(), 'data', name);
}

/** An environment variable; one that is set to nothing counts as not set. */
function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}
