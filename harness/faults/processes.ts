/** The built command line as processes that can be killed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';

export interface Ended {
  /** Null after a signal. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly milliseconds: number;
}

/** dist/cli.js, beside this code or a folder above. */
const program = ['./cli.js', '../cli.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))!;

/**
 * Runs `lps` with these words.
 *
 * @param killAfter milliseconds to SIGKILL; never when left out
 */
export function runLps(
  words: readonly string[],
  { folder, killAfter }: { readonly folder: string; readonly killAfter?: number },
): Promise<Ended> {
  return new Promise((resolve) => {
    const begin = performance.now();
    const child = spawn(process.execPath, [program, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer =
      killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out, err, milliseconds: performance.now() - begin });
    });
  });
}
