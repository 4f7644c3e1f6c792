/** Runs the built `lps` as a user does: a process of its own, its output, its exit code. */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** None outlives the tests, whichever of them gave up waiting. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface CommandResult {
  /** As a shell reports it: 128 + the signal's number when a signal ended the process. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandSettings {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Called with everything standard error has said so far, whenever it says more. */
  readonly onError?: (err: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs `lps` with these arguments. */
export function runCommand(
  words: readonly string[],
  settings: CommandSettings = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], {
      cwd: settings.folder,
      env: { ...process.env, ...settings.environment },
    });
    running.add(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      settings.onError?.(err, (signal) => child.kill(signal));
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 128 + constants.signals[signal!], out, err });
    });
    // A program that refuses its arguments does not read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(settings.input ?? '');
  });
}
